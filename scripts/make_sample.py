"""Make the sample corpus of `assets/sample`: passages of many domains from files of the format
"synthetic", chosen by rule, and converted by `spacy gliner convert`.

    python scripts/make_sample.py assets/sample FILE.jsonl FILE.jsonl ...
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from itertools import chain, islice, zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import spacy
import typer

from spacy_gliner_mt.cli.convert import convert_cli
from spacy_gliner_mt.training.converters.files import read_items
from spacy_gliner_mt.training.converters.synthetic import Passage, convert_passage
from spacy_gliner_mt.training.records import TASKS, Record
from spacy_gliner_mt.training.reference import write_reference

NLP = spacy.blank("en")


def make_sample(
    output: Annotated[Path, typer.Argument(help="Folder to write train.jsonl and dev.jsonl to.")],
    sources: Annotated[list[Path], typer.Argument(help="Files of passages.", exists=True, dir_okay=False)],
    train: Annotated[int, typer.Option(help="Passages to train with.")] = 300,
    dev: Annotated[int, typer.Option(help="Passages to evaluate with.")] = 60,
) -> None:
    """Choose passages, and write a corpus of them. Every file has as many as any other, and every
    domain of a file too, as far as there are any; those annotated for most tasks come first. A passage
    is in one part only. The same files give the same corpus."""
    chosen = list(islice(_take_turns(map(_choose, sources)), train + dev))
    if len(chosen) < train + dev:
        raise typer.BadParameter(f"Only {len(chosen)} of {train + dev} passages can be had.")
    # Each stretch of the ranking gives one to evaluate with, whichever it may be.
    step = len(chosen) // dev
    stretches = [chosen[start : start + step] for start in range(0, dev * step, step)]
    held_out = [min(stretch, key=_digest) for stretch in stretches]
    parts = {"train": [passage for passage in chosen if passage not in held_out], "dev": held_out}
    with TemporaryDirectory() as folder:
        for name, passages in parts.items():
            marked = Path(folder) / f"{name}.jsonl"
            lines = (json.dumps(asdict(passage), ensure_ascii=False) for passage in passages)
            marked.write_text("".join(f"{line}\n" for line in lines), encoding="utf8")
            domains = len({passage.d for passage in passages})
            typer.echo(f"{name}: {len(passages)} passages of {domains} domains")
            convert_cli(marked, output / marked.name, format="synthetic")


def _choose(path: Path) -> Iterator[Passage]:
    """The passages of a file that convert without a loss, the domains taking turns."""
    by_domain: dict[str, list[tuple[int, str, Passage]]] = defaultdict(list)
    for passage in read_items(path, Passage):
        counts: Counter[str] = Counter()
        records = list(convert_passage(passage, "", counts))
        if records and not counts.total() and all(map(_fits, records)):
            tasks = len({record.task for record in records})
            by_domain[passage.d].append((len(TASKS) - tasks, _digest(passage), passage))
    domains = (sorted(passages) for _, passages in sorted(by_domain.items()))
    yield from _take_turns([passage for _, _, passage in domain] for domain in domains)


def _digest(passage: Passage) -> str:
    """What has nothing to do with what a passage is about, nor with its place in a file."""
    return hashlib.sha256(passage.t.encode()).hexdigest()


def _fits(record: Record) -> bool:
    """Whether spans end where spaCy's tokens do."""
    return write_reference(NLP.make_doc(record.text), record).is_exact


def _take_turns(rows: Iterable[Iterable[Passage]]) -> Iterator[Passage]:
    """The first of each row, then the second of each, as long as there are any."""
    turns = chain.from_iterable(zip_longest(*rows))
    return (passage for passage in turns if passage is not None)


if __name__ == "__main__":
    typer.run(make_sample)
