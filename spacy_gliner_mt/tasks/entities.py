"""Entities: spans of the labels, for doc.ents and a span group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from spacy.attrs import ENT_IOB, ENT_TYPE
from spacy.tokens import Doc, Span

from ..decoding import select_spans
from ..settings import ExistingEnts, Settings
from ..types import Query, Spans
from .scores import find_score, write_group


@dataclass(frozen=True)
class EntityTask:
    """Named entities.

    settings: those in force for the Doc.
    """

    settings: Settings

    def queries(self) -> tuple[Query, ...]:
        prompts = self.settings.prompts
        if not prompts:
            return ()
        return (
            Query(
                labels=tuple(prompts.values()),
                thresholds=self.settings.label_thresholds,
                span_score=self.settings.span_score,
                nested=self.settings.nested,
                multi_label=self.settings.multi_label,
            ),
        )

    def annotate(self, doc: Doc, answers: Sequence[Spans]) -> None:
        names = list(self.settings.prompts)
        (spans,) = answers
        found = [
            Span(doc, start, end, label=names[label])
            for start, end, label in zip(
                spans.start.tolist(), spans.end.tolist(), spans.label.tolist(), strict=True
            )
        ]
        write_group(doc, self.settings.spans_key, found, spans.score)
        _set_ents(doc, found, spans.score, self.settings.existing_ents)


def _set_ents(doc: Doc, found: list[Span], scores: np.ndarray, policy: ExistingEnts) -> None:
    """Add spans to doc.ents, where no overlap is allowed.

    scores (spans,): of the spans found.
    policy: what becomes of entities that are there already and overlap.
    """
    blocked = _blocked_tokens(doc)
    existing = list(doc.ents)
    rank = {"keep": lambda _: 2.0, "overwrite": lambda _: -1.0, "score": _score_or_certain}[policy]
    # What must not be written over outranks any probability.
    ranks = [*[3.0] * len(blocked), *map(rank, existing), *scores.tolist()]
    spans = [*blocked, *existing, *found]
    chosen = select_spans(
        Spans(
            start=np.array([span.start for span in spans], dtype=np.int64),
            end=np.array([span.end for span in spans], dtype=np.int64),
            label=np.arange(len(spans)),
            score=np.array(ranks, dtype=np.float32),
        ),
        Query(labels=(), thresholds=np.zeros(0, dtype=np.float32)),
    )
    ents = [spans[index] for index in chosen.label.tolist() if index >= len(blocked)]
    doc.set_ents(ents, blocked=blocked)


def _score_or_certain(span: Span) -> float:
    score = find_score(span)
    return 1.0 if score is None else score


def _blocked_tokens(doc: Doc) -> list[Span]:
    """Tokens that some component has forbidden to be entities: begun, but of no type."""
    iob, type_ = doc.to_array([ENT_IOB, ENT_TYPE]).reshape(-1, 2).T
    return [doc[index : index + 1] for index in np.flatnonzero((iob == 3) & (type_ == 0)).tolist()]
