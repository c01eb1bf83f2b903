"""Schedules of learning rates that thinc lacks."""

from __future__ import annotations

from collections.abc import Iterator
from math import cos, pi


def make_warmup_cosine_v1(initial_rate: float, warmup_steps: int, total_steps: int) -> Iterator[float]:
    """Rise linearly from 0, then fall to 0 along half a cosine, as `get_cosine_schedule_with_warmup`
    of transformers. Its linear sister is thinc's `warmup_linear.v1`.

    initial_rate (float): What it rises to.
    warmup_steps (int): How long it rises.
    total_steps (int): When it has fallen to 0, where it stays.
    YIELDS (float): The rate of each step.
    """
    step = 0
    while True:
        if step < warmup_steps:
            factor = step / warmup_steps
        else:
            progress = (step - warmup_steps) / max(1, total_steps - warmup_steps)
            factor = (1 + cos(pi * min(1.0, progress))) / 2
        yield factor * initial_rate
        step += 1
