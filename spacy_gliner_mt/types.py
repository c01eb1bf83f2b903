"""Values that cross the package's layers: frozen, and arrays until the last step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]

SpanScore = Literal["min", "mean"]


@dataclass(frozen=True)
class Words:
    """The words of a text, in order, and where they stand in it.

    texts: the words as written.
    starts, ends (words,): their character offsets in the text, ends exclusive.
    """

    texts: tuple[str, ...]
    starts: Ints
    ends: Ints

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True)
class Pieces:
    """Subtokens of a list of strings, ragged.

    ids (subtokens,): the subtokens of all strings, one after the other.
    offsets (strings + 1,): string `i` has the subtokens `offsets[i]:offsets[i + 1]`.
    """

    ids: Ints
    offsets: Ints

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> Ints:
        """Subtokens of each string (strings,); 0 where a string has none."""
        return np.diff(self.offsets)

    def slice(self, start: int, end: int) -> Pieces:
        """The strings `start:end`."""
        first, last = self.offsets[start], self.offsets[end]
        return Pieces(self.ids[first:last], self.offsets[start : end + 1] - first)

    def take(self, which: Ints) -> Pieces:
        """The strings with the given indices."""
        parts = [self.ids[self.offsets[i] : self.offsets[i + 1]] for i in which]
        return Pieces(np.concatenate(parts), np.cumsum([0, *map(len, parts)]))

    def shorten(self, max_length: int) -> Pieces:
        """The same strings, each with no more than its first `max_length` subtokens."""
        place = np.arange(len(self.ids)) - np.repeat(self.offsets[:-1], self.lengths)
        lengths = np.minimum(self.lengths, max_length)
        return Pieces(self.ids[place < max_length], np.concatenate([[0], np.cumsum(lengths)]))


@dataclass(frozen=True)
class Markers:
    """Ids that frame a prompt: what comes before, after and between its parts.

    prefix, suffix: what the tokenizer puts around every input, such as [CLS] and [SEP].
    label: stands before each label.
    separator: stands between the labels and the words.
    label_offset: whose vector stands for a label: its marker's (0), or the next subtoken's (1).
    """

    prefix: tuple[int, ...]
    suffix: tuple[int, ...]
    label: int
    separator: int
    label_offset: int = 0

    def __len__(self) -> int:
        """Subtokens that every prompt has, whatever its labels and words."""
        return len(self.prefix) + 1 + len(self.suffix)


class PieceEncoder(Protocol):
    """Turns strings into subtokens, and knows the ids that frame a prompt."""

    @property
    def markers(self) -> Markers: ...

    def encode(self, strings: Sequence[str]) -> Pieces:
        """The subtokens of each string, which is text whatever it spells: never a marker."""
        ...


@dataclass(frozen=True)
class Budget:
    """What one input of the network may hold.

    words: of instruction and window together.
    subtokens: of the whole input.
    labels: in one prompt.
    overlap: words that two neighbouring windows share.
    """

    words: int
    subtokens: int
    labels: int
    overlap: int


@dataclass(frozen=True)
class Query:
    """What a task asks of one text.

    labels: as they are written into the prompt, in order, without duplicates.
    thresholds (labels,): the probability each label's spans must exceed.
    targets (labels,): what each label stands for; nobody's business but the task's.
    instruction: put before the text; spans inside it are never returned.
    read_instruction: unless this is set: then only those inside it are, in its words.
    anchors (labels,): characters of the text; a label is only asked where one of its is read too.
    span_score: how a span's probability follows from those of its words.
    nested: whether a span may lie inside another.
    multi_label: whether the same span may have several labels.
    independent: whether spans of different labels may overlap as they like.
    """

    labels: tuple[str, ...]
    thresholds: Floats
    targets: tuple[Any, ...] = ()
    instruction: str = ""
    read_instruction: bool = False
    anchors: tuple[tuple[int, ...], ...] | None = None
    span_score: SpanScore = "min"
    nested: bool = False
    multi_label: bool = False
    independent: bool = False


@dataclass(frozen=True)
class ModelInput:
    """One prompt and window as the network reads it; positions index `ids`.

    ids (subtokens,): subtokens of the whole input.
    label_positions (labels,): where each label's vector is read.
    word_positions (words,): the first subtoken of each word.
    word_lengths (words,): how many subtokens each word has; a word without any has no vector.
    """

    ids: Ints
    label_positions: Ints
    word_positions: Ints
    word_lengths: Ints

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Spans:
    """Scored spans as parallel arrays, all of shape (spans,).

    start, end: in words (or, after alignment, tokens), end exclusive.
    label: index into the query's labels.
    score: probability.
    """

    start: Ints
    end: Ints
    label: Ints
    score: Floats

    def __len__(self) -> int:
        return len(self.start)

    @classmethod
    def empty(cls) -> Spans:
        none = np.zeros(0, dtype=np.int64)
        return cls(none, none, none, np.zeros(0, dtype=np.float32))

    @classmethod
    def concatenate(cls, parts: Iterable[Spans]) -> Spans:
        parts = list(parts) or [cls.empty()]
        return cls(
            np.concatenate([part.start for part in parts]),
            np.concatenate([part.end for part in parts]),
            np.concatenate([part.label for part in parts]),
            np.concatenate([part.score for part in parts]),
        )

    def take(self, which: Ints | Bools) -> Spans:
        """The spans at the given indices, or where the given mask is true."""
        return Spans(self.start[which], self.end[which], self.label[which], self.score[which])

    def shift(self, position: int, label: int = 0) -> Spans:
        """The same spans, moved by a number of positions and label indices."""
        return Spans(self.start + position, self.end + position, self.label + label, self.score)


@dataclass(frozen=True)
class Answer:
    """A query, and the spans that answer it."""

    query: Query
    spans: Spans


@dataclass(frozen=True)
class Report:
    """What happened to a text on its way through the model.

    words: in the text.
    windows: overlapping pieces it was cut into.
    passes: prompts that were asked of one window, over all queries.
    truncated_words: words no window covered, or that were cut to fit the encoder.
    misaligned_spans: found, but not writable on spaCy's tokens.
    skipped_queries: not asked, because they could not be.
    """

    words: int = 0
    windows: int = 0
    passes: int = 0
    truncated_words: int = 0
    misaligned_spans: int = 0
    skipped_queries: int = 0

    def __add__(self, other: Report) -> Report:
        """The report of a text that was read again, with other queries."""
        return Report(
            words=max(self.words, other.words),
            windows=max(self.windows, other.windows),
            passes=self.passes + other.passes,
            truncated_words=max(self.truncated_words, other.truncated_words),
            misaligned_spans=self.misaligned_spans + other.misaligned_spans,
            skipped_queries=self.skipped_queries + other.skipped_queries,
        )
