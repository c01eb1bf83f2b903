"""Writers: annotated Docs as the bytes of a file."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import Any

from spacy import displacy
from spacy.tokens import Doc, DocBin


class Format(str, Enum):
    """What results are written as."""

    table = "table"
    jsonl = "jsonl"
    spacy = "spacy"
    html = "html"

    @classmethod
    def of(cls, path: Path | None) -> Format:
        """The format that a file's suffix asks for; a table where it asks for none."""
        name = path.suffix.lower().removeprefix(".") if path else ""
        return cls(name) if name in cls.__members__ else cls.table


@dataclass(frozen=True)
class Result:
    """An annotated Doc.

    number: of its text in the input, from 1.
    spans_key: the span group that holds what was found, with scores.
    fields: the JSON object that the text comes from.
    """

    number: int
    doc: Doc
    spans_key: str
    fields: Mapping[str, Any] | None = None

    @cached_property
    def entities(self) -> list[dict[str, Any]]:
        """What was found, as characters of the text: start, end (exclusive), label and score."""
        if self.spans_key not in self.doc.spans:
            return []
        spans = self.doc.spans[self.spans_key]
        return [
            {
                "start": span.start_char,
                "end": span.end_char,
                "label": span.label_,
                "score": round(float(score), 4),
            }
            for span, score in zip(spans, spans.attrs["scores"], strict=True)
        ]


def write_results(results: Iterable[Result], format: Format) -> Iterator[bytes]:
    """Turn results into the content of a file, piece by piece.

    results: any number; they are held in memory only for "spacy" and "html".
    RETURNS: the content's bytes, UTF-8 where they are text.
    """
    return _WRITERS[format](results)


def save(pieces: Iterable[bytes], path: Path) -> None:
    """Write a file that appears, or replaces an older one, only when it is complete."""
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            file.writelines(pieces)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _write_table(results: Iterable[Result]) -> Iterator[bytes]:
    # Rows are written as they come, so only the last column may have any width.
    row = "{:>5}  {:>11}  {:>6}  {:<20}  {}\n"
    yield row.format("doc", "start-end", "score", "label", "text").encode()
    for result in results:
        for entity in result.entities:
            start, end = entity["start"], entity["end"]
            text = " ".join(result.doc.text[start:end].split())
            cells = (result.number, f"{start}-{end}", f"{entity['score']:.3f}", entity["label"], text)
            yield row.format(*cells).encode()


def _write_jsonl(results: Iterable[Result]) -> Iterator[bytes]:
    for result in results:
        fields = {**(result.fields or {}), "text": result.doc.text, "entities": result.entities}
        # Half a surrogate pair has no UTF-8, but its escape is the JSON it came from.
        yield f"{json.dumps(fields, ensure_ascii=False)}\n".encode(errors="backslashreplace")


def _write_docs(results: Iterable[Result]) -> Iterator[bytes]:
    yield DocBin(docs=[result.doc for result in results], store_user_data=True).to_bytes()


def _write_html(results: Iterable[Result]) -> Iterator[bytes]:
    docs = [result.doc for result in results]
    with warnings.catch_warnings():
        # displaCy warns of every Doc without entities, which is nothing unusual here.
        warnings.filterwarnings("ignore", message=r"\[W006\]")
        yield displacy.render(docs, style="ent", page=True, jupyter=False).encode()


_WRITERS: dict[Format, Callable[[Iterable[Result]], Iterator[bytes]]] = {
    Format.table: _write_table,
    Format.jsonl: _write_jsonl,
    Format.spacy: _write_docs,
    Format.html: _write_html,
}
