"""Extraction: from texts and queries to spans, through batches of the model."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from ..decoding import select_spans
from ..encoding.batches import pack_batches
from ..encoding.plan import Plan, plan_query
from ..errors import QueryError
from ..settings import Settings
from ..types import Answer, Budget, Query, Report, Spans, Words
from .architecture import GlinerModel, require_bundle


@dataclass(frozen=True)
class Request:
    """A text and what is asked of it, under which settings."""

    words: Words
    queries: tuple[Query, ...]
    settings: Settings


@dataclass(frozen=True)
class Extraction:
    """What was found, in words of the text, for each query of a request."""

    answers: tuple[Answer, ...]
    report: Report


def extract(model: GlinerModel, requests: Sequence[Request]) -> list[Extraction]:
    """Answer all queries of all texts in one stream of batches, each decoded as it comes, so that
    memory does not grow with the scores. What cannot be asked is skipped, with a warning.

    RETURNS: what was found, in the order of the requests.
    RAISES: ValueError for a text that is too long, if it should.
    """
    plans = [plan_request(model, request) for request in requests]
    flat = [plan for of_request in plans for plan in of_request]
    owned = [(owner, part) for owner, plan in enumerate(flat) if plan is not None for part in plan.parts]
    found: list[list[Spans]] = [[] for _ in flat]
    lengths = [len(part.input) for _, part in owned]
    for batch in pack_batches(lengths, model.attrs["max_batch_tokens"]):
        for index, logits in zip(batch, model.predict([owned[i][1].input for i in batch]), strict=True):
            owner, part = owned[index]
            found[owner].append(part.read(logits))
    merged = iter(Spans.concatenate(parts) for parts in found)
    return [
        Extraction(
            answers=tuple(Answer(query, select_spans(next(merged), query)) for query in request.queries),
            report=_report(request, of_request),
        )
        for request, of_request in zip(requests, plans, strict=True)
    ]


def plan_request(model: GlinerModel, request: Request) -> list[Plan | None]:
    """The inputs of the network that answer each query of a request; None where it has none."""
    if not request.queries:
        return []
    bundle, settings = require_bundle(model), request.settings
    budget = Budget(
        words=bundle.config.max_words,
        subtokens=bundle.max_subtokens,
        labels=settings.max_labels_per_pass,
        overlap=settings.window_overlap,
    )
    text = bundle.tokenizer.encode(request.words.texts)
    plans: list[Plan | None] = []
    for query in request.queries:
        try:
            plan = plan_query(query, request.words, text, bundle.tokenizer, budget, settings.on_overflow)
        except QueryError as error:
            warnings.warn(str(error), stacklevel=2)
            plan = None
        plans.append(plan)
    return plans


def _report(request: Request, plans: list[Plan | None]) -> Report:
    asked = [plan for plan in plans if plan is not None]
    return Report(
        words=len(request.words),
        windows=max((plan.windows for plan in asked), default=0),
        passes=sum(plan.passes for plan in asked),
        truncated_words=max((plan.truncated_words for plan in asked), default=0),
        skipped_queries=len(plans) - len(asked),
    )
