"""Logits and entities beside gliner's, for checkpoints that it writes, on real texts.

Run: python -m benchmarks.logits --data ../shared/data/dev --texts 200
"""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any
from unittest.mock import patch

import numpy as np
import typer
from wasabi import MarkdownRenderer

from tests.test_parity import CORE, load, load_by_gliner, make_reference, read_ours, read_reference
from tests.util import ENCODERS

from .corpus import read_labels, read_ner_sets
from .methods import MINI

KINDS = ("bert", "deberta-v2")
N_LABELS = (1, 5, 30, 100)
# The tests' own spells most words by letters: a hundred labels would not fit.
TOKENIZER = (Path(MINI) / "tokenizer.json").read_text(encoding="utf8")
# Low, as most checkpoints have random weights.
THRESHOLD = 0.3


def main(
    data: Annotated[Path, typer.Option(help="Folder of the sets, `ner.*.jsonl.gz`.")],
    texts: Annotated[int, typer.Option(help="Number of texts, from all sets.")] = 200,
) -> None:
    """Print the greatest difference of a logit, and how many entities only one of both finds."""
    logging.disable(logging.WARNING)
    every = list(chain.from_iterable(ner_set.texts for ner_set in read_ner_sets(data, None)))
    chosen = random.Random(0).sample(every, texts)
    rows = [("embedded", *compare(load(MINI), load_by_gliner(MINI, strict=True), chosen))]
    for encoder in KINDS:
        ENCODERS[encoder].max_position_embeddings = 1024  # room for a hundred labels
        for variant in CORE:
            with TemporaryDirectory() as folder, patch("tests.test_parity.TOKENIZER_JSON", TOKENIZER):
                theirs = make_reference(encoder, **variant)
                theirs.save_pretrained(folder)
                rows.append((f"{encoder} {variant or ''}", *compare(load(folder), theirs, chosen)))
    header = ("checkpoint", "entities", "differing", "logits differ by")
    print(f"{texts} texts with {', '.join(map(str, N_LABELS))} labels:\n")
    print(MarkdownRenderer().table(rows, header=header))


def compare(ours: Any, theirs: Any, texts: Sequence[str]) -> tuple[str, str, str]:
    """Entities that gliner finds, those that only one finds, and the greatest difference."""
    entities = differing = 0
    greatest = 0.0
    for n_labels in N_LABELS:
        labels = read_labels()[:n_labels]
        for text in texts:
            found, logits = read_ours(ours, text, labels, THRESHOLD)
            expected, expected_logits = read_reference(theirs, text, labels, THRESHOLD)
            greatest = max(greatest, float(np.abs(logits - expected_logits).max()))
            entities += len(expected)
            differing += len({some[:3] for some in found} ^ {some[:3] for some in expected})
    return str(entities), str(differing), f"{greatest:.1e}"


if __name__ == "__main__":
    typer.run(main)
