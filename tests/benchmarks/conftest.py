"""Fixtures of tests of benchmarks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    """Leave as many threads as there were: benchmarks use all cores, and other tests must not."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)
