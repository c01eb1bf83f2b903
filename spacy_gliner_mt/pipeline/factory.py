"""The factory: makes the component from a pipeline's config."""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, Signature
from typing import Any, Optional, get_type_hints

from spacy.language import Language

from ..models.architecture import GlinerModel
from ..settings import Settings
from ..training.sampling import LabelSampler
from .gliner_multitask import GlinerMultitask


def make_gliner_multitask(
    nlp: Language,
    name: str,
    model: GlinerModel,
    scorer: Optional[Callable],
    loss: Callable,
    sampler: LabelSampler,
    **settings: Any,
) -> GlinerMultitask:
    """Make the component.

    nlp (Language): The pipeline.
    name (str): The component's name.
    model (Model[list[ModelInput], list[Floats3d]]): From inputs to logits.
    scorer (Optional[Callable]): The scoring method.
    loss (Callable): From logits, targets, a mask and the number of targets that count to the loss.
    sampler (LabelSampler): Chooses the labels that a text is asked for in training.
    settings (Any): All fields of `settings.Settings`.
    """
    return GlinerMultitask(nlp.vocab, model, name, scorer=scorer, loss=loss, sampler=sampler, **settings)


def _spelled_out() -> Signature:
    """The factory's signature with every setting in it: spaCy checks a config against it. The
    settings and their types have their one home in the dataclass."""
    hints = {**get_type_hints(make_gliner_multitask), **get_type_hints(Settings)}
    names = ("nlp", "name", "model", "scorer", "loss", "sampler", *Settings.defaults())
    return Signature(
        [Parameter(name, Parameter.KEYWORD_ONLY, annotation=hints[name]) for name in names],
        return_annotation=GlinerMultitask,
    )


make_gliner_multitask.__signature__ = _spelled_out()

Language.factory(
    "gliner_multitask",
    func=make_gliner_multitask,
    assigns=[
        "doc.ents",
        "token.ent_iob",
        "token.ent_type",
        "doc.spans",
        "doc.cats",
        "doc._.relations",
        "doc._.clean_text",
        "doc._.gliner_report",
        "span._.score",
    ],
    default_config={
        **Settings.defaults(),
        "model": {"@architectures": "spacy-gliner-mt.GlinerMultitask.v1"},
        "scorer": {"@scorers": "spacy-gliner-mt.scorer.v1"},
        "loss": {"@misc": "spacy-gliner-mt.BinaryLoss.v1"},
        "sampler": {"@misc": "spacy-gliner-mt.LabelSampler.v1"},
    },
    # The same for every task; those without annotation take no part. `spacy train` shows all but None.
    default_score_weights={
        "ents_f": 0.25,
        "ents_p": 0.0,
        "ents_r": 0.0,
        "ents_per_type": None,
        "ents_macro_f": None,
        "ents_partial_f": None,
        "ents_partial_p": None,
        "ents_partial_r": None,
        "relations_f": 0.25,
        "relations_p": 0.0,
        "relations_r": 0.0,
        "relations_per_type": None,
        "relations_tails_em": None,
        "relations_tails_f": None,
        "answers_f": 0.25,
        "answers_em": 0.0,
        "answers_has_em": None,
        "answers_has_f": None,
        "answers_no_acc": 0.0,
        "summary_rougeL": 0.25,
        "summary_rouge1": None,
        "summary_rouge2": None,
    },
)
