"""Store: the records that were written so far, and the answers that were put aside."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from ...errors import Errors
from ..lines import read_lines
from ..records import Record, read_records


class Store:
    """Two files that grow, so that work that was broken off can go on.

    output: records, as a corpus has them.
    rejects: texts whose answer was broken, each with the answer and what is wrong with it.
    RAISES: ValueError if one of the files is there, but is something else.
    """

    def __init__(self, output: Path, rejects: Path) -> None:
        for path in (output, rejects):
            if path.suffix != ".jsonl":
                raise ValueError(Errors.GM236.format(path=path))
            if not path.parent.is_dir():
                raise ValueError(Errors.GM105.format(output=path))
            _cut_torn(path)
        self._output = output
        self._rejects = rejects
        self._done = {record.text for record in read_records(output)} if output.exists() else set()
        self._done |= _read_rejected(rejects) if rejects.exists() else set()

    def __contains__(self, text: str) -> bool:
        """Whether there has been an answer about a text."""
        return text in self._done

    def add(self, text: str, records: Iterable[Record]) -> None:
        """Keep the records of a text."""
        self._append(self._output, text, [record.to_json() for record in records])

    def reject(self, text: str, answer: str, error: Exception) -> None:
        """Put an answer aside."""
        fields = {"text": text, "error": str(error), "answer": answer}
        self._append(self._rejects, text, [json.dumps(fields)])

    def _append(self, path: Path, text: str, lines: Iterable[str]) -> None:
        # In one piece, so that hardly anything can come between.
        content = "".join(f"{line}\n" for line in lines).encode()
        with path.open("ab") as file:
            file.write(content)
        self._done.add(text)


def _read_rejected(path: Path) -> set[str]:
    texts = set()
    for number, line in read_lines(path):
        text = _text_of(line)
        if text is None:
            raise ValueError(Errors.GM101.format(number=number, path=path, line=line))
        texts.add(text)
    return texts


def _cut_torn(path: Path) -> None:
    """Take off a last line that was broken off, with those of the last text before it, which may be
    the same."""
    content = path.read_bytes() if path.exists() else b""
    if not content or content.endswith(b"\n"):
        return
    *lines, _ = content.split(b"\n")
    last = _text_of(lines[-1]) if lines else None
    while lines and _text_of(lines[-1]) == last:
        lines.pop()
    path.write_bytes(b"".join(line + b"\n" for line in lines))


def _text_of(line: str | bytes) -> str | None:
    """The text that a line is about; None if it is of another form."""
    try:
        text = json.loads(line)["text"]
    except (ValueError, LookupError, TypeError):
        return None
    return text if isinstance(text, str) else None
