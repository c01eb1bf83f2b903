"""Answers: spans that answer questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from spacy.tokens import Doc

from ..errors import Errors
from ..gold import Gold
from ..settings import ANSWERS, Settings
from ..types import Answer, Query
from .base import Answers
from .gold import mark_all
from .groups import best_first, make_spans, write_group
from .templates import TEMPLATES

LABEL = "answer"
# Where the group lists all questions, also those without an answer.
ASKED = "questions_asked"


@dataclass(frozen=True)
class AnswerTask:
    """Extractive question answering.

    The group "answers" holds the answers to the first question, best first, then those to the
    second. `Span.id_` is the question; `attrs["questions"]` has it for each span too, and
    `attrs["questions_asked"]` has all questions.
    """

    settings: Settings
    name = "questions"
    needs = ()

    def queries(self, doc: Doc, answers: Answers) -> Sequence[Query] | None:
        if not self.settings.questions:
            return None
        template = TEMPLATES[self.settings.templates].question
        return [
            Query(
                labels=(LABEL,),
                thresholds=np.array([self.settings.answer_threshold], dtype=np.float32),
                targets=(question,),
                instruction=template.replace("{question}", question),
                span_score=self.settings.span_score,
            )
            for question in self.settings.questions
        ]

    def annotate(self, doc: Doc, answers: Sequence[Answer]) -> None:
        found, scores = [], []
        for answer in answers:
            (question,) = answer.query.targets
            spans = best_first(answer.spans)
            found += make_spans(doc, spans, [LABEL], span_id=question)
            scores += spans.score.tolist()
        attrs = {
            "questions": [span.id_ for span in found],
            ASKED: [question for answer in answers for question in answer.query.targets],
        }
        write_group(doc, ANSWERS, found, np.array(scores, dtype=np.float32), **attrs)

    def gold(self, doc: Doc) -> Sequence[Gold] | None:
        queries = self.queries(doc, {})
        if queries is None or ANSWERS not in doc.spans:
            return None
        answers = list(doc.spans[ANSWERS])
        for span in answers:
            if not span.id_:
                raise ValueError(Errors.GM060.format(text=span.text))
        golds = [
            Gold(query, mark_all(span for span in answers if span.id_ in query.targets)) for query in queries
        ]
        unasked = sum(span.id_ not in self.settings.questions for span in answers)
        return [replace(golds[0], left_out=unasked), *golds[1:]]
