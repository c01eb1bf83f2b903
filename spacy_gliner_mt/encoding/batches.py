"""Batches: inputs of similar length, read by the network together."""

from __future__ import annotations

from collections.abc import Sequence


def pack_batches(lengths: Sequence[int], max_tokens: int, max_padding: float = 0.1) -> list[list[int]]:
    """Group inputs so that little is padded and every batch fits the budget.

    lengths: subtokens of each input.
    max_tokens: subtokens of a padded batch; a longer input gets a batch of its own.
    max_padding: share of the longest input by which another of its batch may be shorter.
    RETURNS: indices of the inputs of each batch, longest first: what needs most memory fails first.
    """
    batches: list[list[int]] = []
    longest = 0
    for index in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        batch = batches[-1] if batches else []
        fits = (len(batch) + 1) * longest <= max_tokens
        if batch and fits and lengths[index] >= (1 - max_padding) * longest:
            batch.append(index)
        else:
            longest = lengths[index]
            batches.append([index])
    return batches
