"""Task: what is asked of a Doc, and where the answers are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from spacy.tokens import Doc

from ..gold import Gold
from ..types import Answer, Query

Answers = Mapping[str, Sequence[Answer]]


class Task(Protocol):
    """One kind of extraction, under the settings that are in force for one Doc.

    name: under which it is registered.
    needs: tasks that must be answered before this one can ask. These may need no others.
    """

    name: str
    needs: tuple[str, ...]

    def queries(self, doc: Doc, answers: Answers) -> Sequence[Query] | None:
        """What is asked; None if the settings do not switch the task on.

        doc: not to be changed here.
        answers: of the tasks it needs, in tokens; those that are off are not among them.
        RAISES: QueryError if the task is switched on, but cannot ask anything.
        """
        ...

    def annotate(self, doc: Doc, answers: Sequence[Answer]) -> None:
        """Write the answers to the Doc. Called for tasks that are switched on.

        answers: one for each query, in tokens; in words of the instruction where that was read.
        """
        ...

    def gold(self, doc: Doc) -> Sequence[Gold] | None:
        """What a reference should be answered with, for training; None if the settings do not
        switch the task on, or the Doc is not annotated for it.

        RAISES: QueryError as `queries` does, ValueError if annotations contradict each other.
        """
        ...
