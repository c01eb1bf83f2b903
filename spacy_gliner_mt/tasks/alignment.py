"""Alignment: between the model's words and spaCy's tokens, by the characters they cover."""

from __future__ import annotations

import numpy as np
from spacy.attrs import IDX, IS_SPACE, LENGTH
from spacy.tokens import Doc

from ..encoding.words import split_words
from ..settings import Alignment, Splitter
from ..types import Spans, Words


def read_words(doc: Doc, splitter: Splitter) -> Words:
    """The words of a Doc for the model.

    splitter: "regex" splits the text as gliner does, "spacy" takes every token that is no space.
    """
    if splitter == "regex":
        return split_words(doc.text)
    offsets = doc.to_array([IDX, LENGTH, IS_SPACE]).astype(np.int64)  # (tokens, 3)
    starts, lengths, spaces = offsets.reshape(-1, 3).T
    words = spaces == 0
    return Words(
        texts=tuple(token.text for token in doc if not token.is_space),
        starts=starts[words],
        ends=(starts + lengths)[words],
    )


def align_spans(spans: Spans, words: Words, doc: Doc, mode: Alignment) -> tuple[Spans, int]:
    """Move spans from words to tokens, as `Doc.char_span` does for one.

    spans: in words.
    mode: a span that ends inside a token is dropped ("strict"), or grows ("expand") or shrinks
        ("contract") to whole tokens.
    RETURNS: the spans in tokens, and how many could not be moved.
    """
    offsets = doc.to_array([IDX, LENGTH]).astype(np.int64).reshape(-1, 2)  # (tokens, 2)
    token_starts, token_ends = offsets[:, 0], offsets.sum(axis=1)
    starts, ends = words.starts[spans.start], words.ends[spans.end - 1]
    # The tokens that hold the first and the last character.
    first = np.searchsorted(token_ends, starts, side="right")
    last = np.searchsorted(token_starts, ends, side="left") - 1
    starts_inside, ends_inside = token_starts[first] < starts, token_ends[last] > ends
    if mode == "contract":
        first, last = first + starts_inside, last - ends_inside
    fits = first <= last
    if mode == "strict":
        fits &= ~(starts_inside | ends_inside)
    aligned = Spans(first, last + 1, spans.label, spans.score).take(fits)
    return aligned, len(spans) - len(aligned)
