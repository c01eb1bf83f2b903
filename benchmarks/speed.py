"""Speed and memory of the component beside its peers: same weights, texts, labels and threshold.

Run: python -m benchmarks.speed --data ../shared/data/dev --size MiniLM --labels 15 --docs 24
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Annotated, Any

import torch
import typer

from spacy_gliner_mt.models.architecture import build_gliner_multitask_v1, require_bundle

from .corpus import DOCUMENT_WORDS, Lengths, build_documents, read_labels
from .flops import NetworkShape, count_flops
from .gemm import make_products
from .inputs import build_inputs, choose_threshold, cut_to_fit
from .machine import THREADS, describe_machine
from .memory import call_with_peak, run_in_fresh_process
from .methods import MINI, THRESHOLD, Entities, Extract, Load, ours, ours_exported, ours_on_words
from .options import choose
from .peers import PEERS, missing_packages
from .reports import plot_curves, write_report
from .runs import REFERENCE, Measurement, Run, add_run, arrange_panels, format_runs, read_runs
from .sizes import SIZES, Size, find_checkpoint

TITLE = "Speed beside gliner and gliner-spacy"
NOTE = (
    "Medians of rounds in which all methods take turns. Useful FLOPs only are compared with the rate of"
    " bare matrix products. gliner-spacy reads other inputs, as it cuts texts into chunks of 250"
    " characters; ours is compared on the model's own words. DeBERTa has random weights: whether"
    " entities are equal can be told from it, but not whether they are good."
)
# Name -> how it extracts, and the packages that it needs.
METHODS: dict[str, tuple[Load, tuple[str, ...]]] = {
    "ours": (ours, ()),
    "ours-onnx": (ours_exported, ("onnxruntime", "onnx")),
    "ours-onnx-int8": (partial(ours_exported, int8=True), ("onnxruntime", "onnx")),
    **PEERS,
}
# What finds the entities that are compared, where it is not what is timed.
COMPARED: dict[str, Load] = {"ours": ours_on_words}
LABELS = (5, 15, 30, 100)
SEED = 0
# Takes turns with the methods.
GEMM = "products"


@dataclass(frozen=True)
class Task:
    """What every method is to do.

    size, lengths: of the checkpoint and of the texts, by name.
    flops: useful ones, for all texts.
    width: of the encoder.
    """

    size: Size
    lengths: Lengths
    checkpoint: str
    labels: tuple[str, ...]
    threshold: float
    texts: tuple[str, ...]
    flops: int
    width: int

    def load(self, load: Load) -> Extract:
        """Load a method for it."""
        return load(self.checkpoint, self.labels, self.threshold)


def main(
    data: Annotated[Path, typer.Option(help="Folder with the CrossNER sets, `ner.crossner_*.jsonl.gz`.")],
    method: Annotated[
        list[str] | None, typer.Option(help=f"Of {', '.join(METHODS)}; all installed ones.")
    ] = None,
    size: Annotated[list[str] | None, typer.Option(help=f"Of {', '.join(SIZES)}; all.")] = None,
    lengths: Annotated[list[str] | None, typer.Option(help=f"Of {', '.join(DOCUMENT_WORDS)}; all.")] = None,
    labels: Annotated[list[int] | None, typer.Option(min=1, max=100, help=f"Numbers; {LABELS}.")] = None,
    docs: Annotated[int, typer.Option(help="Number of documents to draw.")] = 24,
    rounds: Annotated[int, typer.Option(help="Rounds that count.")] = 5,
    figures: Annotated[Path | None, typer.Option(help="JSONL file to add the figures to.")] = None,
    output: Annotated[Path | None, typer.Option(help="Markdown file to write.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Picture to draw, such as .png or .svg.")] = None,
) -> None:
    """Print words per second, memory, equality of entities and the share of the machine's rate. Where
    there is a file of figures, the table and the picture are of all that are in it."""
    torch.set_num_threads(THREADS)
    methods = choose_methods(method)
    runs = []
    tasks = product(choose(size, SIZES), choose(lengths, DOCUMENT_WORDS), labels or LABELS)
    for of_size, kind, n_labels in tasks:
        texts = build_documents(data, docs, SEED, kind)
        run = measure(prepare(of_size, kind, n_labels, texts), methods, rounds)
        runs.append(run)
        print(format_runs([run]), flush=True)
        if figures:
            add_run(figures, run)
    runs = read_runs(figures) if figures else runs
    if output:
        write_report(output, TITLE, NOTE, format_runs(runs))
    if plot:
        plot_curves(plot, TITLE, arrange_panels(runs), axes=("labels", "words/s"))


def choose_methods(names: Sequence[str] | None) -> list[str]:
    """The methods that are asked for, or all that are installed; those that are not are told."""
    chosen = choose(names, METHODS)
    missing = {name: packages for name in chosen if (packages := missing_packages(METHODS[name][1]))}
    if names and missing:
        raise typer.BadParameter(f"Install what these need, or leave them out: {missing}.")
    for name, packages in missing.items():
        print(f"Left out: {name}, as {packages} are not installed.")
    return [name for name in chosen if name not in missing]


def prepare(size: Size, lengths: Lengths, n_labels: int, texts: Sequence[str]) -> Task:
    """Find out what there is to do, with as much of the texts as all methods read."""
    checkpoint, labels = find_checkpoint(size), read_labels()[:n_labels]
    model = build_gliner_multitask_v1(checkpoint=checkpoint)
    texts = cut_to_fit(model, labels, texts)
    inputs = build_inputs(model, labels, texts)
    shape = NetworkShape.from_config(require_bundle(model).config)
    return Task(
        size=size,
        lengths=lengths,
        checkpoint=checkpoint,
        labels=tuple(labels),
        threshold=THRESHOLD if checkpoint == MINI else choose_threshold(model, inputs),
        texts=tuple(texts),
        flops=count_flops(shape, inputs),
        width=shape.width,
    )


def measure(task: Task, methods: Sequence[str], rounds: int) -> Run:
    """Measure methods on a task."""
    extracts = {name: task.load(METHODS[name][0]) for name in methods}
    multiply, flops = make_products(task.width)
    calls = {name: partial(extract, task.texts) for name, extract in extracts.items()}
    seconds = time_in_turn({**calls, GEMM: multiply}, rounds)
    found = {
        name: (task.load(COMPARED[name]) if name in COMPARED else extract)(task.texts)
        for name, extract in extracts.items()
    }
    del extracts, calls
    gc.collect()
    expected = found.get(REFERENCE)
    return Run(
        machine=describe_machine(),
        size=task.size,
        lengths=task.lengths,
        labels=len(task.labels),
        texts=len(task.texts),
        words=sum(len(text.split()) for text in task.texts),
        threshold=task.threshold,
        entities=None if expected is None else sum(map(len, expected)),
        flops=task.flops,
        gemm_rate=flops / median(seconds[GEMM]),
        methods={
            name: Measurement(
                seconds=seconds[name],
                peak_mib=run_in_fresh_process(measure_peak, name, task),
                differing=None if expected is None else count_differing(found[name], expected),
            )
            for name in methods
        },
    )


def count_differing(found: Sequence[Entities], expected: Sequence[Entities]) -> int:
    """Count the entities that are found in one of both only."""
    return sum(len(some ^ others) for some, others in zip(found, expected, strict=True))


def time_in_turn(calls: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, list[float]]:
    """Time calls round by round, so that all meet the same disturbances.

    RETURNS: name -> seconds per round, after one round that does not count.
    """
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(1 + rounds):
        for name, call in calls.items():
            start = perf_counter()
            call()
            seconds[name].append(perf_counter() - start)
    return {name: some[1:] for name, some in seconds.items()}


def measure_peak(method: str, task: Task) -> float:
    """Measure the memory above that after loading, in MiB."""
    extract = task.load(METHODS[method][0])
    # Ours loads at its first text.
    extract(["Loaded."])
    return call_with_peak(extract, task.texts)[1]


if __name__ == "__main__":
    typer.run(main)
