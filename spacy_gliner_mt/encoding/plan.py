"""Plan: the inputs that together answer one query about one text."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from ..decoding import find_spans
from ..errors import Errors, QueryError
from ..types import Budget, Floats, Ints, ModelInput, PieceEncoder, Pieces, Query, Spans, Words
from .passes import split_labels
from .prompts import build_input
from .windows import Window, cut_windows
from .words import split_words


@dataclass(frozen=True)
class Part:
    """One input of the network, and which window and labels of its query it covers.

    labels (labels of the pass,): indices of the query's labels.
    n_instruction: words at the start of the input that are no text.
    """

    query: Query
    window: Window
    labels: Ints
    n_instruction: int
    input: ModelInput

    def read(self, logits: Floats) -> Spans:
        """The spans that are for this part to decide on.

        logits (words of the input, labels of the pass, 3): what the network returned.
        RETURNS: spans in words of the text, or of the instruction where that is read, with the
            query's labels.
        """
        instruction, text = np.split(logits, [self.n_instruction])
        words = instruction if self.query.read_instruction else text
        spans = find_spans(words, self.query.thresholds[self.labels], self.query.span_score)
        spans = replace(spans, label=self.labels[spans.label])
        if self.query.read_instruction:
            return spans
        spans = spans.shift(self.window.start)
        return spans.take(self.window.owns(spans.start, spans.end))


@dataclass(frozen=True)
class Plan:
    """All parts of a query, and what had to be done to the text and the labels.

    truncated_words: words that no window holds, or only in part.
    """

    parts: tuple[Part, ...] = ()
    windows: int = 0
    passes: int = 0
    truncated_words: int = 0


def plan_query(
    query: Query,
    words: Words,
    text: Pieces,
    encoder: PieceEncoder,
    budget: Budget,
    on_overflow: Literal["window", "warn", "raise"] = "window",
) -> Plan:
    """Split a query into inputs that fit the budget.

    words: of the text.
    text: their subtokens.
    on_overflow: read a long text through several "window"s, only its start ("warn": the caller
        tells), or "raise".
    RETURNS: the plan; no parts for a text without words.
    RAISES: QueryError if a label or the instruction alone is too long, ValueError on overflow if
        asked.
    """
    labels = encoder.encode(query.labels)
    instruction = encoder.encode(split_words(query.instruction).texts)
    room = budget.subtokens - len(encoder.markers) - len(instruction.ids)
    # Half of what a window may hold is left to the text, however many the labels.
    _check_lengths(query, labels, instruction, room // 2, budget)
    lengths = labels.lengths + 1
    widest = max(int(lengths[part].sum()) for part in split_labels(lengths, budget.labels, room // 2))
    shortened = text.shorten(room - widest)
    windows = cut_windows(shortened.lengths, budget.words - len(instruction), room - widest, budget.overlap)
    shortened_words = text.lengths > shortened.lengths
    if on_overflow == "raise" and (len(windows) > 1 or shortened_words.any()):
        raise ValueError(Errors.GM012.format(words=len(text), fit=windows[0].end))
    if len(windows) > 1 and on_overflow == "warn":
        first = windows[0]
        windows = [replace(first, own_end=first.end)]
    parts = []
    for window in windows:
        body = shortened.slice(window.start, window.end)
        asked = _asked_labels(query, words, window)
        for part in split_labels(lengths[asked], budget.labels, widest):
            some = asked[part]
            prompt = build_input(labels.take(some), instruction, body, encoder.markers)
            parts.append(Part(query, window, some, len(instruction), prompt))
    read = windows[-1].end if windows else 0
    cut = len(text) - read + int(shortened_words[:read].sum())
    passes = max((sum(part.window is window for part in parts) for window in windows), default=0)
    return Plan(tuple(parts), len(windows), passes, cut)


def _asked_labels(query: Query, words: Words, window: Window) -> Ints:
    """Indices of the labels that are asked in a window: all, or those it holds an anchor of."""
    if query.anchors is None:
        return np.arange(len(query.labels))
    first, end = words.starts[window.start], words.ends[window.end - 1]
    held = [any(first <= anchor < end for anchor in anchors) for anchors in query.anchors]
    return np.flatnonzero(held)


def _check_lengths(query: Query, labels: Pieces, instruction: Pieces, room: int, budget: Budget) -> None:
    if len(instruction.ids) > budget.subtokens // 2 or len(instruction) > budget.words // 2:
        raise QueryError(Errors.GM011.format(instruction=query.instruction[:80], words=len(instruction)))
    longest = int(labels.lengths.argmax())
    length = int(labels.lengths[longest])
    if length + 1 > room:
        raise QueryError(Errors.GM010.format(label=query.labels[longest][:80], length=length, room=room - 1))
