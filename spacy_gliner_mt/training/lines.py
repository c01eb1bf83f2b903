"""Lines: those of a text file, compressed or not, with their numbers."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from ..errors import Errors

# What reading a file raises that is compressed otherwise than with gzip, or cut off.
DAMAGED = (gzip.BadGzipFile, EOFError, zlib.error)


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Read the lines of a file, blank ones too, without what is around them.

    path: compressed with gzip if it ends in ".gz".
    RETURNS: the number of each line, from 1, and its text.
    RAISES: ValueError if a line is not UTF-8, or the file is compressed otherwise or cut off.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            for number, line in enumerate(file, 1):
                # Files written on Windows may start with a byte order mark, hence the "sig".
                yield number, line.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise ValueError(Errors.GM104.format(path=path, number=number, error=error)) from error
    except DAMAGED as error:
        raise ValueError(Errors.GM200.format(path=path, error=error)) from error
