"""What every test of a task needs."""

import pytest

from spacy_gliner_mt.pipeline.extensions import register_extensions


@pytest.fixture(scope="package", autouse=True)
def extensions():
    register_extensions()
