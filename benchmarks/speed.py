"""Speed and memory of the component beside its peers: same weights, texts and labels.

Run: python -m benchmarks.speed --data ../shared/data/dev --labels 15 --docs 24
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Annotated

import srsly
import torch
import typer
from wasabi import MarkdownRenderer

from .corpus import build_documents, read_labels
from .machine import THREADS, describe_machine
from .memory import call_with_peak, run_in_fresh_process
from .methods import METHODS, MINI, Extract, gliner_one_by_one, load_ours, ours_on_words

ROUNDS = 5
SEED = 0


@dataclass(frozen=True)
class Measurement:
    """What one method took for all texts.

    seconds: of each round.
    peak_mib: memory above that after loading.
    """

    seconds: list[float]
    peak_mib: float


@dataclass(frozen=True)
class Report:
    """A run of the benchmark.

    words: whitespace words in all texts.
    entities, differing: found by gliner; found by only one of ours and gliner.
    methods: by name, ours first.
    """

    machine: str
    checkpoint: str
    labels: int
    texts: int
    words: int
    entities: int
    differing: int
    methods: dict[str, Measurement]


def main(
    data: Annotated[Path, typer.Option(help="Folder with the CrossNER sets, `ner.crossner_*.jsonl.gz`.")],
    labels: Annotated[int, typer.Option(min=1, max=100, help="Number of labels.")] = 15,
    docs: Annotated[int, typer.Option(help="Number of documents to draw.")] = 24,
    checkpoint: Annotated[str, typer.Option(help="A folder or hub id.")] = MINI,
    output: Annotated[Path | None, typer.Option(help="JSONL file to add the figures to.")] = None,
) -> None:
    """Print words per second, ratios, memory, and whether our entities equal gliner's."""
    torch.set_num_threads(THREADS)
    asked = read_labels()[:labels]
    texts = keep_uncut(build_documents(data, docs, SEED), checkpoint, asked)
    report = measure(texts, checkpoint, asked)
    print(format_report(report))
    if output:
        srsly.write_jsonl(output, [asdict(report)], append=True, append_new_line=False)


def keep_uncut(texts: Sequence[str], checkpoint: str, labels: Sequence[str]) -> list[str]:
    """Keep the texts that fit the encoder together with the labels: gliner cuts off the others'
    ends, so that it would read less than ours."""
    docs = load_ours(checkpoint, labels).pipe(texts)
    return [doc.text for doc in docs if doc._.gliner_report.windows == 1]


def measure(texts: Sequence[str], checkpoint: str, labels: Sequence[str]) -> Report:
    """Measure every method on the same texts."""
    extracts = {name: load(checkpoint, labels) for name, load in METHODS.items()}
    seconds = time_in_turn(extracts, texts)
    ours = ours_on_words(checkpoint, labels)(texts)
    gliner = gliner_one_by_one(checkpoint, labels)(texts)
    return Report(
        machine=describe_machine(),
        checkpoint=checkpoint,
        labels=len(labels),
        texts=len(texts),
        words=sum(len(text.split()) for text in texts),
        entities=sum(len(found) for found in gliner),
        differing=sum(len(a ^ b) for a, b in zip(ours, gliner, strict=True)),
        methods={
            name: Measurement(
                seconds=seconds[name],
                peak_mib=run_in_fresh_process(measure_peak, name, checkpoint, labels, texts),
            )
            for name in METHODS
        },
    )


def time_in_turn(extracts: Mapping[str, Extract], texts: Sequence[str]) -> dict[str, list[float]]:
    """Time methods round by round, so that all meet the same disturbances.

    RETURNS: method -> seconds per round, after one round that does not count.
    """
    seconds: dict[str, list[float]] = {name: [] for name in extracts}
    for _ in range(1 + ROUNDS):
        for name, extract in extracts.items():
            start = perf_counter()
            extract(texts)
            seconds[name].append(perf_counter() - start)
    return {name: rounds[1:] for name, rounds in seconds.items()}


def measure_peak(method: str, checkpoint: str, labels: Sequence[str], texts: Sequence[str]) -> float:
    """Measure the memory above that after loading, in MiB."""
    extract = METHODS[method](checkpoint, labels)
    # Ours loads at its first text.
    extract(["Loaded."])
    return call_with_peak(extract, texts)[1]


def format_report(report: Report) -> str:
    """Format a report as Markdown."""
    medians = {name: median(method.seconds) for name, method in report.methods.items()}
    ours = next(iter(medians.values()))
    rows = [
        (
            name,
            f"{medians[name]:.3f}",
            f"{report.words / medians[name]:.0f}",
            f"{medians[name] / ours:.2f}",
            f"{method.peak_mib:.0f}",
        )
        for name, method in report.methods.items()
    ]
    header = ("method", "seconds", "words/s", "time / ours", "MiB above load")
    return "\n".join(
        (
            f"{report.machine}. {report.checkpoint}: {report.labels} labels, {report.texts} texts,"
            f" {report.words} words, medians of {ROUNDS}.",
            "",
            MarkdownRenderer().table(rows, header=header),
            "",
            f"Entities that only one of ours and gliner finds: {report.differing};"
            f" gliner finds {report.entities}.",
        )
    )


if __name__ == "__main__":
    typer.run(main)
