"""Evaluate models on a corpus, one beside the other.

Run: python scripts/evaluate.py assets/sample/dev.jsonl before=gliner-mt-mini after=training/sample/model-best
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from wasabi import MarkdownRenderer

from spacy_gliner_mt.cli.failure import exit_on
from spacy_gliner_mt.cli.loading import load_pipeline
from spacy_gliner_mt.training.corpus import Corpus, make_corpus

# What is shown -> key of the scores.
MEASURES = {
    "entities, F1": "ents_f",
    "relations, F1": "relations_f",
    "answers, F1": "answers_f",
    "answers, F1 where there is one": "answers_has_f",
    "answers, accuracy where there is none": "answers_no_acc",
    "summaries, ROUGE-L": "summary_rougeL",
}


def main(
    data: Annotated[Path, typer.Argument(help="Corpus: .jsonl, .jsonl.gz or .spacy, or a folder of them.")],
    models: Annotated[
        list[str], typer.Argument(metavar="NAME=MODEL...", help="Pipelines or checkpoints, and their names.")
    ],
    output: Annotated[Path | None, typer.Option(help="JSON file for all scores.")] = None,
    task: Annotated[list[str] | None, typer.Option(help="Records to read; of all tasks by default.")] = None,
    limit: Annotated[int, typer.Option(help="Records to read; 0 for all.")] = 0,
) -> None:
    """Print a table of scores in percent. Each text is asked for what it is annotated for."""
    with exit_on(ValueError, OSError):
        pairs = dict(model.rsplit("=", 1) if "=" in model else (model, model) for model in models)
        corpus = make_corpus(data, limit=limit, tasks=task)
        scores = {name: evaluate(model, corpus) for name, model in pairs.items()}
    print(format_scores(scores))
    if output:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(json.dumps(scores, indent=2) + "\n", encoding="utf8")


def evaluate(model: str, corpus: Corpus) -> dict[str, Any]:
    """All scores of a model, and how long they took."""
    nlp = load_pipeline(model, "en")
    start = time.perf_counter()
    scores = nlp.evaluate(corpus(nlp))
    return {**scores, "seconds": time.perf_counter() - start}


def format_scores(scores: dict[str, dict[str, Any]]) -> str:
    """The scores of each model as a Markdown table, without rows that nobody has."""
    rows = [
        [title, *("" if of[key] is None else f"{100 * of[key]:.1f}" for of in scores.values())]
        for title, key in MEASURES.items()
        if any(of[key] is not None for of in scores.values())
    ]
    rows.append(["seconds", *(f"{of['seconds']:.0f}" for of in scores.values())])
    return MarkdownRenderer().table(rows, header=["", *scores])


if __name__ == "__main__":
    typer.run(main)
