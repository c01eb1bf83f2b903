"""UniversalNER: conversations about what is what in a text (Zhou et al. 2023)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from ..matching import find_mentions
from ..records import Record
from .base import Counts
from .files import read_items

START = "Text:"
QUESTION = re.compile(r"What describes (.+) in the text\?", re.DOTALL)
UNREADABLE = "answers that are no list of strings"
UNASKED = "questions of another form"
ABSENT = "entities that are not in their text"


@dataclass(frozen=True)
class Turn:
    """What "human" or "gpt" says."""

    speaker: Annotated[str, Field(alias="from")]
    value: str


@dataclass(frozen=True)
class Conversation:
    """First the text, and that it was read; then labels, and lists of what they describe."""

    conversations: tuple[Turn, ...]
    id: str = ""


def read_universal_ner(path: Path, counts: Counts) -> Iterator[Record]:
    """Read a list of conversations, or a line of each. All places of an entity's string are marked.
    A label that describes something, but nothing of the text, is not among those annotated."""
    for number, conversation in enumerate(read_items(path, Conversation)):
        start, *turns = conversation.conversations or (Turn("", ""),)
        text = start.value.removeprefix(START).strip()
        if not start.value.startswith(START) or not text:
            counts["conversations without a text"] += 1
            continue
        described = _read_answers(turns, counts)
        strings = [(string, label) for label, found in described.items() for string in found]
        spans, absent = find_mentions(text, strings)
        counts[ABSENT] += len(absent)
        known = {span.label for span in spans}
        yield Record(
            "ner",
            text,
            conversation.id or f"{path.stem}-{number}",
            labels=tuple(label for label, found in described.items() if label in known or not found),
            spans=tuple(spans),
        )


def _read_answers(turns: list[Turn], counts: Counts) -> dict[str, list[str]]:
    """Labels -> what they describe."""
    described: dict[str, list[str]] = {}
    for asked, answered in zip(turns, turns[1:], strict=False):
        if (asked.speaker, answered.speaker) != ("human", "gpt"):
            continue
        question, found = QUESTION.fullmatch(asked.value.strip()), _read_list(answered.value)
        if question is None or not question[1].strip():
            counts[UNASKED] += 1
        elif found is None:
            counts[UNREADABLE] += 1
        else:
            described.setdefault(question[1].strip(), []).extend(found)
    return described


def _read_list(value: str) -> list[str] | None:
    """A list of strings, as JSON or Python writes it; None if it is none."""
    try:
        found = ast.literal_eval(value.strip())
    except (ValueError, SyntaxError):
        return None
    is_list = isinstance(found, list) and all(isinstance(string, str) for string in found)
    return [string for string in found if string.strip()] if is_list else None
