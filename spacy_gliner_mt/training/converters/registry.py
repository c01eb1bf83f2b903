"""Registry of converters. Packages add theirs through the entry point group
"spacy_gliner_mt_converters"."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import catalogue

from ...errors import Errors
from ..records import Record
from .base import Converter, Counts

BUILT_IN = ("conll", "gliner", "squad", "fewrel", "universal_ner", "cnn_dailymail", "synthetic")

registry = catalogue.create("spacy_gliner_mt", "converters", entry_points=True)


def convert(path: Path, format: str, counts: Counts) -> Iterator[Record]:
    """Read a file or folder of another format.

    format: the name of a converter.
    counts: receives what could not be aligned, in words, and how often.
    RETURNS: the records in order.
    RAISES: ValueError if there is no such file or converter, or the file is of another format.
    """
    converters: dict[str, Converter] = registry.get_all()
    if format not in converters:
        raise ValueError(Errors.GM220.format(name=format, known=sorted(converters)))
    if not path.exists():
        raise ValueError(Errors.GM214.format(path=path))
    number = 0
    for record in converters[format](path, counts):
        number += 1
        yield record
    if not number:
        raise ValueError(Errors.GM221.format(path=path, format=format, counts=dict(+counts)))
