"""Inquiry: all tasks for one Doc, on their way from queries to answers."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from spacy.tokens import Doc

from ..decoding import select_spans
from ..errors import QueryError
from ..models.extraction import Extraction, Request
from ..settings import Settings
from ..tasks.alignment import align_spans, read_words
from ..tasks.base import Task
from ..tasks.registry import TaskFactory, make_tasks
from ..types import Answer, Query, Report, Words


@dataclass(frozen=True)
class Inquiry:
    """What is asked of one Doc, under which settings, and what was answered so far.

    words: of the Doc, as the model reads them.
    pending: queries that are to be answered next, by the name of their task.
    answers: in tokens, by the name of their task.
    """

    doc: Doc
    settings: Settings
    tasks: tuple[Task, ...]
    words: Words
    pending: Mapping[str, Sequence[Query]] = field(default_factory=dict)
    answers: Mapping[str, Sequence[Answer]] = field(default_factory=dict)
    report: Report = Report()

    @classmethod
    def start(cls, doc: Doc, settings: Settings, factories: Mapping[str, TaskFactory]) -> Inquiry:
        """Nothing asked yet.

        factories: of all tasks there are, by name.
        """
        tasks = make_tasks(settings, factories)
        return cls(doc, settings, tasks, read_words(doc, settings.word_splitter))

    def ask(self, *, dependent: bool) -> Inquiry:
        """Let the tasks ask: those that need the answers of others, or those that do not."""
        pending, skipped = {}, 0
        for task in self.tasks:
            if bool(task.needs) is not dependent:
                continue
            try:
                queries = task.queries(self.doc, self.answers)
            except QueryError as error:
                warnings.warn(str(error), stacklevel=2)
                skipped += 1
                continue
            if queries is not None:
                pending[task.name] = queries
        return replace(self, pending=pending, report=self.report + Report(skipped_queries=skipped))

    @property
    def request(self) -> Request:
        """All pending queries."""
        queries = tuple(query for of_task in self.pending.values() for query in of_task)
        return Request(self.words, queries, self.settings)

    def receive(self, extraction: Extraction) -> Inquiry:
        """Move the answers to the pending queries from words to tokens."""
        aligned, missed = [], 0
        for answer in extraction.answers:
            spans = answer.spans
            if not answer.query.read_instruction:
                spans, n_missed = align_spans(spans, self.words, self.doc, self.settings.alignment_mode)
                # Words that share a token make spans collide that had nothing to do with each other.
                spans = select_spans(spans, answer.query)
                missed += n_missed
            aligned.append(replace(answer, spans=spans))
        remaining = iter(aligned)
        received = {name: [next(remaining) for _ in queries] for name, queries in self.pending.items()}
        report = self.report + extraction.report + Report(misaligned_spans=missed)
        return replace(self, pending={}, answers={**self.answers, **received}, report=report)

    def annotate(self) -> None:
        """Let the tasks write their answers to the Doc."""
        for task in self.tasks:
            if task.name in self.answers:
                task.annotate(self.doc, self.answers[task.name])
