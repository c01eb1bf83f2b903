"""Targets: what the network should answer for each word and label of an input."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ..gold import Gold
from ..types import Bools, Floats, Spans, Words
from .plan import Part
from .words import split_words

START, END, INSIDE = range(3)


@dataclass(frozen=True)
class Targets:
    """The right scores of one input.

    values (words, labels, 3): 1 for the start, the end and the inside words of a right answer.
    mask (words, labels, 3): whether the value is known; where not, nothing is to be learned.
    """

    values: Floats
    mask: Bools


@dataclass(frozen=True)
class WordGold:
    """Gold in words of the text, or of the instruction where that is read.

    spans, wrong: those that begin and end with a word.
    vague: right answers that do not; the words they touch.
    unknown (words,): of which nothing else is known.
    lost: wrong spans that do not fit the words, and spans that touch none.
    """

    spans: Spans
    wrong: Spans
    vague: Spans
    unknown: Bools
    lost: int = 0

    @property
    def misaligned(self) -> int:
        """Spans that do not fit the words."""
        return len(self.vague) + self.lost


def align_gold(gold: Gold, words: Words) -> WordGold:
    """Move gold from characters to words.

    words: of the text; not needed where the instruction is read.
    """
    if gold.query.read_instruction:
        words = split_words(gold.query.instruction)
    spans, fits = _to_words(gold.spans, words)
    wrong, wrong_fits = _to_words(gold.wrong, words)
    touches = spans.start < spans.end
    unknown = np.zeros(len(words), dtype=bool)
    for start, end in gold.unknown:
        unknown[(words.ends > start) & (words.starts < end)] = True
    return WordGold(
        spans=spans.take(fits),
        wrong=wrong.take(wrong_fits),
        vague=spans.take(touches & ~fits),
        unknown=unknown,
        lost=int((~touches).sum() + (~wrong_fits).sum()),
    )


def make_targets(gold: WordGold, part: Part) -> Targets:
    """The targets of one input. Words of the instruction are negatives, as in gliner's training,
    unless it is what is read: then those of the text are. What is not known is masked: words
    nobody annotated and, for their label, the words of spans that do not fit the words of the text,
    or that the window cuts.

    gold: of the query that the part belongs to.
    """
    n_words = part.n_instruction + part.window.end - part.window.start
    values = np.zeros((n_words, len(part.labels), 3), dtype=np.float32)
    mask = np.ones_like(values, dtype=bool)
    first, end, offset = _read_words(part)
    mask[first + offset : end + offset][gold.unknown[first:end]] = False
    right, right_cut = _place(gold.spans, part)
    wrong, wrong_cut = _place(gold.wrong, part)
    vague, _ = _place(gold.vague, part)
    for start, end, column in _each(Spans.concatenate([vague, right.take(right_cut)])):
        mask[start:end, column] = False
    # What is right comes last: a wrong span may share words with a right one of its label.
    for spans, value in ((wrong.take(~wrong_cut), 0.0), (right.take(~right_cut), 1.0)):
        for start, end, column in _each(spans):
            cells = ((start, column, START), (end - 1, column, END), (slice(start, end), column, INSIDE))
            for cell in cells:
                values[cell], mask[cell] = value, True
    return Targets(values, mask)


def find_held(spans: Spans, parts: Sequence[Part]) -> Bools:
    """Which spans at least one of a query's inputs holds whole, and asks for (spans,).

    spans: of a `WordGold`.
    """
    held = np.zeros(len(spans), dtype=bool)
    for part in parts:
        first, end, _ = _read_words(part)
        held |= (spans.start >= first) & (spans.end <= end) & np.isin(spans.label, part.labels)
    return held


def _read_words(part: Part) -> tuple[int, int, int]:
    """The words that an input has of those that gold counts, from the first to the end, and how far
    they are moved in it."""
    if part.query.read_instruction:
        return 0, part.n_instruction, 0
    return part.window.start, part.window.end, part.n_instruction - part.window.start


def _place(spans: Spans, part: Part) -> tuple[Spans, Bools]:
    """The spans that an input asks for and holds, if only in part, in words and labels of its own,
    and whether it cuts them."""
    first, end, offset = _read_words(part)
    spans = spans.take((spans.start < end) & (spans.end > first) & np.isin(spans.label, part.labels))
    cut = (spans.start < first) | (spans.end > end)
    columns = np.searchsorted(part.labels, spans.label)
    starts, ends = spans.start.clip(first) + offset, spans.end.clip(max=end) + offset
    return Spans(starts, ends, columns, spans.score), cut


def _each(spans: Spans) -> Iterable[tuple[int, int, int]]:
    return zip(spans.start.tolist(), spans.end.tolist(), spans.label.tolist(), strict=True)


def _to_words(spans: Spans, words: Words) -> tuple[Spans, Bools]:
    """The words that each span touches, and whether it is exactly those: white space around them
    makes no difference."""
    first = np.searchsorted(words.ends, spans.start, side="right")
    end = np.searchsorted(words.starts, spans.end, side="left")
    touches = first < end
    fits = touches.copy()
    fits[touches] = (words.starts[first[touches]] >= spans.start[touches]) & (
        words.ends[end[touches] - 1] <= spans.end[touches]
    )
    return Spans(first, np.maximum(first, end), spans.label, spans.score), fits
