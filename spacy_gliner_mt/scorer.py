"""Scorer: how good predicted annotation is, from Examples."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from spacy.scorer import get_ner_prf
from spacy.training import Example


def score(examples: Iterable[Example], **kwargs: Any) -> dict[str, Any]:
    """Precision, recall and F1 of doc.ents, exact spans and labels, where gold is annotated.

    RETURNS: ents_p, ents_r, ents_f and ents_per_type, as spaCy's `ner` reports them.
    """
    return get_ner_prf(examples, **kwargs)


def make_scorer() -> Callable[..., dict[str, Any]]:
    return score
