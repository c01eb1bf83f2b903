"""Scorer: all tasks at once, as the component is scored unless it is told otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from spacy.training import Example

from .answers import score_answers
from .entities import score_entities
from .relations import score_relations
from .summary import score_summary


def make_scorer() -> Callable[..., dict[str, Any]]:
    return score_tasks


def score_tasks(examples: Iterable[Example], **cfg: Any) -> dict[str, Any]:
    """Score every task that the references are annotated for. `spacy evaluate` prints only the scores
    whose keys it knows, those of entities; with --per-component and --output it writes them all.

    examples: predicted Docs and their references.
    cfg: the component's settings, which spaCy passes to every scorer. None matters here: what a Doc
        was asked, and what is right, stands on the Docs.
    RETURNS: what the scorers of the tasks return; None under the keys of those without annotation.
    """
    examples = list(examples)
    scorers = (score_entities, score_relations, score_answers, score_summary)
    return {key: score for scorer in scorers for key, score in scorer(examples, **cfg).items()}
