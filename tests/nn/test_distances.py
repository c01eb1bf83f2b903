"""Distances: products are those of the definition, whatever the length, and so are gradients."""

import pytest
import torch

from spacy_gliner_mt.nn.distances import CPU_ROWS, LINE, add_by_distance

HEADS, WIDTH = 2, 3


def make_vectors(batch, length):
    return torch.randn(batch, length, HEADS, WIDTH, generator=torch.Generator().manual_seed(0))


def make_table(n_rows):
    return torch.randn(n_rows, HEADS, WIDTH, generator=torch.Generator().manual_seed(1))


def multiply(vectors, table, rows):
    batch, length, heads, _ = vectors.shape
    sums = torch.zeros(batch, heads, length, length)
    add_by_distance(sums, vectors, table, rows)
    return sums


def expect(vectors, table, rows):
    """The definition, with a table row for every pair."""
    length = vectors.shape[1]
    places = torch.arange(length)
    of_pairs = table[rows[places - places[:, None] + length - 1]]  # (length, length, heads, width)
    return torch.einsum("bihw,ijhw->bhij", vectors, of_pairs)


LENGTHS = [1, 2, LINE // 2, LINE, LINE + 1, CPU_ROWS - 1, CPU_ROWS, CPU_ROWS + 1, 2 * CPU_ROWS, 150]


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("batch", [1, 3])
def test_products_are_those_of_each_pair(length, batch):
    vectors, table = make_vectors(batch, length), make_table(2 * length - 1)
    rows = torch.randperm(2 * length - 1, generator=torch.Generator().manual_seed(2))
    products = multiply(vectors, table, rows)
    assert products.shape == (batch, HEADS, length, length)
    torch.testing.assert_close(products, expect(vectors, table, rows))


@pytest.mark.parametrize("length", [5, 100])
def test_several_distances_may_have_one_row(length):
    vectors, table = make_vectors(2, length), make_table(4)
    rows = torch.arange(2 * length - 1) % 4
    torch.testing.assert_close(multiply(vectors, table, rows), expect(vectors, table, rows))


@pytest.mark.parametrize("length", LENGTHS)
def test_rows_of_no_distance_have_no_influence(length):
    table = make_table(2 * length)
    table[0] = torch.nan
    rows = torch.arange(1, 2 * length)
    assert multiply(make_vectors(1, length), table, rows).isfinite().all()


@pytest.mark.parametrize("length", [1, 7, CPU_ROWS + 3])
def test_gradients_are_those_of_the_definition(length):
    gradients = []
    weights = torch.randn(2, HEADS, length, length, generator=torch.Generator().manual_seed(3))
    rows = (torch.arange(2 * length - 1) * 7) % (length + 1)
    for function in (multiply, expect):
        vectors, table = make_vectors(2, length).requires_grad_(), make_table(length + 1).requires_grad_()
        (function(vectors, table, rows) * weights).sum().backward()
        gradients.append((vectors.grad, table.grad))
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other)


def test_a_view_of_vectors_will_do():
    """As attention has them: heads of one subtoken side by side, in memory of all three."""
    wide = make_vectors(2, 3 * 9).view(2, 9, 3, HEADS, WIDTH)
    table, rows = make_table(17), torch.arange(17)
    some = wide[:, :, 1]
    torch.testing.assert_close(multiply(some, table, rows), expect(some, table, rows))


@pytest.mark.parametrize("length", [3, CPU_ROWS + 1])
def test_products_are_added_to_what_there_is(length):
    """In whichever order it lies in memory."""
    vectors, table, rows = make_vectors(2, length), make_table(2 * length), torch.arange(2 * length - 1)
    there = torch.randn(2, HEADS, length, length, generator=torch.Generator().manual_seed(4))
    sums, turned = there.clone(), there.clone()
    add_by_distance(sums, vectors, table, rows)
    add_by_distance(turned.mT, vectors, table, rows)
    products = expect(vectors, table, rows)
    torch.testing.assert_close(sums, there + products)
    torch.testing.assert_close(turned, there + products.mT)
