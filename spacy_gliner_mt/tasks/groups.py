"""Span groups with scores: written where spancat writes them, and read back for any span."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from spacy.tokens import Doc, Span, SpanGroup

from ..types import Floats, Spans


def make_spans(doc: Doc, spans: Spans, labels: Sequence[str], span_id: str = "") -> list[Span]:
    """spaCy's spans for ours.

    spans: in tokens.
    labels: names of the labels that the spans point to.
    span_id: kept with every span, as `Span.id_`.
    """
    bounds = zip(spans.start.tolist(), spans.end.tolist(), spans.label.tolist(), strict=True)
    return [Span(doc, start, end, label=labels[label], span_id=span_id) for start, end, label in bounds]


def write_group(doc: Doc, key: str, spans: list[Span], scores: Floats, **attrs: Any) -> None:
    """Make a span group that keeps scores.

    key: in doc.spans.
    scores (spans,): probabilities.
    attrs: what else is kept with the group.
    """
    doc.spans[key] = SpanGroup(doc, name=key, spans=spans, attrs={"scores": scores, **attrs})


def find_score(span: Span) -> float | None:
    """The score of a span in any span group of its Doc that keeps scores.

    span: of a group, of doc.ents, or made by hand with the same tokens, label and id.
    RETURNS: its probability, or what `keep_score` kept for it; None if it has none.
    """
    for group in span.doc.spans.values():
        scores = group.attrs.get("scores")
        if scores is None or len(scores) != len(group):
            continue
        for other, score in zip(group, scores, strict=True):
            if _identity(other) == _identity(span):
                return float(score)
    return span.doc.user_data.get(_key(span))


def keep_score(span: Span, score: float) -> None:
    """Keep a score for a span of no group, as other packages do who set `span._.score`."""
    span.doc.user_data[_key(span)] = score


def best_first(spans: Spans) -> Spans:
    """The spans by falling score, equals in the order of the text."""
    return spans.take(np.argsort(-spans.score, kind="stable"))


def _identity(span: Span) -> tuple[int, int, int, int]:
    return span.start, span.end, span.label, span.id


def _key(span: Span) -> tuple[str, int, int]:
    return "span_score", span.start_char, span.end_char
