"""Entities: spans of the labels, for doc.ents and a span group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from spacy.attrs import ENT_IOB, ENT_TYPE
from spacy.tokens import Doc, Span

from ..decoding import select_spans
from ..settings import ExistingEnts, Settings
from ..types import Answer, Floats, Query, Spans
from .base import Answers
from .groups import find_score, make_spans, write_group

NAME = "entities"


@dataclass(frozen=True)
class EntityTask:
    """Named entities, of given labels or open."""

    settings: Settings
    name = NAME
    needs = ()

    def queries(self, doc: Doc, answers: Answers) -> Sequence[Query] | None:
        settings, prompts = self.settings, self.settings.label_prompts
        if not prompts:
            return None
        return [
            Query(
                labels=tuple(prompts.values()),
                thresholds=settings.thresholds_of(prompts, settings.threshold),
                targets=tuple(prompts),
                span_score=settings.span_score,
                nested=settings.nested,
                multi_label=settings.multi_label,
            )
        ]

    def annotate(self, doc: Doc, answers: Sequence[Answer]) -> None:
        (answer,) = answers
        found = make_spans(doc, answer.spans, answer.query.targets)
        existing = [(ent, find_score(ent)) for ent in doc.ents]
        write_group(doc, self.settings.spans_key, found, answer.spans.score)
        _set_ents(doc, existing, found, answer.spans.score, self.settings.existing_ents)


def _set_ents(
    doc: Doc,
    existing: list[tuple[Span, float | None]],
    found: list[Span],
    scores: Floats,
    policy: ExistingEnts,
) -> None:
    """Put spans into doc.ents, where no overlap is allowed.

    existing: entities that are there already, with their scores.
    scores (spans,): of the spans found.
    policy: what becomes of existing entities that overlap.
    """
    blocked = _blocked_tokens(doc)
    # An entity without a score is certain; probabilities end at 1.
    ranks = {"keep": 2.0, "overwrite": -1.0}
    ranked = [ranks.get(policy, 1.0 if score is None else score) for _, score in existing]
    spans = [*blocked, *(ent for ent, _ in existing), *found]
    chosen = select_spans(
        Spans(
            start=np.array([span.start for span in spans], dtype=np.int64),
            end=np.array([span.end for span in spans], dtype=np.int64),
            label=np.arange(len(spans)),
            score=np.array([*[3.0] * len(blocked), *ranked, *scores.tolist()], dtype=np.float32),
        ),
        Query(labels=(), thresholds=np.zeros(0, dtype=np.float32)),
    )
    doc.set_ents([spans[i] for i in chosen.label.tolist() if i >= len(blocked)], blocked=blocked)


def _blocked_tokens(doc: Doc) -> list[Span]:
    """Tokens that some component has forbidden to be entities: begun, but of no type."""
    iob, type_ = doc.to_array([ENT_IOB, ENT_TYPE]).reshape(-1, 2).T
    return [doc[index : index + 1] for index in np.flatnonzero((iob == 3) & (type_ == 0)).tolist()]
