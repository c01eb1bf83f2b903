"""Files: JSON of a known form."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import StringConstraints, TypeAdapter, ValidationError

from ...errors import Errors
from ..lines import DAMAGED, read_lines

# A string that is not blank.
Text = Annotated[str, StringConstraints(pattern=r"\S")]


def read_json(path: Path, form: Any) -> Any:
    """Read a file of JSON.

    path: compressed with gzip if it ends in ".gz".
    form: the type that the value has; fields of other names are passed over.
    RAISES: ValueError with the place where it has another.
    """
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except DAMAGED as error:
        raise ValueError(Errors.GM200.format(path=path, error=error)) from error
    return _validate(content, form, path, "")


def read_items(path: Path, form: Any) -> Iterator[Any]:
    """The items of a list in a file of JSON, or its lines if it ends in ".jsonl".

    path, form: as above, `form` being that of an item.
    """
    if ".jsonl" not in path.suffixes:
        yield from read_json(path, list[form])
        return
    for number, line in read_lines(path):
        if line:
            yield _validate(line.encode(), form, path, f"line {number}")


def _validate(content: bytes, form: Any, path: Path, place: str) -> Any:
    try:
        return _adapter(form).validate_json(content, strict=True)
    except ValidationError as error:
        (first, *_) = error.errors()
        where = ".".join([part for part in (place, *map(str, first["loc"])) if part])
        raise ValueError(Errors.GM222.format(path=path, place=where or "all", error=first["msg"])) from error


@cache
def _adapter(form: Any) -> TypeAdapter[Any]:
    return TypeAdapter(form)
