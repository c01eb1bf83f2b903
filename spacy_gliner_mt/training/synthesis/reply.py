"""Reply: what a language model says is in a text, aligned to it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ...errors import Errors
from ..annotation import Annotation
from ..converters.files import Text
from ..matching import find_mentions, find_string
from ..records import TASKS, Record
from .prompt import PARTS

UNPLACED_ENTITIES = "entities that are not in the text"
UNPLACED_SENTENCES = "sentences of a summary that are not in the text"
CONTRADICTORY = "labels said to be absent, and used"


@dataclass(frozen=True)
class Entity:
    text: Text
    label: Text


@dataclass(frozen=True)
class Relation:
    head: Text
    relation: Text
    tail: Text


@dataclass(frozen=True)
class Question:
    question: Text
    answer: str


@dataclass(frozen=True)
class Extraction:
    instruction: Text
    matches: tuple[Text, ...]


@dataclass(frozen=True)
class Reply:
    """An answer that has the form that was asked for."""

    entities: tuple[Entity, ...] = ()
    absent_labels: tuple[Text, ...] = ()
    relations: tuple[Relation, ...] = ()
    questions: tuple[Question, ...] = ()
    summary: tuple[Text, ...] = ()
    extractions: tuple[Extraction, ...] = ()

    def to_records(self, text: str, name: str, counts: Counter[str]) -> list[Record]:
        """The records of what is in the text.

        text: the answer is about.
        name: what their ids begin with.
        counts: receives what could not be aligned, in words, and how often.
        """
        strings = [(entity.text, entity.label.strip()) for entity in self.entities]
        entities, unplaced = find_mentions(text, strings)
        counts[UNPLACED_ENTITIES] += len(unplaced)
        # That a label is used with a string the text does not have says nothing of it either.
        used = {label for _, label in strings}
        absent = dict.fromkeys(label.strip() for label in self.absent_labels)
        counts[CONTRADICTORY] += len(used & absent.keys())
        sentences = {sentence: find_string(text, sentence) for sentence in self.summary}
        counts[UNPLACED_SENTENCES] += sum(not places for places in sentences.values())
        annotation = Annotation(
            text,
            tuple(entities),
            negatives=tuple(label for label in absent if label not in used),
            relations=tuple((rel.head, rel.relation.strip(), rel.tail) for rel in self.relations),
            questions=tuple((each.question.strip(), each.answer.strip()) for each in self.questions),
            summary=tuple(places[0] for places in sentences.values() if places),
            matches=tuple((each.instruction.strip(), each.matches) for each in self.extractions),
        )
        return list(annotation.to_records(name, counts))


def parse_reply(answer: str, tasks: Collection[str] = TASKS) -> Reply:
    """Read an answer. What a model says before and after the JSON is passed over.

    tasks: that were asked for, whose keys must be there.
    RAISES: ValueError if the answer is of another form.
    """
    text = answer[answer.find("{") : answer.rfind("}") + 1]
    try:
        reply: Any = json.loads(text)
    except ValueError as error:
        raise ValueError(Errors.GM230.format(error=error)) from error
    if missing := [key for task in PARTS if task in tasks for key in PARTS[task].keys if key not in reply]:
        raise ValueError(Errors.GM231.format(keys=missing))
    try:
        return _adapter().validate_json(text, strict=True)
    except ValidationError as error:
        (first, *_) = error.errors()
        place = ".".join(map(str, first["loc"]))
        raise ValueError(Errors.GM232.format(place=place, error=first["msg"])) from error


@cache
def _adapter() -> TypeAdapter[Reply]:
    return TypeAdapter(Reply)
