"""Records: annotated texts, as the lines of a corpus have them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple, Optional, get_args

from pydantic import TypeAdapter, ValidationError

from ..errors import Errors
from .lines import read_lines

TaskName = Literal["ner", "qa", "relation", "summarization", "open"]
TASKS: tuple[str, ...] = get_args(TaskName)
SUFFIXES = (".jsonl", ".jsonl.gz")


class Mention(NamedTuple):
    """A labelled stretch of a text: characters, end exclusive."""

    start: int
    end: int
    label: str


class Triple(NamedTuple):
    """A relation between two stretches of a text."""

    head_start: int
    head_end: int
    relation: str
    tail_start: int
    tail_end: int


@dataclass(frozen=True)
class Record:
    """A text, and what one task should find in it. Raises ValueError where that makes no sense.

    task: what is annotated.
    text: as written; all offsets count its characters.
    id: whatever names the record.
    prompt: the question of "qa", the instruction of "open".
    labels: of "ner", or relations of "relation", that are annotated exhaustively; none where only
        those that are used are known.
    spans: entities, answers, parts of the summary, or what the instruction asks for.
    relations: between entities; for "open" their names are phrases of the text's own.
    answers: texts that are right answers, also where no span has them; none if there is no answer.
    reference: a summary that somebody has written.
    """

    task: TaskName
    text: str
    id: str = ""
    prompt: Optional[str] = None
    labels: tuple[str, ...] = ()
    spans: tuple[Mention, ...] = ()
    relations: tuple[Triple, ...] = ()
    answers: tuple[str, ...] = ()
    reference: str = ""

    def __post_init__(self) -> None:
        if self.task not in TASKS:
            raise ValueError(Errors.GM202.format(value=self.task, tasks=TASKS))
        if not self.text.strip():
            raise ValueError(Errors.GM203)
        if self.task in ("qa", "open") and not (self.prompt or "").strip():
            raise ValueError(Errors.GM204.format(task=self.task))
        for start, end in self._bounds():
            self._check_bounds(start, end)
        self._check_labels()

    @property
    def annotated(self) -> tuple[str, ...]:
        """The labels of "ner", else the relations, that are annotated: those that are used where
        the record does not list them."""
        if self.task in ("ner", "relation") and self.labels:
            return self.labels
        return tuple(dict.fromkeys(self._used()))

    @property
    def asks_nothing(self) -> bool:
        """Whether nothing can be asked that the record would answer."""
        if self.task == "summarization":
            return not (self.spans or self.reference)
        return self.task in ("ner", "relation") and not self.annotated

    def to_json(self) -> str:
        """The record as a line of a corpus, without the fields that say nothing."""
        defaults = {field.name: field.default for field in fields(self)}
        return json.dumps(
            {name: value for name, value in asdict(self).items() if value != defaults[name]},
            ensure_ascii=False,
        )

    def _used(self) -> list[str]:
        if self.task == "ner":
            return [span.label for span in self.spans]
        return [triple.relation for triple in self.relations]

    def _bounds(self) -> Iterator[tuple[int, int]]:
        for span in self.spans:
            yield span[:2]
        for triple in self.relations:
            yield triple[:2]
            yield triple[3:]

    def _check_bounds(self, start: int, end: int) -> None:
        if end <= start:
            raise ValueError(Errors.GM205.format(start=start, end=end))
        if start < 0 or end > len(self.text):
            raise ValueError(Errors.GM206.format(start=start, end=end, length=len(self.text)))
        if self.text[start:end].isspace():
            raise ValueError(Errors.GM207.format(start=start, end=end))

    def _check_labels(self) -> None:
        used = self._used()
        if blank := [label for label in (*self.labels, *used) if not label.strip()]:
            raise ValueError(Errors.GM208.format(label=blank[0]))
        if len(set(self.labels)) < len(self.labels):
            raise ValueError(Errors.GM003.format(setting="labels", values=list(self.labels)))
        if self.task in ("ner", "relation") and self.labels and (unknown := {*used} - {*self.labels}):
            raise ValueError(Errors.GM209.format(names=sorted(unknown)))


def parse_record(line: str) -> Record:
    """The record that a line of JSON holds; fields of other names are passed over.

    RAISES: ValueError if it holds none.
    """
    try:
        return _adapter().validate_json(line, strict=True)
    except ValidationError as error:
        (first, *_) = error.errors()
        if "error" in first.get("ctx", {}) and isinstance(first["ctx"]["error"], ValueError):
            raise first["ctx"]["error"] from error
        place = ".".join(map(str, first["loc"]))
        raise ValueError(f"{place}: {first['msg']}" if place else first["msg"]) from error


def read_records(path: Path) -> Iterator[Record]:
    """The records of a `.jsonl` or `.jsonl.gz` file, in order; blank lines are passed over.

    RAISES: ValueError at the first line that holds none.
    """
    for number, line in read_lines(path):
        if not line:
            continue
        try:
            record = parse_record(line)
        except ValueError as error:
            raise ValueError(Errors.GM201.format(number=number, path=path, line=line, error=error)) from error
        yield record


@cache
def _adapter() -> TypeAdapter[Record]:
    return TypeAdapter(Record)
