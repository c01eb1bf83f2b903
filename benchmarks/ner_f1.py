"""Zero-shot F1 of a checkpoint on annotated sets, beside that of gliner on the same weights.

Run: python -m benchmarks.ner_f1 --data ../shared/data/dev --peer gliner --limit 80
"""

from __future__ import annotations

from math import nan
from pathlib import Path
from statistics import mean
from typing import Annotated, Literal

import torch
import typer
from spacy.scorer import PRFScore
from wasabi import MarkdownRenderer

from .corpus import NerSet, read_ner_sets
from .machine import THREADS
from .methods import MINI, Extract, ours_on_words
from .peers import gliner_one_by_one
from .published import PUBLISHED
from .reports import plot_bars, write_report

TITLE = "Zero-shot entities: micro-F1"
PEERS = {"gliner": gliner_one_by_one}


def main(
    data: Annotated[Path, typer.Option(help="Folder of files `ner.<name>.jsonl` or `.jsonl.gz`.")],
    checkpoint: Annotated[str, typer.Option(help="A folder or hub id.")] = MINI,
    peer: Annotated[Literal["gliner"] | None, typer.Option(help="Measure this one too.")] = None,
    limit: Annotated[int | None, typer.Option(help="Texts per set; all by default.")] = None,
    output: Annotated[Path | None, typer.Option(help="Markdown file to write, too.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Picture to draw, such as .png or .svg.")] = None,
) -> None:
    """Print micro-F1 (exact characters and label, threshold 0.5) of each set, and their mean. Published
    figures stand beside them where there are any; they are of whole test parts."""
    torch.set_num_threads(THREADS)
    methods = {"ours": ours_on_words} | ({peer: PEERS[peer]} if peer else {})
    ner_sets = read_ner_sets(data, limit)
    if not ner_sets:
        raise typer.BadParameter(f"There is no file 'ner.<name>.jsonl' or 'ner.<name>.jsonl.gz' in '{data}'.")
    scores = {
        ner_set.name: [measure_f1(load(checkpoint, ner_set.labels), ner_set) for load in methods.values()]
        for ner_set in ner_sets
    }
    scores["mean"] = [mean(column) for column in zip(*scores.values(), strict=True)]
    table = format_scores(list(methods), scores)
    print(table)
    if output:
        write_report(output, TITLE, f"Checkpoint: {Path(checkpoint).name}.", table)
    if plot:
        plot_bars(plot, TITLE, {name: dict(zip(methods, row, strict=True)) for name, row in scores.items()})


def measure_f1(extract: Extract, ner_set: NerSet) -> float:
    """Measure the micro-F1 of what is extracted from a set's texts."""
    score = PRFScore()
    for found, annotated in zip(extract(ner_set.texts), ner_set.entities, strict=True):
        score.score_set(found, annotated)
    return score.fscore


def format_scores(methods: list[str], scores: dict[str, list[float]]) -> str:
    """Format scores as a Markdown table, beside the published ones.

    methods: whose scores they are, in order; ours first.
    scores: a row's name -> the score of each method.
    """
    header = ["set", *methods, *(f"ours - {peer}" for peer in methods[1:]), *PUBLISHED]
    rows = [
        [
            name,
            *(f"{score:.4f}" for score in row),
            *(f"{row[0] - score:+.4f}" for score in row[1:]),
            *(f"{published.get(name.partition('.')[0], nan):.4f}" for published in PUBLISHED.values()),
        ]
        for name, row in scores.items()
    ]
    return MarkdownRenderer().table(rows, header=header)


if __name__ == "__main__":
    typer.run(main)
