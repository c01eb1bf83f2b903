"""Plan: the inputs that together answer one query about one text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..decoding import find_spans
from ..errors import Errors
from ..types import Budget, Floats, ModelInput, PieceEncoder, Pieces, Query, Spans
from .passes import split_labels
from .prompts import build_input
from .windows import Window, cut_windows
from .words import split_words


@dataclass(frozen=True)
class Part:
    """One input of the network, and which window and labels of its query it covers.

    n_instruction: words at the start of the input that are no text.
    """

    query: Query
    window: Window
    labels: range
    n_instruction: int
    input: ModelInput

    def read(self, logits: Floats) -> Spans:
        """The spans that are for this part to decide on.

        logits (words of the input, labels of the pass, 3): what the network returned.
        RETURNS: spans in words of the text, with the query's labels.
        """
        thresholds = self.query.thresholds[self.labels.start : self.labels.stop]
        spans = find_spans(logits[self.n_instruction :], thresholds, self.query.span_score)
        spans = spans.shift(self.window.start, self.labels.start)
        return spans.take(self.window.owns(spans.start, spans.end))


@dataclass(frozen=True)
class Plan:
    """All parts of a query, and what had to be done to the text and the labels.

    truncated_words: words that no window holds, or only in part.
    """

    parts: tuple[Part, ...]
    windows: int
    passes: int
    truncated_words: int


def plan_query(
    query: Query,
    text: Pieces,
    encoder: PieceEncoder,
    budget: Budget,
    on_overflow: Literal["window", "warn", "raise"] = "window",
) -> Plan:
    """Split a query into inputs that fit the budget.

    text: the subtokens of each word of the text.
    on_overflow: read a long text through several "window"s, only its start ("warn": the caller
        tells), or "raise".
    RETURNS: the plan; no parts for a text without words.
    RAISES: ValueError if a label or the instruction alone is too long, or on overflow if asked.
    """
    labels = encoder.encode(query.labels)
    instruction = encoder.encode(split_words(query.instruction).texts)
    room = budget.subtokens - len(encoder.markers) - len(instruction.ids)
    # Half of what a window may hold is left to the text, however many the labels.
    _check_lengths(query, labels, instruction, room // 2, budget)
    label_lengths = labels.lengths + 1
    passes = split_labels(label_lengths, budget.labels, room // 2)
    room -= max(int(label_lengths[some.start : some.stop].sum()) for some in passes)
    words = text.shorten(room)
    windows = cut_windows(words.lengths, budget.words - len(instruction), room, budget.overlap)
    if len(windows) > 1 and on_overflow == "raise":
        raise ValueError(Errors.GM012.format(words=len(text), fit=windows[0].end))
    if len(windows) > 1 and on_overflow == "warn":
        first = windows[0]
        windows = [Window(first.start, first.end, first.start, first.end)]
    prompts = [labels.slice(some.start, some.stop) for some in passes]
    bodies = [words.slice(window.start, window.end) for window in windows]
    parts = tuple(
        Part(query, window, some, len(instruction), build_input(prompt, instruction, body, encoder.markers))
        for window, body in zip(windows, bodies, strict=True)
        for some, prompt in zip(passes, prompts, strict=True)
    )
    beyond = len(text) - windows[-1].end if windows else 0
    return Plan(parts, len(windows), len(passes), beyond + int(np.sum(text.lengths > words.lengths)))


def _check_lengths(query: Query, labels: Pieces, instruction: Pieces, room: int, budget: Budget) -> None:
    if len(instruction.ids) > budget.subtokens // 2 or len(instruction) > budget.words // 2:
        raise ValueError(Errors.GM011.format(instruction=query.instruction[:80], words=len(instruction)))
    longest = int(labels.lengths.argmax())
    length = int(labels.lengths[longest])
    if length + 1 > room:
        raise ValueError(Errors.GM010.format(label=query.labels[longest][:80], length=length, room=room - 1))
