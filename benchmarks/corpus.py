"""Texts of annotated sets, and longer documents made of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any, Literal

import srsly

from .methods import Entities

Lengths = Literal["short", "mixed", "long"]
# Whitespace words per document, from a sentence to what a 512-subtoken encoder just reads at once.
DOCUMENT_WORDS: dict[Lengths, tuple[int, int]] = {"short": (15, 30), "mixed": (20, 372), "long": (250, 372)}


@dataclass(frozen=True)
class NerSet:
    """Texts that are annotated with the same labels.

    name: of the file, without task and extension.
    labels: annotated exhaustively, in the order in which they are to be asked for.
    texts, entities: each text and all its entities.
    """

    name: str
    labels: tuple[str, ...]
    texts: tuple[str, ...]
    entities: tuple[Entities, ...]


def read_ner_sets(folder: Path, limit: int | None = None) -> list[NerSet]:
    """Read a folder's files `ner.<name>.jsonl` or `.jsonl.gz`.

    folder: its files hold one JSON object per line, with "text", "labels" and "spans".
    limit: texts to read per set; all if None.
    """
    return [_read_ner_set(path, limit) for path in sorted(folder.glob("ner.*.jsonl*"))]


def build_documents(folder: Path, count: int, seed: int, lengths: Lengths = "mixed") -> list[str]:
    """Join sentences of the CrossNER sets to documents of log-uniformly distributed lengths.

    folder: as in `read_ner_sets`.
    RETURNS: `count` documents, always the same ones for a seed.
    """
    sets = [ner_set for ner_set in read_ner_sets(folder) if ner_set.name.startswith("crossner")]
    sentences = [text for ner_set in sets for text in ner_set.texts]
    random = Random(seed)
    random.shuffle(sentences)
    words = cycle(word for sentence in sentences for word in sentence.split())
    least, most = DOCUMENT_WORDS[lengths]
    counts = [round(least * (most / least) ** random.random()) for _ in range(count)]
    return [" ".join(next(words) for _ in range(n_words)) for n_words in counts]


def read_labels() -> list[str]:
    """Read a hundred names that published NER corpora give to entities, common ones first."""
    return Path(__file__).with_name("labels.txt").read_text(encoding="utf8").splitlines()


def _read_ner_set(path: Path, limit: int | None) -> NerSet:
    read = srsly.read_gzip_jsonl if path.suffix == ".gz" else srsly.read_jsonl
    records: list[dict[str, Any]] = list(read(path))[:limit]
    # Fails where the labels change from text to text: they are part of what is measured.
    (labels,) = {tuple(record["labels"]) for record in records}
    return NerSet(
        name=path.name.removeprefix("ner.").partition(".jsonl")[0],
        labels=labels,
        texts=tuple(record["text"] for record in records),
        entities=tuple({(*span,) for span in record["spans"]} for record in records),
    )
