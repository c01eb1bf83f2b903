"""Fixtures for commands."""

from __future__ import annotations

from functools import cache

import pytest
from typer.testing import CliRunner

from spacy_gliner_mt.cli import annotate, app, show_input
from spacy_gliner_mt.cli.loading import find_component, load_pipeline


@cache
def _load_once(model, lang):
    nlp = load_pipeline(model, lang)
    return nlp, dict(find_component(nlp).cfg)


def _load(model, lang):
    nlp, cfg = _load_once(model, lang)
    find_component(nlp).cfg = dict(cfg)
    return nlp


@pytest.fixture(autouse=True)
def load_once(monkeypatch):
    """Load each pipeline only once in all tests, which get it as it was loaded."""
    for command in (annotate, show_input):
        monkeypatch.setattr(command, "load_pipeline", _load)


@pytest.fixture
def run():
    """Run a command of `spacy gliner`; stdout and stderr are apart in the result."""

    def invoke(*arguments, **options):
        return CliRunner().invoke(app, [str(argument) for argument in arguments], **options)

    return invoke
