"""Sentences of plain text."""

from __future__ import annotations

from functools import cache

import spacy
from spacy.language import Language

Bounds = tuple[int, int]


def split_sentences(text: str, lang: str = "en") -> list[Bounds]:
    """The sentences of a text by spaCy's `sentencizer`; none of them crosses a line break.

    lang: the language whose abbreviations are known.
    RETURNS: characters, end exclusive, in the order of the text.
    """
    bounds, start = [], 0
    for line in text.splitlines(keepends=True):
        for sent in _make_sentencizer(lang)(line).sents:
            stripped = sent.text.strip()
            if stripped:
                first = start + sent.start_char + sent.text.index(stripped)
                bounds.append((first, first + len(stripped)))
        start += len(line)
    return bounds


@cache
def _make_sentencizer(lang: str) -> Language:
    nlp = spacy.blank(lang)
    nlp.add_pipe("sentencizer")
    return nlp
