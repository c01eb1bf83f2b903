"""Answers made by hand, so that their meaning is exact."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from spacy.tokens import Doc
from spacy.vocab import Vocab

from spacy_gliner_mt.tasks.base import Task
from spacy_gliner_mt.types import Answer, Query, Spans

from ..util import make_query

Found = tuple[int, int, str, float]


def make_doc(text: str) -> Doc:
    """A Doc of the words of a text, one space between any two."""
    return Doc(Vocab(), words=text.split())


def make_spans(*found: tuple[int, int, int, float]) -> Spans:
    """Spans from their start, end, label index and score."""
    start, end, label, score = np.array(found, dtype=np.float64).reshape(-1, 4).T
    return Spans(
        start.astype(np.int64), end.astype(np.int64), label.astype(np.int64), score.astype(np.float32)
    )


def make_answer(query: Query, *found: Found) -> Answer:
    """An answer of spans: start, end, label as written into the prompt, and score."""
    return Answer(
        query,
        make_spans(*((start, end, query.labels.index(label), score) for start, end, label, score in found)),
    )


def answer_entities(*entities: tuple[int, int, str]) -> dict[str, list[Answer]]:
    """Answers of the entity task: start, end and label of each entity, all certain."""
    labels = list(dict.fromkeys(label for _, _, label in entities))
    query = make_query(labels, targets=tuple(labels))
    return {"entities": [make_answer(query, *((*entity, 1.0) for entity in entities))]}


def annotate(task: Task, doc: Doc, *found: Sequence[Found]) -> None:
    """Let a task write what was found for each of its queries."""
    queries = task.queries(doc, {})
    task.annotate(
        doc, [make_answer(query, *of_query) for query, of_query in zip(queries, found, strict=True)]
    )
