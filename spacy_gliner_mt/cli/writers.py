"""Writers: annotated Docs as the bytes of a file."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from pathlib import Path

from spacy import displacy
from spacy.displacy.templates import TPL_FIGURE, TPL_PAGE
from spacy.tokens import DocBin

from ..drawing import render_relations
from .results import Result


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
    line = "{:>5}  {:<9}  {:>11}  {:>6}  {:<20}  {}"
    yield f"{line.format('doc', 'task', 'start-end', 'score', 'label', 'text')}\n".encode()
    for result in results:
        for row in result.rows:
            cells = (" ".join(cell.split()) for cell in row)
            yield f"{line.format(result.number, *cells).rstrip()}\n".encode()


def _write_jsonl(results: Iterable[Result]) -> Iterator[bytes]:
    for result in results:
        fields = {**(result.fields or {}), "text": result.doc.text, **result.found}
        # Half a surrogate pair has no UTF-8, but its escape is the JSON it came from.
        yield f"{json.dumps(fields, ensure_ascii=False)}\n".encode(errors="backslashreplace")


def _write_docs(results: Iterable[Result]) -> Iterator[bytes]:
    yield DocBin(docs=[result.doc for result in results], store_user_data=True).to_bytes()


def _write_html(results: Iterable[Result]) -> Iterator[bytes]:
    figures, settings = [], {"lang": "", "direction": "ltr"}
    for result in results:
        figures.append(TPL_FIGURE.format(content=_draw(result)))
        settings = displacy.get_doc_settings(result.doc)
    # displaCy's own pages hold either entities or arcs.
    page = TPL_PAGE.format(content="".join(figures), lang=settings["lang"], dir=settings["direction"])
    yield page.encode()


def _draw(result: Result) -> str:
    """The entities of a Doc, and below them its relations, if there are any."""
    with warnings.catch_warnings():
        # displaCy warns of every Doc without entities, which is nothing unusual here.
        warnings.filterwarnings("ignore", message=r"\[W006\]")
        entities = displacy.render(result.doc, style="ent", jupyter=False)
    relations = render_relations(result.doc, jupyter=False) if result.found.get("relations") else ""
    return f"{entities}{relations}"


_WRITERS: dict[Format, Callable[[Iterable[Result]], Iterator[bytes]]] = {
    Format.table: _write_table,
    Format.jsonl: _write_jsonl,
    Format.spacy: _write_docs,
    Format.html: _write_html,
}
