"""Scoring: what every module of it needs."""

import pytest

from spacy_gliner_mt.pipeline.extensions import register_extensions


@pytest.fixture(autouse=True)
def extensions():
    """Docs have the attributes that the component gives them."""
    register_extensions()
