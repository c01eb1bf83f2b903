"""Scaling: processes of `nlp.pipe`, and threads that share a pipeline.

Run: python -m benchmarks.scaling --data ../shared/data/dev --docs 200
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from pathlib import Path
from statistics import median
from typing import Annotated

import torch
import typer
from spacy.language import Language
from wasabi import MarkdownRenderer

from .corpus import build_documents, read_labels
from .machine import describe_machine
from .methods import MINI, Entities, load_ours, read_entities
from .reports import write_report
from .speed import time_in_turn

TITLE = "Several processes, and several threads that share one pipeline"
Extract = Callable[[], list[Entities]]


def main(
    data: Annotated[Path, typer.Option(help="Folder with the CrossNER sets, `ner.crossner_*.jsonl.gz`.")],
    docs: Annotated[int, typer.Option(help="Number of documents to draw.")] = 200,
    labels: Annotated[int, typer.Option(min=1, max=100, help="Number of labels.")] = 15,
    workers: Annotated[list[int] | None, typer.Option(help="Processes, and threads; 1, 2 and 4.")] = None,
    rounds: Annotated[int, typer.Option(help="Rounds that count.")] = 3,
    checkpoint: Annotated[str, typer.Option(help="A folder or hub id.")] = MINI,
    output: Annotated[Path | None, typer.Option(help="Markdown file to write, too.")] = None,
) -> None:
    """Print words per second, and whether all find the same. Each worker computes with one thread, as
    several of one's own would only compete with the other workers."""
    torch.set_num_threads(1)
    texts = build_documents(data, docs, seed=0)
    nlp = load_ours(checkpoint, read_labels()[:labels])
    numbers = sorted({1, *(workers or (2, 4))})
    calls: dict[str, Extract] = {
        f"{number} {kind}": partial(extract, nlp, texts, number)
        for kind, extract in (("processes", in_processes), ("threads", in_threads))
        for number in numbers
    }
    expected = in_threads(nlp, texts, 1)
    equal = {name: call() == expected for name, call in calls.items()}
    seconds = {name: median(some) for name, some in time_in_turn(calls, rounds).items()}
    words = sum(len(text.split()) for text in texts)
    table = format_table(seconds, equal, words)
    facts = f"{docs} texts, {words} words, {labels} labels, medians of {rounds}, one thread per worker."
    print(f"{describe_machine()}. {facts}\n\n{table}")
    if output:
        write_report(output, TITLE, facts, table)


def in_processes(nlp: Language, texts: Sequence[str], number: int) -> list[Entities]:
    """Extract in `nlp.pipe` with so many processes, which are started for it."""
    docs = nlp.pipe(texts, n_process=number, batch_size=batch_size(texts, number))
    return [read_entities(doc) for doc in docs]


def in_threads(nlp: Language, texts: Sequence[str], number: int) -> list[Entities]:
    """Extract in so many threads, each of which reads every so many texts in its own `nlp.pipe`."""

    def extract(some: Sequence[str]) -> list[Entities]:
        return [read_entities(doc) for doc in nlp.pipe(some)]

    size = batch_size(texts, number)
    with ThreadPoolExecutor(number) as pool:
        parts = [texts[start : start + size] for start in range(0, len(texts), size)]
        return list(chain.from_iterable(pool.map(extract, parts)))


def batch_size(texts: Sequence[str], number: int) -> int:
    """Texts that a worker is given at once: few, so that all end at about the same time."""
    return max(1, len(texts) // (4 * number))


def format_table(seconds: dict[str, float], equal: dict[str, bool], words: int) -> str:
    """Format seconds of each call as Markdown, beside those of one worker of its kind."""
    rows = []
    for name, some in seconds.items():
        alone = seconds[f"1 {name.split()[1]}"]
        same = "yes" if equal[name] else "no"
        rows.append((name, f"{some:.2f}", f"{words / some:.0f}", f"{alone / some:.2f}", same))
    header = ("workers", "seconds", "words/s", "times one worker", "same entities")
    return MarkdownRenderer().table(rows, header=header).strip()


if __name__ == "__main__":
    typer.run(main)
