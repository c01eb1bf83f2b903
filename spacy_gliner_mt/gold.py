"""Gold: what a text should be answered with, by what is annotated in it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .types import Ints, Query, Spans


def _nothing() -> Ints:
    return np.zeros((0, 2), dtype=np.int64)


@dataclass(frozen=True)
class Gold:
    """A query, and all of its right answers.

    query: as it would be asked.
    spans: the answers, in characters of the text, or of the instruction where that is read.
    wrong: spans known to be no answers, even where nothing else is known; in characters too.
    unknown (stretches, 2): characters of which nothing else is known, from start to end.
    kind: of the labels, if others of their kind may be asked too, or some of them left out; "" if
        they may not. Labels of the same kind are negatives of each other's texts.
    names (labels,): what others of their kind know the labels by, if they are of any.
    prefixes (labels,): what stands before the name in the label, such as the head of a relation.
    left_out: annotated spans that answer nothing that is asked.
    """

    query: Query
    spans: Spans
    wrong: Spans = field(default_factory=Spans.empty)
    unknown: Ints = field(default_factory=_nothing)
    kind: str = ""
    names: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    left_out: int = 0
