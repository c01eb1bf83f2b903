"""Inputs: what the network reads of texts, to choose and to count by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from spacy_gliner_mt.encoding.plan import Plan
from spacy_gliner_mt.encoding.words import split_words
from spacy_gliner_mt.models.architecture import GlinerModel
from spacy_gliner_mt.models.extraction import Request, plan_request
from spacy_gliner_mt.settings import Settings
from spacy_gliner_mt.types import ModelInput, Query

# How many words begin an entity of any label in annotated texts, and the most for one label.
STARTS_PER_WORD, MOST_PER_LABEL = 0.15, 0.03


def cut_to_fit(model: GlinerModel, labels: Sequence[str], texts: Sequence[str]) -> list[str]:
    """Cut off what does not fit the encoder together with the labels. gliner does not read it, and
    ours would read it through further windows."""
    windows = [_plan(model, labels, text).parts[0].window for text in texts]
    return [
        text[: split_words(text).ends[window.end - 1]] for text, window in zip(texts, windows, strict=True)
    ]


def build_inputs(model: GlinerModel, labels: Sequence[str], texts: Sequence[str]) -> list[ModelInput]:
    """The inputs of the network for texts that fit it."""
    return [part.input for text in texts for part in _plan(model, labels, text).parts]


def choose_threshold(model: GlinerModel, inputs: Sequence[ModelInput]) -> float:
    """A threshold that lets as many words begin an entity as in annotated texts, for weights that
    have not learned when to."""
    logits = [model.predict([item])[0][..., 0] for item in inputs]  # (words, labels)
    share = min(MOST_PER_LABEL, STARTS_PER_WORD / logits[0].shape[1])
    logit = np.quantile(np.concatenate([some.ravel() for some in logits]), 1 - share)
    return float(1 / (1 + np.exp(-logit)))


def _plan(model: GlinerModel, labels: Sequence[str], text: str) -> Plan:
    query = Query(tuple(labels), np.full(len(labels), 0.5, dtype=np.float32))
    settings = Settings(max_labels_per_pass=len(labels))
    (plan,) = plan_request(model, Request(split_words(text), (query,), settings))
    if plan is None:
        raise ValueError(f"The labels leave no room for a text: {labels}.")
    return plan
