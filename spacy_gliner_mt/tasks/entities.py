"""Entities: spans of the labels, for doc.ents and a span group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from spacy.attrs import ENT_IOB, ENT_TYPE
from spacy.tokens import Doc, Span

from ..decoding import select_spans
from ..errors import Errors
from ..gold import Gold
from ..settings import ExistingEnts, Settings
from ..types import Answer, Floats, Ints, Query, Spans
from .base import Answers
from .gold import mark_labels
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

    def gold(self, doc: Doc) -> Sequence[Gold] | None:
        queries = self.queries(doc, {})
        annotated = read_entities(doc, self.settings.spans_key)
        incorrect = doc.spans.get(self.settings.incorrect_spans_key or "", ())
        if queries is None or (annotated is None and not incorrect):
            return None
        (query,) = queries
        labels = {name: index for index, name in enumerate(query.targets)}
        spans, left_out = mark_labels(annotated or (), labels)
        wrong, wrong_left_out = mark_labels(incorrect, labels)
        if both := {(ent.start, ent.end, ent.label_) for ent in annotated or ()} & {
            (span.start, span.end, span.label_) for span in incorrect
        }:
            raise ValueError(Errors.GM080.format(spans=sorted(both), key=self.settings.incorrect_spans_key))
        return [
            Gold(
                query,
                spans=spans,
                wrong=wrong,
                unknown=_unknown(doc, self.settings.spans_key),
                kind=NAME,
                names=query.targets,
                prefixes=("",) * len(query.labels),
                left_out=left_out + wrong_left_out,
            )
        ]


def read_entities(doc: Doc, spans_key: str) -> Sequence[Span] | None:
    """The annotated entities of a reference, those of the span group if it has that; None if
    nobody said which there are."""
    if spans_key in doc.spans:
        return tuple(doc.spans[spans_key])
    return doc.ents if doc.has_annotation("ENT_IOB") else None


def _unknown(doc: Doc, spans_key: str) -> Ints:
    """Characters of the tokens of which nobody said whether they belong to an entity (tokens, 2)."""
    unknown = [] if spans_key in doc.spans else [token for token in doc if token.ent_iob == 0]
    bounds = [(token.idx, token.idx + len(token)) for token in unknown]
    return np.array(bounds, dtype=np.int64).reshape(-1, 2)


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
