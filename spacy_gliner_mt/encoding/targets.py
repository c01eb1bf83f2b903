"""Targets: what the network should answer for each word and label of an input."""

from __future__ import annotations

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
    instruction = part.query.read_instruction
    n_instruction, n_text = part.n_instruction, part.window.end - part.window.start
    # What gold positions count from, and where those of this input end.
    first, n_read = (0, n_instruction) if instruction else (part.window.start, n_text)
    shift = 0 if instruction else n_instruction
    shape = (n_instruction + n_text, len(part.labels), 3)
    values, mask = np.zeros(shape, dtype=np.float32), np.ones(shape, dtype=bool)
    mask[shift : shift + n_read][gold.unknown[first : first + n_read]] = False
    columns = {label: column for column, label in enumerate(part.labels.tolist())}

    def place(spans: Spans) -> list[tuple[int, int, int, bool]]:
        """First word, end and column of the spans that this input holds, and whether it cuts them."""
        starts, ends = spans.start - first, spans.end - first
        held = (starts < n_read) & (ends > 0)
        cut = (starts < 0) | (ends > n_read)
        rows = zip(starts.clip(0), ends.clip(max=n_read), spans.label.tolist(), cut, held, strict=True)
        return [
            (int(start) + shift, int(end) + shift, columns[label], bool(is_cut))
            for start, end, label, is_cut, is_held in rows
            if is_held and label in columns
        ]

    spans = place(gold.spans)
    for start, end, column, _ in place(gold.vague) + [span for span in spans if span[3]]:
        mask[start:end, column] = False
    wrong = [(*span[:3], 0.0) for span in place(gold.wrong) if not span[3]]
    right = [(*span[:3], 1.0) for span in spans if not span[3]]
    for start, end, column, value in wrong + right:
        for cells in (
            np.s_[start, column, START],
            np.s_[end - 1, column, END],
            np.s_[start:end, column, INSIDE],
        ):
            values[cells], mask[cells] = value, True
    return Targets(values, mask)


def count_cut(gold: WordGold, parts: list[Part]) -> int:
    """Right answers that no input holds whole, though their label is asked."""
    if not parts or parts[0].query.read_instruction:
        return 0
    whole = np.zeros(len(gold.spans), dtype=bool)
    for part in parts:
        inside = (gold.spans.start >= part.window.start) & (gold.spans.end <= part.window.end)
        whole |= inside & np.isin(gold.spans.label, part.labels)
    return int((~whole).sum())


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
