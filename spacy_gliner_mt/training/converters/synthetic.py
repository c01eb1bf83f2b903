"""Synthetic: passages annotated for all tasks in one object, with marks in the text for entities."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..annotation import Annotation
from ..matching import Bounds
from ..records import Mention, Record
from .base import Counts
from .files import Text, read_items

# [[span|label;another label]]
MARK = re.compile(r"\[\[([^\[\]|\s][^\[\]|]*)\|\s*([^\[\]|\s][^\[\]|]*)\]\]")
# Between sentences, as they are counted in "sum".
SEPARATOR = re.compile(r"(?<=[.!?])\s+|\s*\n\s*")
BROKEN = "passages whose marks are not closed"
CONTRADICTORY = "passages with labels that are said to be absent, and are not"
UNCOUNTED = "summaries with more sentences than there are"


@dataclass(frozen=True)
class Passage:
    """A line.

    t: the text, with marks.
    d: its domain.
    neg: labels without a mention, which are as likely as those that have some.
    rel: head, relation and tail.
    qa: questions with answers, empty where the text has none.
    sum: indices of the sentences that sum up the text.
    open: instructions, with what follows them.
    """

    t: Text
    d: str = ""
    neg: tuple[Text, ...] = ()
    rel: tuple[tuple[Text, Text, Text], ...] = ()
    qa: tuple[tuple[Text, str], ...] = ()
    sum: tuple[int, ...] = ()
    open: tuple[tuple[Text, tuple[Text, ...]], ...] = ()


def read_synthetic(path: Path, counts: Counts) -> Iterator[Record]:
    """Read lines of passages. Each gives a record for entities, one for relations and one for the
    summary, and one for each question and instruction."""
    for number, passage in enumerate(read_items(path, Passage)):
        yield from convert_passage(passage, f"{path.name.partition('.')[0]}-{number}", counts)


def convert_passage(passage: Passage, name: str, counts: Counts) -> Iterator[Record]:
    """The records of a passage; none if its marks are broken.

    name: what their ids begin with.
    """
    text, entities = _read_marks(passage.t)
    if "[[" in text or "]]" in text:
        counts[BROKEN] += 1
        return
    if {span.label for span in entities} & {*passage.neg}:
        counts[CONTRADICTORY] += 1
        return
    sentences = _split(text)
    counted = all(0 <= index < len(sentences) for index in passage.sum)
    counts[UNCOUNTED] += not counted
    annotation = Annotation(
        text,
        entities,
        negatives=passage.neg,
        relations=passage.rel,
        questions=passage.qa,
        summary=tuple(sentences[index] for index in passage.sum) if counted else (),
        matches=passage.open,
    )
    yield from annotation.to_records(name, counts)


def _read_marks(marked: str) -> tuple[str, tuple[Mention, ...]]:
    """The text without marks, and what they mark."""
    text, last = "", 0
    mentions = []
    for mark in MARK.finditer(marked):
        text += marked[last : mark.start()]
        start, last = len(text), mark.end()
        text += mark[1]
        labels = dict.fromkeys(label.strip() for label in mark[2].split(";") if label.strip())
        mentions += [Mention(start, len(text), label) for label in labels]
    return text + marked[last:], tuple(mentions)


def _split(text: str) -> tuple[Bounds, ...]:
    """The sentences, in characters."""
    breaks = [match.span() for match in SEPARATOR.finditer(text)]
    starts, ends = [0, *(end for _, end in breaks)], [*(start for start, _ in breaks), len(text)]
    return tuple((start, end) for start, end in zip(starts, ends, strict=True) if text[start:end].strip())
