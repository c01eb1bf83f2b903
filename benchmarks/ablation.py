"""Ablation of the pretraining recipe: the same short run, each time with one thing changed.

Run: python -m benchmarks.ablation runs/ablation --start ../shared/checkpoints/gliner-mt-mini
     --corpora ../shared/data/train --synthetic corpus/synthetic --data ../shared/data/dev
     --output benchmarks/results/ablation.md
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from statistics import mean
from typing import Annotated

import srsly
import torch
import typer
from wasabi import MarkdownRenderer

from spacy_gliner_mt.cli.loading import load_pipeline

from .corpus import read_ner_sets
from .machine import THREADS
from .methods import ours_on_words
from .ner_f1 import measure_f1
from .options import choose
from .reports import write_report
from .tasks import BENCHMARKS, measure, sample_set

CONFIG = Path("configs/pretrain_stage2.cfg")
TITLE = "Ablation of the pretraining recipe"
# How all runs differ from the recipe: its average, of a long run, would hide what a short one does, and its
# rates are high, as they fall in the end.
SHORT = {
    "seed": "1",
    "learn_rate": "2e-4",
    "encoder_factor": "0.2",
    "decay": "constant",
    "ema_decay": "0.95",
    "warmup_steps": "5",
}
# At which answers and tails are measured: few pass 0.5 in a model that has just begun.
THRESHOLD = 0.3
_OWN = [f"synthetic_{kind}" for kind in ("entities", "questions", "relations", "prompts", "summaries")]
_PUBLIC = ["entities", "questions", "relations", "summaries"]
_OTHER_TASKS = [name for name in [*_OWN, *_PUBLIC] if not name.endswith("entities")]


def _hardly(names: list[str]) -> dict[str, str]:
    """Settings by which sources are drawn from once in a million texts."""
    return {f"sources.{name}.weight": "1e-6" for name in names}


# What differs from the recipe, in its section [pretraining].
VARIANTS: dict[str, dict[str, str]] = {
    "recipe": {},
    "another seed": {"seed": "2"},
    "up to 16 labels, 1 negative for a positive": {
        "sampler.max_labels": "16",
        "sampler.negative_ratio": "1.0",
    },
    "public corpora only": _hardly(_OWN),
    "synthetic corpus only": _hardly(_PUBLIC),
    "entities only": _hardly(_OTHER_TASKS),
    "twice the learning rate": {"learn_rate": "4e-4"},
    "encoder as fast as the rest": {"encoder_factor": "1.0"},
    "smoothing 0.1": {"loss.smoothing": "0.1"},
    "positives weigh 0.9, negatives 0.1": {"loss.positive_weight": "0.9", "loss.negative_weight": "0.1"},
    "inputs weigh as much as they have targets": {"loss.reduction": "mean"},
    "all labels of a span are right": {"sampler.exclusive": "false"},
    "negatives by frequency": {"sampler.negatives": "frequency"},
    "no average of weights": {"ema_decay": "null"},
    "average over 500 steps": {"ema_decay": "0.998"},
    "embeddings trained": {"frozen_layers": "null"},
}


def main(
    folder: Annotated[Path, typer.Argument(help="Of the runs; those that are in it go on, or are done.")],
    start: Annotated[str, typer.Option(help="Checkpoint that all runs begin with.")],
    corpora: Annotated[Path, typer.Option(help="Training corpora.")],
    data: Annotated[Path, typer.Option(help="Sets to measure on.")],
    synthetic: Annotated[Path, typer.Option(help="`assets/synthetic`, converted into a folder.")],
    steps: Annotated[int, typer.Option(help="Of each run.")] = 40,
    limit: Annotated[int, typer.Option(help="Texts per set.")] = 40,
    variant: Annotated[list[str] | None, typer.Option(help=f"Of {', '.join(VARIANTS)}; all.")] = None,
    output: Annotated[Path | None, typer.Option(help="Markdown file to write, too.")] = None,
) -> None:
    """Print what became of each run: mean F1 of entities, F1 of answers and EM of tails, in percent."""
    torch.set_num_threads(THREADS)
    paths = {"paths.train": str(corpora), "paths.synthetic": str(synthetic)}
    common = {**SHORT, "checkpoint": start, "steps": str(steps), "save_every": str(steps)}
    scores = {"the start": measure_once(folder / "start.json", start, data, limit)}
    for name in choose(variant, VARIANTS):
        run = folder / name.replace(",", "").replace(" ", "_")
        settings = {f"pretraining.{key}": value for key, value in {**common, **VARIANTS[name]}.items()}
        train(run, {**paths, **settings})
        scores[name] = measure_once(run / "scores.json", str(run / "checkpoint"), data, limit)
    table = format_scores(scores)
    print(table)
    if output:
        facts = (
            f"Each run: `python -m spacy gliner pretrain {CONFIG}`, {steps} steps from {Path(start).name} "
            f"with {_format_settings(SHORT)} and what is named below. Measured on {limit} texts per "
            f"set of entities (threshold 0.5, mean micro-F1), {3 * limit} of SQuAD 2.0 and as many of FewRel "
            f"(threshold {THRESHOLD})."
        )
        write_report(output, TITLE, facts, table)


def train(folder: Path, settings: dict[str, str]) -> None:
    """Run the recipe with some settings, or go on with the run, or find that it is done.

    RAISES: CalledProcessError where it fails.
    """
    command = ["-m", "spacy", "gliner", "pretrain", str(CONFIG), str(folder), "--resume", *override(settings)]
    subprocess.run([sys.executable, *command], check=True)


def override(settings: dict[str, str]) -> list[str]:
    """Settings as arguments of a command line."""
    return [part for key, value in settings.items() for part in (f"--{key}", value)]


def score(checkpoint: str, data: Path, limit: int) -> dict[str, float]:
    """Measure a checkpoint, in percent."""
    nlp = load_pipeline(checkpoint, "en")
    sets = read_ner_sets(data, limit)
    scores = {
        "entities, F1": 100 * mean(measure_f1(ours_on_words(checkpoint, some.labels), some) for some in sets)
    }
    for task, measured in {"qa": "F1, answerable", "relation": "EM of tails"}.items():
        benchmark = BENCHMARKS[task]
        of_task = measure(nlp, benchmark, sample_set(data, benchmark, 3 * limit), THRESHOLD)
        scores[f"{benchmark.file}: {measured}"] = of_task[measured]
    return scores


def measure_once(path: Path, checkpoint: str, data: Path, limit: int) -> dict[str, float]:
    """The same, kept in a JSON file: a checkpoint that has one is not measured again."""
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        srsly.write_json(path, score(checkpoint, data, limit))
    return srsly.read_json(path)


def format_scores(scores: dict[str, dict[str, float]]) -> str:
    """The scores of each run as a Markdown table, with the settings that it was run with."""
    measures = list(next(iter(scores.values())))
    rows = [
        [name, _format_settings(VARIANTS.get(name, {})), *map("{:.1f}".format, of.values())]
        for name, of in scores.items()
    ]
    return MarkdownRenderer().table(rows, header=["run", "settings of [pretraining]", *measures])


def _format_settings(settings: dict[str, str]) -> str:
    return " ".join(f"`{key} = {value}`" for key, value in settings.items())


if __name__ == "__main__":
    typer.run(main)
