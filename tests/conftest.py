"""Fixtures that several modules share."""

from __future__ import annotations

from pathlib import Path

import pytest
import spacy
import torch
from spacy.language import Language

from .util import write_checkpoint


def pytest_configure() -> None:
    # The networks are tiny: threads only wait for each other, on a busy machine for most of the time.
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny checkpoint with random weights."""
    return write_checkpoint(tmp_path_factory.mktemp("tiny") / "checkpoint")


@pytest.fixture
def model_config(checkpoint: Path) -> dict[str, str]:
    """The config of a model with the tiny checkpoint."""
    return {"@architectures": "spacy-gliner-mt.GlinerMultitask.v1", "checkpoint": str(checkpoint)}


@pytest.fixture
def nlp(model_config: dict[str, str]) -> Language:
    """A pipeline that finds two labels with the tiny checkpoint."""
    nlp = spacy.blank("en")
    nlp.add_pipe("gliner_multitask", config={"labels": ["person", "city"], "model": model_config})
    return nlp
