"""Passes: all labels in order, balanced, within both budgets."""

from math import ceil

import numpy as np
import pytest

from spacy_gliner_mt.encoding.passes import split_labels


@pytest.mark.parametrize("seed", range(40))
def test_passes_hold_all_labels_in_order_and_are_balanced(seed):
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, 20, int(rng.integers(1, 200)))
    max_labels, max_subtokens = int(rng.integers(1, 50)), int(rng.integers(19, 200))
    passes = split_labels(lengths, max_labels, max_subtokens)
    labels = list(range(len(lengths)))
    assert [label for some in passes for label in labels[some]] == labels
    sizes = [some.stop - some.start for some in passes]
    assert max(sizes) <= max_labels
    assert max(sizes) - min(sizes) <= 1
    assert max(lengths[some].sum() for some in passes) <= max_subtokens


@pytest.mark.parametrize("n_labels", [1, 2, 29, 30, 31, 60, 61, 965])
@pytest.mark.parametrize("max_subtokens", [4, 40, 10_000])
def test_passes_are_as_few_as_the_budgets_allow(n_labels, max_subtokens):
    passes = split_labels(np.full(n_labels, 4), 30, max_subtokens)
    assert len(passes) == ceil(n_labels / min(30, max_subtokens // 4))


@pytest.mark.parametrize(
    "lengths, max_labels, max_subtokens, sizes",
    [
        ([2] * 31, 30, 100, [15, 16]),
        ([2, 2, 2, 2], 30, 8, [4]),
        ([2, 2, 2, 2], 30, 7, [2, 2]),
        # One long label makes all passes smaller, so that none stands out.
        ([9, 1, 1, 1, 1, 1], 30, 10, [2, 2, 2]),
        ([9, 9, 9], 30, 9, [1, 1, 1]),
        ([1], 1, 1, [1]),
    ],
)
def test_sizes_of_passes(lengths, max_labels, max_subtokens, sizes):
    passes = split_labels(np.array(lengths), max_labels, max_subtokens)
    assert [some.stop - some.start for some in passes] == sizes
