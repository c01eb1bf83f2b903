"""What every test of training needs."""

import pytest

from spacy_gliner_mt.pipeline.extensions import register_extensions


@pytest.fixture(scope="package", autouse=True)
def extensions():
    register_extensions()
