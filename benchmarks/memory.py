"""The memory that a call takes (Linux)."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import ParamSpec, TypeVar

import torch

from .machine import THREADS

P = ParamSpec("P")
T = TypeVar("T")


def run_in_fresh_process(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a function where nothing else was loaded or has left memory behind."""
    with ProcessPoolExecutor(
        max_workers=1,
        mp_context=get_context("spawn"),
        initializer=torch.set_num_threads,
        initargs=(THREADS,),
    ) as pool:
        return pool.submit(function, *args, **kwargs).result()


def call_with_peak(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> tuple[T, float]:
    """Call a function and measure its memory.

    RETURNS: its result, and how far the resident memory rose above where it was before, in MiB.
    """
    # Forget earlier peaks: loading a checkpoint takes more than holding it. `ru_maxrss` cannot be
    # reset, and begins with the parent process's peak.
    Path("/proc/self/clear_refs").write_text("5", encoding="utf8")
    before = _resident_mib("VmRSS")
    result = function(*args, **kwargs)
    return result, _resident_mib("VmHWM") - before


def _resident_mib(field: str) -> float:
    status = Path("/proc/self/status").read_text(encoding="utf8")
    (kib,) = re.findall(rf"{field}:\s*(\d+) kB", status)
    return int(kib) / 1024
