"""Windows: overlapping stretches of a long text that the model reads one at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..types import Ints


@dataclass(frozen=True)
class Window:
    """Words that are read together, and those of them whose spans it decides on.

    start, end: the words it holds, end exclusive.
    own_start, own_end: the words nearer to its middle than to that of any other window.
    """

    start: int
    end: int
    own_start: int
    own_end: int

    def owns(self, start: Ints, end: Ints) -> np.ndarray:
        """Whether each span's middle word is this window's, so that exactly one window speaks
        for any span, and the one that sees most on both of its sides.

        start, end (spans,): in words of the text, end exclusive.
        RETURNS (spans,): booleans.
        """
        middle = (start + end - 1) // 2
        return (middle >= self.own_start) & (middle < self.own_end)


def cut_windows(lengths: Ints, max_words: int, max_subtokens: int, overlap: int) -> list[Window]:
    """Cut a text into the fewest windows that fit both budgets.

    lengths (words,): subtokens of each word.
    max_words, max_subtokens: what one window may hold; a longer word gets a window of its own.
    overlap: words that neighbours share, as far as the window still moves on by half.
    RETURNS: windows in order, together covering all words; none for no words.
    """
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    bounds: list[tuple[int, int]] = []
    start, end = 0, 0
    while end < len(lengths):
        fits = int(np.searchsorted(offsets, offsets[start] + max_subtokens, side="right")) - 1
        end = min(max(fits, start + 1), start + max_words, len(lengths))
        bounds.append((start, end))
        # The next window must at least hold the next word, or it would read nothing new.
        holds_next = int(np.searchsorted(offsets, offsets[min(end + 1, len(lengths))] - max_subtokens))
        start = min(max(end - overlap, (start + end + 1) // 2, holds_next), end)
    # Neighbours share the words from the later one's start to the earlier one's end: half each.
    seams = [(later[0] + earlier[1]) // 2 for earlier, later in zip(bounds, bounds[1:], strict=False)]
    owned = zip([0, *seams], [*seams, len(lengths)], strict=True) if bounds else ()
    return [Window(*bound, *own) for bound, own in zip(bounds, owned, strict=True)]
