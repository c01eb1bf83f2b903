"""Mixture: several corpora that texts are drawn from, each as often as its weight says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Optional, Union

import numpy as np
from spacy.tokens import Doc
from spacy.vocab import Vocab

from ...errors import Errors
from ...tasks.entities import NAME as ENTITIES
from ...tasks.relations import RelationTask
from ..corpus import Corpus, Entry, find_files
from ..exclusion import find_companions
from ..label_pool import LabelPool
from ..records import Record


@dataclass(frozen=True)
class Source:
    """Corpora of one weight.

    path: as the corpus reader takes it.
    weight: how often its texts are drawn, relative to other sources.
    tasks: of the records to read; all if None.
    omit: labels and relations to leave out, such as those of a zero-shot test; none if None.
    balance: a file's share in the source is its number of records to this power.
    """

    path: Union[str, Path, list[str]]
    weight: float = 1.0
    tasks: Optional[list[str]] = None
    omit: Optional[list[str]] = None
    balance: float = 1.0

    def read(self) -> dict[str, list[Entry]]:
        """Everything there is to draw, by the name of its file."""
        files: dict[str, list[Entry]] = {}
        corpus = Corpus(find_files(self.path), tasks=self.tasks)
        for name, entry in corpus.read_entries(Vocab()):
            kept = entry if isinstance(entry, Doc) else _omit(entry, {*(self.omit or ())})
            if isinstance(kept, Doc) or not kept.asks_nothing:
                files.setdefault(name, []).append((name, kept))
        return files


@dataclass(frozen=True)
class Mixture:
    """Texts of all sources, in memory, so that any can be drawn at any time.

    files: entries of a corpus.
    shares (files,): how likely each is to be drawn from; they sum to 1.
    """

    files: Sequence[Sequence[Entry]]
    shares: np.ndarray

    @classmethod
    def read(cls, sources: Mapping[str, Source]) -> Mixture:
        """Read all sources, each of which must have something to draw."""
        files: list[list[Entry]] = []
        shares: list[float] = []
        for name, source in sources.items():
            if source.weight <= 0:
                raise ValueError(Errors.GM081.format(name=f"{name}.weight", value=source.weight))
            of_source = list(source.read().values())
            if not of_source:
                raise ValueError(Errors.GM247.format(name=name, path=source.path))
            sizes = np.array([len(entries) for entries in of_source], dtype=np.float64) ** source.balance
            files += of_source
            shares += (source.weight * sizes / sizes.sum()).tolist()
        return cls(files, np.array(shares) / sum(shares))

    def draw(self, count: int, rng: np.random.Generator) -> list[Entry]:
        """Draw texts, any of them more than once if chance wants it."""
        files = rng.choice(len(self.files), size=count, p=self.shares)
        return [self.files[i][int(rng.integers(len(self.files[i])))] for i in files.tolist()]

    @cached_property
    def labels(self) -> LabelPool:
        """All labels and relations there are, how many records mention each, and what shares spans."""
        records = [entry for file in self.files for _, entry in file if isinstance(entry, Record)]
        of_entities = [record for record in records if record.task == "ner"]
        return LabelPool(
            {
                ENTITIES: _count(of_entities),
                RelationTask.name: _count(record for record in records if record.task == "relation"),
            },
            find_companions(record.spans for record in of_entities),
        )


def _omit(record: Record, names: set[str]) -> Record:
    if record.task not in ("ner", "relation") or not names:
        return record
    return replace(
        record,
        labels=tuple(label for label in record.annotated if label not in names),
        spans=tuple(span for span in record.spans if record.task == "relation" or span.label not in names),
        relations=tuple(triple for triple in record.relations if triple.relation not in names),
    )


def _count(records: Iterable[Record]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for record in records:
        used = (
            (span.label for span in record.spans)
            if record.task == "ner"
            else (triple.relation for triple in record.relations)
        )
        counts.update(dict.fromkeys(record.annotated, 0))
        counts.update({*used})
    return dict(counts)
