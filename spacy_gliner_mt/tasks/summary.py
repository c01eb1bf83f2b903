"""Summary: the spans that matter most in a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from spacy.tokens import Doc

from ..errors import Errors, QueryError
from ..gold import Gold
from ..settings import SUMMARY, Settings
from ..types import Answer, Query, Spans
from .base import Answers
from .gold import mark_all
from .groups import best_first, make_spans, write_group
from .templates import TEMPLATES

LABEL = "summary"


@dataclass(frozen=True)
class SummaryTask:
    """Extractive summary, in the order of the text."""

    settings: Settings
    name = "summary"
    needs = ()

    def queries(self, doc: Doc, answers: Answers) -> Sequence[Query] | None:
        if not self.settings.summarize:
            return None
        if self.settings.summary_sentences and not doc.has_annotation("SENT_START"):
            raise QueryError(Errors.GM056)
        return [self._ask()]

    def annotate(self, doc: Doc, answers: Sequence[Answer]) -> None:
        (answer,) = answers
        spans = _widen(answer.spans, doc) if self.settings.summary_sentences else answer.spans
        spans = _limit(spans, self.settings.summary_limit, len(doc))
        write_group(doc, SUMMARY, make_spans(doc, spans, [LABEL]), spans.score)

    def gold(self, doc: Doc) -> Sequence[Gold] | None:
        if not self.settings.summarize or SUMMARY not in doc.spans:
            return None
        return [Gold(self._ask(), mark_all(doc.spans[SUMMARY]))]

    def _ask(self) -> Query:
        return Query(
            labels=(LABEL,),
            thresholds=np.array([self.settings.summary_threshold], dtype=np.float32),
            instruction=TEMPLATES[self.settings.templates].summary,
            span_score=self.settings.span_score,
        )


def _widen(spans: Spans, doc: Doc) -> Spans:
    """The sentences that spans touch, each with the score of its best span."""
    starts = np.array([sent.start for sent in doc.sents], dtype=np.int64)
    ends = np.append(starts[1:], len(doc))
    first = np.searchsorted(starts, spans.start, side="right") - 1
    last = np.searchsorted(starts, spans.end - 1, side="right") - 1
    scores = np.zeros(len(starts), dtype=np.float32)
    for from_, to, score in zip(first, last, spans.score, strict=True):
        scores[from_ : to + 1] = np.maximum(scores[from_ : to + 1], score)
    kept = np.flatnonzero(scores)
    return Spans(starts[kept], ends[kept], np.zeros_like(kept), scores[kept])


def _limit(spans: Spans, limit: Mapping[str, float], n_tokens: int) -> Spans:
    """The best spans that fit, in the order of the text.

    limit: "sentences" counts spans, "words" and "share" count tokens.
    """
    best = best_first(spans)
    lengths = np.cumsum(best.end - best.start)
    fits = np.arange(len(best)) < limit.get("sentences", len(best))
    fits &= lengths <= min(limit.get("words", n_tokens), limit.get("share", 1.0) * n_tokens)
    chosen = best.take(fits)
    return chosen.take(np.argsort(chosen.start))
