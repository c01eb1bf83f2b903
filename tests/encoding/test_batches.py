"""Batches: every input once, little padding, never over budget."""

import numpy as np
import pytest

from spacy_gliner_mt.encoding.batches import pack_batches


@pytest.mark.parametrize("seed", range(15))
@pytest.mark.parametrize("max_padding", [0, 0.1, 0.5, 1])
def test_batches_hold_each_input_once_within_budget_and_padding(max_padding, seed):
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, 100, int(rng.integers(1, 80))).tolist()
    budget = int(rng.integers(1, 600))
    batches = pack_batches(lengths, budget, max_padding)
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        longest, shortest = max(lengths[i] for i in batch), min(lengths[i] for i in batch)
        assert len(batch) == 1 or len(batch) * longest <= budget
        assert shortest >= longest * (1 - max_padding) - 1e-9


@pytest.mark.parametrize("seed", range(10))
def test_the_longest_inputs_come_first(seed):
    lengths = np.random.default_rng(seed).integers(1, 100, 60).tolist()
    batches = pack_batches(lengths, 300, 0.2)
    flat = [lengths[index] for batch in batches for index in batch]
    assert flat == sorted(lengths, reverse=True)


@pytest.mark.parametrize(
    "lengths, budget, batches",
    [
        ([], 10, []),
        ([5], 10, [[0]]),
        ([50], 10, [[0]]),
        ([5, 5, 5], 10, [[0, 1], [2]]),
        ([5, 5, 5], 15, [[0, 1, 2]]),
        ([5, 5, 5], 14, [[0, 1], [2]]),
        # The padded size counts, not the sum.
        ([9, 10], 19, [[1], [0]]),
        ([9, 10], 20, [[1, 0]]),
        ([8, 10], 20, [[1], [0]]),
        # An input over budget is alone, and the next ones are packed as ever.
        ([3, 50, 3], 10, [[1], [0, 2]]),
    ],
)
def test_which_inputs_go_together(lengths, budget, batches):
    assert pack_batches(lengths, budget, 0.1) == batches


def test_equal_inputs_fill_their_batches():
    assert [len(batch) for batch in pack_batches([7] * 100, 70)] == [10] * 10
