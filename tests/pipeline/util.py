"""Texts, and what was found in them, to compare."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from spacy.tokens import Doc, Span

LABELS = ["person", "city", "ship"]
# Of very different lengths, so that their order in batches differs from that in the stream.
TEXTS = [
    "Satya Nadella runs Microsoft from Redmond, near Seattle.",
    "Anna met Bob.",
    "",
    "The Nile and the Amazon are rivers; one of them crosses Egypt.",
    "In 1969 Apollo 11 left Florida with Neil Armstrong, Buzz Aldrin and Michael Collins on board.",
    "Rain.",
    "She said that nobody in Lisbon had ever seen Mr. Pessoa drink tea at half past five.",
    "   ",
    "The Titanic, built in Belfast by Harland & Wolff, sank off Newfoundland.",
]
# The tiny checkpoint reads some 100 subtokens at once, and has one for each character.
LONG_TEXT = " ".join(TEXTS * 2)


def bounds(spans: Iterable[Span]) -> list[tuple[int, int, str]]:
    return [(span.start, span.end, span.label_) for span in spans]


def assert_same(docs: Iterable[Doc], others: Iterable[Doc], key: str = "entities") -> None:
    """The Docs have the same text, entities, spans and scores, and not all of them have none."""
    docs, others = list(docs), list(others)
    assert [doc.text for doc in docs] == [doc.text for doc in others]
    assert [bounds(doc.ents) for doc in docs] == [bounds(doc.ents) for doc in others]
    assert [bounds(doc.spans[key]) for doc in docs] == [bounds(doc.spans[key]) for doc in others]
    for doc, other in zip(docs, others, strict=True):
        scores, other_scores = doc.spans[key].attrs["scores"], other.spans[key].attrs["scores"]
        np.testing.assert_allclose(scores, other_scores, atol=1e-5)
    assert any(doc.spans[key] for doc in docs)


def overlapping_pairs(spans: Iterable[Span]) -> list[tuple[Span, Span]]:
    spans = list(spans)
    pairs = [(one, other) for index, one in enumerate(spans) for other in spans[index + 1 :]]
    return [(one, other) for one, other in pairs if one.start < other.end and other.start < one.end]


def mark(doc: Doc, start: int, end: int, label: str, score: float | None = None) -> Span:
    """Put an entity on a Doc, as a component upstream would, the score into a group of its own."""
    span = Span(doc, start, end, label=label, kb_id="Q1", span_id="id")
    doc.set_ents([span], default="unmodified")
    if score is not None:
        doc.spans["upstream"] = [span]
        doc.spans["upstream"].attrs["scores"] = np.array([score], dtype=np.float32)
    return span
