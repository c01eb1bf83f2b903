"""Pipelines with the tiny checkpoint."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.language import Language

from .util import LABELS

MakeNlp = Callable[..., Language]


def _make_nlp(checkpoint: Path, settings: dict[str, Any]) -> Language:
    nlp = spacy.blank("en")
    model = {"@architectures": "spacy-gliner-mt.GlinerMultitask.v1", "checkpoint": str(checkpoint)}
    config = {"labels": LABELS, "threshold": 0.2, "model": model, **settings}
    nlp.add_pipe("gliner_multitask", config=config)
    return nlp


@pytest.fixture
def make_nlp(checkpoint: Path) -> MakeNlp:
    """Makes pipelines of the component alone, with the settings given. At a threshold of 0.2 the
    tiny checkpoint finds spans in most texts."""
    return lambda **settings: _make_nlp(checkpoint, settings)


@pytest.fixture(scope="session")
def get_nlp(checkpoint: Path) -> MakeNlp:
    """The same, but one pipeline for all who ask for the same settings: not to be changed."""
    made: dict[str, Language] = {}

    def get(**settings: Any) -> Language:
        key = repr(settings)
        if key not in made:
            made[key] = _make_nlp(checkpoint, settings)
        return made[key]

    return get
