"""Recipes of a tiny model and a tiny corpus."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from spacy_gliner_mt.training.loss import make_binary_loss_v1
from spacy_gliner_mt.training.pretraining.mixture import Source
from spacy_gliner_mt.training.pretraining.recipe import Recipe
from spacy_gliner_mt.training.sampling import LabelSampler

from ..corpora import EVERY, write_lines


def make_recipe(folder: Path, checkpoint: Path, **options: Any) -> Recipe:
    """A recipe for a few steps on a record of each task."""
    write_lines(folder / "corpus.jsonl", *EVERY)
    defaults: dict[str, Any] = {
        "sources": {"all": Source(str(folder / "corpus.jsonl"))},
        "sampler": LabelSampler(negatives="uniform", negative_ratio=1.0),
        "loss": make_binary_loss_v1(reduction="mean"),
        "checkpoint": str(checkpoint),
        "steps": 6,
        "batch_size": 4,
        "warmup_steps": 2,
        "dropout": 0.0,
        "save_every": 3,
        "log_every": 1,
        "learn_rate": 1e-3,
    }
    return Recipe(**{**defaults, **options})
