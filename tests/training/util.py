"""References and lessons, annotated by hand."""

from __future__ import annotations

from typing import Any

import spacy
from spacy.tokens import Doc, Span
from spacy.training import Example

from spacy_gliner_mt.settings import Settings
from spacy_gliner_mt.tasks.registry import load_tasks
from spacy_gliner_mt.training.lessons import Lesson

NLP = spacy.blank("en")


def make_reference(text: str, *ents: tuple[str, str], gliner: dict[str, Any] | None = None) -> Doc:
    """A Doc whose entities are given as their text and label.

    gliner: settings of its own.
    """
    doc = NLP.make_doc(text)
    spans = []
    for ent, label in ents:
        start = text.index(ent)
        spans.append(doc.char_span(start, start + len(ent), label=label))
    doc.ents = spans
    doc._.gliner = gliner
    return doc


def make_example(text: str, *ents: tuple[str, str], **options: Any) -> Example:
    return Example(NLP.make_doc(text), make_reference(text, *ents, **options))


def mark(doc: Doc, key: str, text: str, label: str, span_id: str = "") -> None:
    """Annotate a span group of a Doc with one span, or with none for an empty text."""
    start = doc.text.index(text)
    span = doc.char_span(start, start + len(text))
    doc.spans[key] = [Span(doc, span.start, span.end, label=label, span_id=span_id)] if text else []


def make_lesson(doc: Doc, **settings: Any) -> Lesson:
    return Lesson.read(doc, Settings(**settings), load_tasks())
