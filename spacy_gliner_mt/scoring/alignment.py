"""Alignment: the tokens of a reference that predicted spans cover, however either Doc is tokenized."""

from __future__ import annotations

from spacy.tokens import Span
from spacy.training import Example

Bounds = tuple[int, int]


def align_span(span: Span, example: Example) -> Bounds | None:
    """Move a span of the predicted Doc to the reference.

    RETURNS: its first token there and the one after its last; None if it covers none.
    """
    tokens = example.alignment.x2y[span.start : span.end]
    return (int(tokens[0]), int(tokens[-1]) + 1) if len(tokens) else None
