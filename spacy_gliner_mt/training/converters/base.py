"""Converter: reads a format of others as records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from ..records import Record

# What was left out or changed, in words, and how often.
Counts = Counter[str]


class Converter(Protocol):
    """One format. Its name is that of its entry point."""

    def __call__(self, path: Path, counts: Counts) -> Iterator[Record]:
        """Read a file, or a folder where the format has such.

        counts: receives what could not be aligned.
        RETURNS: the records in order.
        RAISES: ValueError if the file is of another format.
        """
        ...
