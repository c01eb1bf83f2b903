"""Fixtures for commands."""

from __future__ import annotations

from functools import cache

import pytest
from typer.testing import CliRunner

from spacy_gliner_mt.cli import annotate, app, show_input
from spacy_gliner_mt.cli.loading import load_pipeline

_load_once = cache(load_pipeline)


@pytest.fixture(autouse=True)
def load_once(monkeypatch):
    """Load each pipeline only once in all tests, which use it as they find it."""
    for command in (annotate, show_input):
        monkeypatch.setattr(command, "load_pipeline", _load_once)


@pytest.fixture
def run():
    """Run a command of `spacy gliner`; stdout and stderr are apart in the result."""

    def invoke(*arguments, **options):
        return CliRunner().invoke(app, [str(argument) for argument in arguments], **options)

    return invoke
