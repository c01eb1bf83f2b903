"""Distances: products of each vector with what stands for its distances to all others."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

# Vectors that are multiplied at once on a CPU. Fewer have fewer distances that not all of them have,
# and products that stay in the cache.
CPU_ROWS = 64
# Matrix products are faster where rows of the result begin with a cache line, of so many floats.
LINE = 16


def add_by_distance(sums: Tensor, vectors: Tensor, table: Tensor, rows: Tensor) -> None:
    """Add the product of vector i with what a table has for the distance j - i, for all i and j.

    sums (batch, heads, length, length): i before j, changed in place.
    vectors (batch, length, heads, width)
    table (rows, heads, width)
    rows (2 * length - 1,): the row of each distance, from -(length - 1) upwards.
    """
    length = vectors.shape[1]
    # What fills up the last line is never seen.
    table = table[F.pad(rows, (0, LINE))]  # (2 * length - 1 + LINE, heads, width)
    at_once = CPU_ROWS if vectors.device.type == "cpu" else length
    for start in range(0, length, at_once):
        some = vectors[:, start : start + at_once]
        end = start + some.shape[1]
        n_distances = -(-(length - 1 + end - start) // LINE) * LINE
        # The least distance is that of the last vector to the first.
        near = table[length - end : length - end + n_distances]
        sums[:, :, start:end] += _shear(_multiply(some, near), length)


def _multiply(vectors: Tensor, table: Tensor) -> Tensor:
    """Each of (batch, rows, heads, width) with each of (distances, heads, width).

    RETURNS (heads, batch, rows, distances)
    """
    of_heads = vectors.flatten(0, 1).transpose(0, 1)  # (heads, batch * rows, width)
    products = torch.bmm(of_heads, table.permute(1, 2, 0))  # (heads, batch * rows, distances)
    return products.unflatten(1, vectors.shape[:2])


def _shear(products: Tensor, length: int) -> Tensor:
    """Shift each row by one more than the row below it, the last by none: a view, in which j stands
    under j.

    products (heads, batch, rows, distances)
    RETURNS (batch, heads, rows, length)
    """
    n_rows, n_distances = products.shape[2:]
    first = n_rows - 1
    flat = products.flatten(2)[..., first : first + n_rows * (n_distances - 1)]
    return flat.unflatten(2, (n_rows, n_distances - 1))[..., :length].transpose(0, 1)
