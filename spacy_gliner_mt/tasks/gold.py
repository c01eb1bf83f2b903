"""Gold spans: from what is annotated on a Doc to characters and label indices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from spacy.tokens import Span

from ..types import Spans

Mark = tuple[int, int, int]


def mark_spans(marks: Iterable[Mark]) -> Spans:
    """Spans that are certain.

    marks: start and end in characters, and label index, of each; repeated ones count once.
    """
    start, end, label = np.array(list(dict.fromkeys(marks)), dtype=np.int64).reshape(-1, 3).T
    return Spans(start, end, label, np.ones(len(start), dtype=np.float32))


def mark_labels(spans: Iterable[Span], labels: Mapping[str, int]) -> tuple[Spans, int]:
    """The spans whose label is asked for.

    labels: names of labels -> their indices.
    RETURNS: them in characters, and how many are left out.
    """
    spans = list(spans)
    marks = [(span.start_char, span.end_char, labels[span.label_]) for span in spans if span.label_ in labels]
    return mark_spans(marks), len(spans) - len(marks)


def mark_all(spans: Iterable[Span]) -> Spans:
    """The spans, all of the only label there is, in characters."""
    return mark_spans((span.start_char, span.end_char, 0) for span in spans)
