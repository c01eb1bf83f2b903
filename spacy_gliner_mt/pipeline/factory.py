"""The factory: makes the component from a pipeline's config."""

# No postponed annotations: spaCy reads them when the factory is registered.
from collections.abc import Callable
from typing import Optional

from spacy.language import Language

from ..models.architecture import GlinerModel
from ..settings import Alignment, ExistingEnts, Labels, Overflow, Settings, Splitter
from ..types import SpanScore
from .gliner_multitask import GlinerMultitask


@Language.factory(
    "gliner_multitask",
    assigns=[
        "doc.ents",
        "token.ent_iob",
        "token.ent_type",
        "doc.spans",
        "doc._.gliner_report",
        "span._.score",
    ],
    default_config={
        **Settings.defaults(),
        "model": {"@architectures": "spacy-gliner-mt.GlinerMultitask.v1"},
        "scorer": {"@scorers": "spacy-gliner-mt.scorer.v1"},
    },
    default_score_weights={"ents_f": 1.0, "ents_p": 0.0, "ents_r": 0.0, "ents_per_type": None},
)
def make_gliner_multitask(
    nlp: Language,
    name: str,
    model: GlinerModel,
    scorer: Optional[Callable],
    labels: Labels,
    threshold: float,
    thresholds: dict[str, float],
    span_score: SpanScore,
    nested: bool,
    multi_label: bool,
    spans_key: str,
    existing_ents: ExistingEnts,
    alignment_mode: Alignment,
    word_splitter: Splitter,
    max_labels_per_pass: int,
    window_overlap: int,
    on_overflow: Overflow,
) -> GlinerMultitask:
    """Make the component. Its settings are described in `settings.Settings`.

    model (Model[list[ModelInput], list[Floats3d]]): From inputs to logits.
    scorer (Optional[Callable]): The scoring method.
    """
    return GlinerMultitask(
        nlp.vocab,
        model,
        name,
        scorer=scorer,
        labels=labels,
        threshold=threshold,
        thresholds=thresholds,
        span_score=span_score,
        nested=nested,
        multi_label=multi_label,
        spans_key=spans_key,
        existing_ents=existing_ents,
        alignment_mode=alignment_mode,
        word_splitter=word_splitter,
        max_labels_per_pass=max_labels_per_pass,
        window_overlap=window_overlap,
        on_overflow=on_overflow,
    )
