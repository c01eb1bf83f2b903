"""Pooling: every way, words of any length, and their gradients."""

import pytest
import torch

from spacy_gliner_mt.nn.pooling import pool_words

POOLINGS = ["first", "last", "mean", "max"]
VECTORS = torch.tensor([[1.0, -8.0], [2.0, -1.0], [6.0, -3.0], [4.0, 0.0]])

REDUCE = {
    "first": lambda rows: rows[0],
    "last": lambda rows: rows[-1],
    "mean": lambda rows: rows.mean(dim=0),
    "max": lambda rows: rows.amax(dim=0),
}


def pool_one_by_one(vectors, positions, lengths, pooling):
    """The same, word by word."""
    spans = zip(positions.tolist(), lengths.tolist(), strict=True)
    none = torch.zeros_like(vectors[0])
    return torch.stack([REDUCE[pooling](vectors[at : at + n]) if n else none for at, n in spans])


@pytest.mark.parametrize(
    "pooling, expected",
    [
        ("first", [[1.0, -8.0], [2.0, -1.0]]),
        ("last", [[1.0, -8.0], [4.0, 0.0]]),
        ("mean", [[1.0, -8.0], [4.0, -4 / 3]]),
        ("max", [[1.0, -8.0], [6.0, 0.0]]),
    ],
)
def test_words_of_one_and_of_three_subtokens(pooling, expected):
    pooled = pool_words(VECTORS, torch.tensor([0, 1]), torch.tensor([1, 3]), pooling)
    torch.testing.assert_close(pooled, torch.tensor(expected))


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize(
    "positions, lengths",
    [
        pytest.param([0, 0, 2], [0, 2, 2], id="first word"),
        pytest.param([0, 2, 2], [2, 0, 2], id="middle word"),
        pytest.param([0, 2, 4], [2, 2, 0], id="last word, behind the end"),
        pytest.param([0, 1, 1, 1, 4], [1, 0, 0, 3, 0], id="several words"),
        pytest.param([2, 2], [0, 0], id="all words"),
        pytest.param([4], [0], id="the only word, behind the end"),
    ],
)
def test_a_word_without_subtokens_is_zero_and_shifts_no_other(pooling, positions, lengths):
    positions, lengths = torch.tensor(positions), torch.tensor(lengths)
    pooled = pool_words(VECTORS, positions, lengths, pooling)
    assert (pooled[lengths == 0] == 0).all()
    torch.testing.assert_close(pooled, pool_one_by_one(VECTORS, positions, lengths, pooling))


@pytest.mark.parametrize("pooling", POOLINGS)
def test_gaps_between_words_are_not_read(pooling):
    vectors = torch.cat([VECTORS, torch.full((3, 2), torch.nan), VECTORS.flip(0)])
    positions, lengths = torch.tensor([1, 7]), torch.tensor([3, 2])
    expected = pool_one_by_one(vectors, positions, lengths, pooling)
    torch.testing.assert_close(pool_words(vectors, positions, lengths, pooling), expected)
    assert expected.isfinite().all()


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("seed", range(3))
def test_results_and_gradients_are_those_of_one_word_at_a_time(pooling, seed):
    generator = torch.Generator().manual_seed(seed)
    lengths = torch.randint(0, 5, (20,), generator=generator)
    positions = lengths.cumsum(0) - lengths + 2
    vectors = torch.randn(int(lengths.sum()) + 4, 3, generator=generator, dtype=torch.float64)
    weights = torch.randn(20, 3, generator=generator, dtype=torch.float64)
    results, gradients = [], []
    for pool in (pool_words, pool_one_by_one):
        leaf = vectors.clone().requires_grad_()
        pooled = pool(leaf, positions, lengths, pooling)
        (pooled * weights).sum().backward()
        results.append(pooled.detach())
        gradients.append(leaf.grad)
    torch.testing.assert_close(*results)
    torch.testing.assert_close(*gradients)
    assert gradients[0].abs().sum() > 0
