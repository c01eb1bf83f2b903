"""Passes: the labels of a query, split over several prompts when they are many."""

from __future__ import annotations

from math import ceil

import numpy as np

from ..types import Ints


def split_labels(lengths: Ints, max_labels: int, max_subtokens: int) -> list[slice]:
    """Split labels into the fewest passes of nearly equal size that fit both budgets.

    lengths (labels,): subtokens of each label in the prompt, its marker included.
    max_labels, max_subtokens: what one prompt may hold; no single label may exceed the latter.
    RETURNS: the labels of each pass, in order; none for no labels.
    """
    count = len(lengths)
    if not count:
        return []
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    for n_passes in range(ceil(count / max_labels), count + 1):
        bounds = [count * i // n_passes for i in range(n_passes + 1)]
        if np.diff(offsets[bounds]).max() <= max_subtokens:
            break
    return [slice(start, end) for start, end in zip(bounds, bounds[1:], strict=False)]
