"""Classes: which of several apply to the whole text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from spacy.tokens import Doc

from ..encoding.words import split_words
from ..gold import Gold
from ..settings import Settings
from ..types import Answer, Query
from .base import Answers
from .gold import mark_spans
from .templates import TEMPLATES

LABEL = "match"


@dataclass(frozen=True)
class ClassTask:
    """Text classification, as multi-task checkpoints since v1.0 are prompted: the classes stand in
    the instruction, and the model marks those that apply."""

    settings: Settings
    name = "classes"
    needs = ()

    def queries(self, doc: Doc, answers: Answers) -> Sequence[Query] | None:
        classes = self.settings.classes
        if not classes:
            return None
        before, after = TEMPLATES[self.settings.templates].classes.split("{classes}")
        starts = len(before) + np.cumsum([0, *(len(name) + len(", ") for name in classes)])[:-1]
        instruction = before + ", ".join(classes) + after
        words = split_words(instruction)
        # The words of the instruction that spell each class.
        targets = [
            (name, *np.searchsorted(words.starts, [start, start + len(name)]).tolist())
            for name, start in zip(classes, starts, strict=True)
        ]
        return [
            Query(
                labels=(LABEL,),
                thresholds=np.array([self.settings.class_threshold], dtype=np.float32),
                targets=(tuple(targets),),
                instruction=instruction,
                read_instruction=True,
                span_score=self.settings.span_score,
            )
        ]

    def annotate(self, doc: Doc, answers: Sequence[Answer]) -> None:
        (answer,) = answers
        spans = answer.spans
        (targets,) = answer.query.targets
        for name, start, end in targets:
            touching = (spans.start < end) & (spans.end > start)
            doc.cats[name] = float(spans.score[touching].max(initial=0.0))

    def gold(self, doc: Doc) -> Sequence[Gold] | None:
        queries = self.queries(doc, {})
        if queries is None or not doc.cats.keys() & set(self.settings.classes):
            return None
        (query,) = queries
        words, (targets,) = split_words(query.instruction), query.targets
        bounds = {name: (int(words.starts[start]), int(words.ends[end - 1])) for name, start, end in targets}
        apply = [bounds[name] for name in bounds if doc.cats.get(name, 0.0) >= 0.5]
        unknown = [bounds[name] for name in bounds if name not in doc.cats]
        return [
            Gold(
                query,
                spans=mark_spans((*bound, 0) for bound in apply),
                unknown=np.array(unknown, dtype=np.int64).reshape(-1, 2),
                left_out=len(doc.cats.keys() - bounds.keys()),
            )
        ]
