"""Lessons: annotated texts, with all that can be learned from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from spacy.tokens import Doc

from ..errors import Errors, QueryError
from ..gold import Gold
from ..settings import Settings
from ..tasks.alignment import read_words
from ..tasks.registry import TaskFactory, make_tasks
from ..types import Words

# A Doc with settings of its own is annotated for what they switch on, and for nothing else.
NO_TASKS: dict[str, Any] = {
    "labels": [],
    "open_entities": False,
    "relations": [],
    "questions": [],
    "summarize": False,
    "prompts": {},
    "clean": False,
    "classes": [],
    "tasks": {},
}
# Where a Doc says which corpus it is of.
CORPUS_KEY = "corpus"


@dataclass(frozen=True)
class Lesson:
    """A text and the gold of all tasks it is annotated for.

    golds: by the name of their task.
    settings: that are in force for it.
    corpus: its name, if it has one.
    skipped: tasks that could not ask.
    """

    words: Words
    golds: Mapping[str, tuple[Gold, ...]]
    settings: Settings
    corpus: str | None = None
    skipped: int = 0

    @property
    def all_golds(self) -> tuple[Gold, ...]:
        """The gold of all tasks, one after the other."""
        return tuple(gold for of_task in self.golds.values() for gold in of_task)

    @classmethod
    def read(cls, doc: Doc, settings: Settings, factories: Mapping[str, TaskFactory]) -> Lesson:
        """Read what a reference Doc is annotated for.

        doc: its own settings, if it has any, say what its annotation is complete for.
        settings: the component's, which say it otherwise.
        factories: of all tasks there are, by name.
        RAISES: ValueError where its settings or annotations make no sense.
        """
        try:
            return cls._read(doc, settings, factories)
        except ValueError as error:
            raise ValueError(Errors.GM085.format(text=doc.text[:80], error=error)) from error

    @classmethod
    def _read(cls, doc: Doc, settings: Settings, factories: Mapping[str, TaskFactory]) -> Lesson:
        if doc._.gliner is not None:
            settings = settings.for_doc(NO_TASKS).for_doc(doc._.gliner)
        golds, skipped = {}, 0
        # What is learned does not depend on thresholds.
        for task in make_tasks(settings.with_thresholds({}), factories):
            try:
                of_task = task.gold(doc)
            except QueryError:
                skipped += 1
                continue
            if of_task:
                golds[task.name] = tuple(of_task)
        corpus = doc.user_data.get(CORPUS_KEY)
        return cls(read_words(doc, settings.word_splitter), golds, settings, corpus, skipped)
