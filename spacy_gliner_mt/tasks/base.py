"""Task: what is asked of a Doc, and where the answer is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from spacy.tokens import Doc

from ..types import Query, Spans


class Task(Protocol):
    """One kind of extraction. Tasks hold the settings that are in force for one Doc."""

    def queries(self) -> tuple[Query, ...]:
        """What is asked; nothing if the settings do not switch the task on."""
        ...

    def annotate(self, doc: Doc, answers: Sequence[Spans]) -> None:
        """Write the answers to the Doc.

        answers: for each query, spans in tokens.
        """
        ...
