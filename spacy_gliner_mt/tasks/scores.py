"""Scores: written with a span group, and read back for any span of it."""

from __future__ import annotations

import numpy as np
from spacy.tokens import Doc, Span, SpanGroup


def write_group(doc: Doc, key: str, spans: list[Span], scores: np.ndarray) -> None:
    """Make a span group that keeps scores where spaCy's spancat does.

    key: in doc.spans.
    scores (spans,): probabilities, float32.
    """
    doc.spans[key] = SpanGroup(doc, name=key, spans=spans, attrs={"scores": scores})
    _, method, getter, _ = Span.get_extension("score")
    if method is None and getter is None:
        # gliner-spacy makes `span._.score` a plain attribute wherever it is installed.
        for span, score in zip(spans, scores.tolist(), strict=True):
            span._.score = score


def find_score(span: Span) -> float | None:
    """The score of a span in any span group of its Doc that keeps scores.

    span: of a group, of doc.ents, or made by hand with the same tokens and label.
    RETURNS: its probability, None if it has none.
    """
    for group in span.doc.spans.values():
        scores = group.attrs.get("scores")
        if scores is None or len(scores) != len(group):
            continue
        for other, score in zip(group, scores, strict=True):
            if (other.start, other.end, other.label) == (span.start, span.end, span.label):
                return float(score)
    return None
