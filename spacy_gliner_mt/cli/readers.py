"""Readers: the texts of a file, one at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import typer
from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab

from ..errors import Errors
from ..pipeline.extensions import register_extensions

STANDARD_INPUT = Path("-")


@dataclass(frozen=True)
class Record:
    """One text to annotate, and what the input says about it.

    content: the text, or a Doc of it.
    settings: of the component, for this text.
    fields: the JSON object that the text comes from.
    """

    content: str | Doc
    settings: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, Any] | None = None


def read_records(path: Path, vocab: Vocab) -> Iterator[Record]:
    """Read a file, or lines of text from standard input.

    path: a `.txt`, `.jsonl` or `.spacy` file, or `STANDARD_INPUT`.
    vocab: receives the strings of the Docs that a `.spacy` file holds.
    RETURNS: the records in order.
    RAISES: ValueError, at once or on the way, where the file is not what its suffix says.
    """
    if path != STANDARD_INPUT and not path.is_file():
        raise ValueError(Errors.GM110.format(path=path))
    suffix = ".txt" if path == STANDARD_INPUT else path.suffix.lower()
    if suffix not in _READERS:
        raise ValueError(Errors.GM100.format(path=path, suffixes=", ".join(_READERS)))
    return _READERS[suffix](path, vocab)


def _read_text(path: Path, vocab: Vocab) -> Iterator[Record]:
    for _, line in _lines(path):
        yield Record(line)


def _read_jsonl(path: Path, vocab: Vocab) -> Iterator[Record]:
    for number, line in _lines(path):
        fields = _parse_json(line)
        if not isinstance(fields, dict) or not isinstance(fields.get("text"), str):
            raise ValueError(Errors.GM101.format(path=path, number=number, line=line))
        settings = fields.get("gliner") or {}
        if not isinstance(settings, dict):
            raise ValueError(Errors.GM112.format(path=path, number=number, value=settings))
        if fields.get("labels"):
            settings = {"labels": fields["labels"], **settings}
        yield Record(fields["text"], settings, fields)


def _read_docs(path: Path, vocab: Vocab) -> Iterator[Record]:
    try:
        docs = DocBin().from_disk(path).get_docs(vocab)
    except ValueError as error:
        raise ValueError(Errors.GM103.format(path=path)) from error
    # Only then is what was set on a Doc readable.
    register_extensions()
    for doc in docs:
        yield Record(doc, doc._.gliner or {})


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a file that are not blank, stripped, and their numbers from 1."""
    with typer.get_binary_stream("stdin") if path == STANDARD_INPUT else path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                # Files written on Windows may start with a byte order mark, hence the "sig".
                text = line.decode("utf-8-sig").strip()
            except UnicodeDecodeError as error:
                raise ValueError(Errors.GM104.format(path=path, number=number, error=error)) from error
            if text:
                yield number, text


def _parse_json(line: str) -> Any:
    """The value that a line of JSON stands for; None where it is no JSON."""
    try:
        return json.loads(line)
    except ValueError:
        return None


_READERS: dict[str, Callable[[Path, Vocab], Iterator[Record]]] = {
    ".txt": _read_text,
    ".jsonl": _read_jsonl,
    ".spacy": _read_docs,
}
