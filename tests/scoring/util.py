"""Docs made by hand, with what is found or right in them."""

from __future__ import annotations

from spacy.tokens import Doc, Span, SpanGroup
from spacy.vocab import Vocab

VOCAB = Vocab()


def make_doc(text: str) -> Doc:
    """A Doc of words separated by spaces."""
    return Doc(VOCAB, words=text.split())


def find(doc: Doc, text: str, **options: str) -> Span:
    """The first span with a text; the options are those of `Doc.char_span`."""
    start = doc.text.index(text)
    return doc.char_span(start, start + len(text), **options)


def add_group(doc: Doc, name: str, spans: list[Span], **attrs: object) -> None:
    doc.spans[name] = SpanGroup(doc, name=name, spans=spans, attrs=attrs)
