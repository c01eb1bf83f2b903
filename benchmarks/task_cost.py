"""What each task adds to the time that entities take.

Run: python -m benchmarks.task_cost --data ../shared/data/dev --docs 50
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Annotated, Any

import torch
import typer
from spacy.language import Language
from wasabi import MarkdownRenderer

from .corpus import build_documents, read_labels
from .machine import THREADS, describe_machine
from .methods import MINI, load_ours

ROUNDS = 3
N_LABELS = 5
TASKS: dict[str, dict[str, Any]] = {
    "relations": {"relations": ["part of", "work of"]},
    "questions": {"questions": ["Who is it about?"]},
    "summary": {"summarize": True},
    "prompts": {"prompts": {"dates": "Find all dates and years"}},
    "clean": {"clean": True},
    "open entities": {"open_entities": True},
}
ALL = {name: value for settings in TASKS.values() for name, value in settings.items()}


def main(
    data: Annotated[Path, typer.Option(help="Folder with the CrossNER sets, `ner.crossner_*.jsonl.gz`.")],
    docs: Annotated[int, typer.Option(help="Number of documents to draw.")] = 50,
    checkpoint: Annotated[str, typer.Option(help="A folder or hub id.")] = MINI,
) -> None:
    """Print seconds and inputs of the network, for entities alone and with each task beside them."""
    torch.set_num_threads(THREADS)
    nlp = load_ours(checkpoint, read_labels()[:N_LABELS])
    texts = build_documents(data, docs, seed=0)
    measured = {
        name: measure(nlp, texts, settings)
        for name, settings in {"entities": {}, **TASKS, "all of these": ALL}.items()
    }
    alone, _ = measured["entities"]
    rows = [
        (name, f"{seconds:.2f}", f"{seconds / alone:.2f}", str(passes))
        for name, (seconds, passes) in measured.items()
    ]
    print(f"{describe_machine()}. {docs} texts, {N_LABELS} labels, medians of {ROUNDS}.\n")
    print(MarkdownRenderer().table(rows, header=("entities and", "seconds", "times entities", "inputs")))


def measure(nlp: Language, texts: Sequence[str], settings: dict[str, Any]) -> tuple[float, int]:
    """Seconds for all texts, and how many inputs the network read for them."""
    seconds = []
    for _ in range(1 + ROUNDS):
        docs = [nlp.make_doc(text) for text in texts]
        for doc in docs:
            doc._.gliner = settings
        start = perf_counter()
        docs = list(nlp.pipe(docs))
        seconds.append(perf_counter() - start)
    return median(seconds[1:]), sum(doc._.gliner_report.passes for doc in docs)


if __name__ == "__main__":
    typer.run(main)
