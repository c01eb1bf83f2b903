"""GEMM: matrix products of an encoder's shape, which show what the machine can do."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.nn import functional as F

# Rows of a batch of usual size, and enough products to take about as long as a text does.
ROWS, PRODUCTS = 1024, 8


def make_products(width: int) -> tuple[Callable[[], None], int]:
    """Products of an encoder's feed-forward layers.

    width: of the encoder.
    RETURNS: what computes them, and how many FLOPs they have.
    """
    vectors, inner = torch.randn(ROWS, width), torch.randn(ROWS, 4 * width)
    widen, narrow = torch.randn(4 * width, width), torch.randn(width, 4 * width)

    def multiply() -> None:
        with torch.inference_mode():
            for _ in range(PRODUCTS // 2):
                F.linear(vectors, widen)
                F.linear(inner, narrow)

    return multiply, PRODUCTS * 2 * ROWS * width * 4 * width
