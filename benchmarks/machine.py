"""The machine that a measurement was made on."""

from __future__ import annotations

import os
import re
from pathlib import Path

import torch

# All figures are for two threads, which the smallest machines have.
THREADS = 2


def describe_machine() -> str:
    """Describe the processor, and what runs on it, in one line."""
    model = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text(encoding="utf8"))
    name = model.group(1) if model else "unknown processor"
    return f"{name}, {os.cpu_count()} cores, {THREADS} threads, torch {torch.__version__}"
