"""Prompts: spans that follow an instruction, such as text cleaning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spacy.tokens import Doc

from ..gold import Gold
from ..settings import CLEAN, Settings
from ..types import Answer, Query
from .base import Answers
from .gold import mark_all
from .groups import make_spans, write_group
from .templates import CLEANING, TEMPLATES

LABEL = "match"


@dataclass(frozen=True)
class PromptTask:
    """Open extraction: one span group for each prompt, whose name is the `Span.id_` too."""

    settings: Settings
    name = "prompts"
    needs = ()

    def queries(self, doc: Doc, answers: Answers) -> Sequence[Query] | None:
        settings = self.settings
        template = TEMPLATES[settings.templates].prompt
        prompts = {**settings.prompts, **({CLEAN: CLEANING} if settings.clean else {})}
        if not prompts:
            return None
        return [
            Query(
                labels=(LABEL,),
                thresholds=settings.thresholds_of([name], settings.prompt_threshold),
                targets=(name,),
                instruction=template.replace("{prompt}", prompt),
                span_score=settings.span_score,
            )
            for name, prompt in prompts.items()
        ]

    def annotate(self, doc: Doc, answers: Sequence[Answer]) -> None:
        for answer in answers:
            (name,) = answer.query.targets
            write_group(doc, name, make_spans(doc, answer.spans, [LABEL], span_id=name), answer.spans.score)

    def gold(self, doc: Doc) -> Sequence[Gold] | None:
        queries = self.queries(doc, {}) or ()
        golds = [
            Gold(query, mark_all(doc.spans[name]))
            for query in queries
            for name in query.targets
            if name in doc.spans
        ]
        return golds or None


def read_clean_text(doc: Doc) -> str | None:
    """What text cleaning left of a Doc, None if it was not asked for."""
    if CLEAN not in doc.spans:
        return None
    return " ".join(span.text for span in doc.spans[CLEAN])
