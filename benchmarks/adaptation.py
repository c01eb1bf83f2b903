"""What training for one domain does to a checkpoint, there and elsewhere: with annotated texts, or with
what it is sure of itself (self-training).

Run: python -m benchmarks.adaptation --data ../shared/data/dev --domain crossner_ai
     python -m benchmarks.adaptation --data ../shared/data/dev --domain crossner_ai --self-training
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import torch
import typer
from wasabi import MarkdownRenderer

from spacy_gliner_mt.cli.loading import load_pipeline
from spacy_gliner_mt.training.corpus import make_corpus
from spacy_gliner_mt.training.records import Record, read_records

from .machine import THREADS, describe_machine
from .methods import MINI

CONFIGS = Path(__file__).parents[1] / "configs"


def main(
    data: Annotated[Path, typer.Option(help="Folder of the sets, `ner.*.jsonl.gz`.")],
    domain: Annotated[str, typer.Option(help="The set to train for, such as crossner_ai.")],
    examples: Annotated[
        int, typer.Option(help="Texts to train with; the set's others are for testing.")
    ] = 100,
    steps: Annotated[int, typer.Option(help="Updates; 0 for those of the config.")] = 0,
    self_training: Annotated[bool, typer.Option(help="Train with the checkpoint's own findings.")] = False,
    seed: Annotated[list[int] | None, typer.Option(help="What draws the texts; 0 by default.")] = None,
    others: Annotated[int, typer.Option(help="Texts of each other set to test with.")] = 100,
    checkpoint: Annotated[str, typer.Option(help="A folder or hub id.")] = MINI,
) -> None:
    """Print F1 of entities (micro, exact) before and after, for every set."""
    torch.set_num_threads(THREADS)
    config = CONFIGS / ("self_train.cfg" if self_training else "train.cfg")
    print(f"{describe_machine()}. {examples} texts of {domain}, {config.name}.\n")
    for some_seed in seed or [0]:
        with TemporaryDirectory() as folder:
            train, tests = split(data, domain, examples, others, some_seed, Path(folder))
            if self_training:
                train = label(train, checkpoint, some_seed)
            trained = fine_tune(config, train, checkpoint, steps, some_seed)
            before, after = (evaluate(model, tests) for model in (checkpoint, str(trained)))
        rows = [(path.stem, f"{b:.3f}", f"{a:.3f}") for path, b, a in zip(tests, before, after, strict=True)]
        print(MarkdownRenderer().table(rows, header=(f"seed {some_seed}", "before", "after")), flush=True)


def split(
    data: Path, domain: str, examples: int, others: int, seed: int, folder: Path
) -> tuple[Path, list[Path]]:
    """Write a file to train with, and one a set to test with, the domain's first."""
    sets = {
        path.name.split(".")[1]: random.Random(seed).sample(records, len(records))
        for path in sorted(data.glob("ner.*.jsonl.gz"))
        if (records := list(read_records(path)))
    }
    train, rest = sets[domain][:examples], sets[domain][examples:]
    tests = {domain: rest} | {name: some[:others] for name, some in sets.items() if name != domain}
    paths = [write(folder / f"{name}.jsonl", records) for name, records in tests.items()]
    return write(folder / "train.jsonl", train), paths


def write(path: Path, records: Sequence[Record]) -> Path:
    """Write a corpus."""
    path.write_text("".join(f"{record.to_json()}\n" for record in records), encoding="utf8")
    return path


def label(train: Path, checkpoint: str, seed: int) -> Path:
    """Let the checkpoint label the texts of a corpus, all of which are asked for all labels."""
    records = list(read_records(train))
    labels = sorted({label for record in records for label in record.annotated})
    texts = train.with_name("texts.jsonl")
    lines = (json.dumps({"text": record.text, "gliner": {"labels": labels}}) for record in records)
    texts.write_text("".join(f"{line}\n" for line in lines), encoding="utf8")
    output = train.with_name("pseudo.jsonl")
    run("gliner", "pseudo-label", str(texts), str(output), "--model", checkpoint, "--seed", str(seed))
    return output


def fine_tune(config: Path, train: Path, checkpoint: str, steps: int, seed: int) -> Path:
    """Train as `spacy train` does."""
    overrides = {
        "paths.train": train,
        "paths.dev": train,
        "paths.checkpoint": checkpoint,
        "system.seed": seed,
        "corpora.dev.limit": 1,
        **({"training.max_steps": steps} if steps else {}),
    }
    options = [part for name, value in overrides.items() for part in (f"--{name}", str(value))]
    run("train", str(config), "--output", str(train.parent), *options)
    return train.with_name("model-last")


def run(*arguments: str) -> None:
    """Run a command of spaCy; what it says goes to standard error."""
    subprocess.run([sys.executable, "-m", "spacy", *arguments], check=True, stdout=sys.stderr)


def evaluate(model: str, tests: Sequence[Path]) -> list[float]:
    """F1 for each file."""
    nlp = load_pipeline(model, "en")
    return [nlp.evaluate(make_corpus(path)(nlp))["ents_f"] for path in tests]


if __name__ == "__main__":
    typer.run(main)
