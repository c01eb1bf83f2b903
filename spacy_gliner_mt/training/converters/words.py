"""Words of a text that came in pieces, joined with single spaces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True)
class Joined:
    """A text, and where its words start and end in it, in characters, ends exclusive."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, words: Sequence[str]) -> Joined:
        ends = tuple(end - 1 for end in accumulate(len(word) + 1 for word in words))
        starts = tuple(end - len(word) for end, word in zip(ends, words, strict=True))
        return cls(" ".join(words), starts, ends)

    def __len__(self) -> int:
        return len(self.starts)

    def bounds(self, first: int, last: int) -> tuple[int, int] | None:
        """Characters of the words `first` to `last`, both included; None if there are no such words,
        or nothing in them."""
        if not 0 <= first <= last < len(self):
            return None
        start, end = self.starts[first], self.ends[last]
        return (start, end) if self.text[start:end].strip() else None
