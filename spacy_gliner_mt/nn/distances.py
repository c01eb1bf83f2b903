"""Distances: products of each subtoken with the vectors of its distances to all others."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

# Subtokens whose products are computed at once on a CPU. Fewer means fewer distances that none of
# them has, and products that stay in the cache.
CPU_ROWS = 64
# Matrix products are faster where rows of the result begin with a cache line, of so many floats.
LINE = 16


def multiply_by_distance(vectors: Tensor, table: Tensor, rows: Tensor) -> Tensor:
    """The product of vector i with what a table has for the distance j - i, for all i and j.

    vectors (batch, length, heads, width)
    table (rows, heads, width)
    rows (2 * length - 1,): the row of each distance, from -(length - 1) upwards.
    RETURNS (batch, heads, length, length): i before j.
    """
    batch, length, heads, _ = vectors.shape
    # What fills up the last line is never seen.
    table = table[F.pad(rows, (0, LINE))]  # (2 * length - 1 + LINE, heads, width)
    products = vectors.new_empty(batch, heads, length, length)
    at_once = CPU_ROWS if vectors.device.type == "cpu" else length
    for start in range(0, length, at_once):
        some = vectors[:, start : start + at_once]
        end = start + some.shape[1]
        n_distances = -(-(length - 1 + end - start) // LINE) * LINE
        # Of these the last has the least distance, the one to the first of all.
        near = table[length - end : length - end + n_distances]
        products[:, :, start:end] = _shear(_multiply(some, near), length)
    return products


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
