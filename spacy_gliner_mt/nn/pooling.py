"""Pooling: one vector per word from those of its subtokens."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

Pooling = Literal["first", "last", "mean", "max"]


def pool_words(vectors: Tensor, positions: Tensor, lengths: Tensor, pooling: Pooling) -> Tensor:
    """Reduce the subtokens of each word to one vector.

    vectors (subtokens, width): of all subtokens.
    positions (words,): the first subtoken of each word.
    lengths (words,): how many subtokens each word has.
    pooling: the first or last subtoken, or the mean or maximum of all.
    RETURNS (words, width): the words' vectors; zeros for a word without subtokens.
    """
    if pooling == "first":
        # The position of a last word without subtokens may lie behind the end.
        pooled = vectors[positions.clamp(max=len(vectors) - 1)]
    elif pooling == "last":
        pooled = vectors[positions + lengths - 1]
    else:
        ends = lengths.cumsum(0)
        place = torch.arange(int(lengths.sum()), device=lengths.device)
        index = place + (positions - ends + lengths).repeat_interleave(lengths)  # (subtokens of words,)
        pooled = torch.segment_reduce(vectors[index], pooling, lengths=lengths)
    return pooled.masked_fill((lengths == 0)[:, None], 0.0)
