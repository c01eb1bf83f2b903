"""Pseudo-label: the command that makes a corpus of what a model is sure of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Annotated, Any

import typer
from tqdm import tqdm

from ..errors import Errors
from ..settings import THRESHOLDS
from ..training.encode import encode_records
from ..training.records import Record
from ..training.reference import Fit
from ..training.self_training import SureRecords
from . import options
from .convert import count_records, summarize
from .failure import exit_on
from .loading import configure, find_component, load_pipeline
from .readers import read_records
from .stream import Stream
from .task_options import with_task_options
from .writers import save


@with_task_options
def pseudo_label_cli(
    settings: Mapping[str, Any],
    source: options.Source,
    output: Annotated[
        Path, typer.Argument(metavar="OUTPUT", help="File to write: .jsonl, .jsonl.gz or .spacy.")
    ],
    model: options.Model = None,
    lang: options.Lang = "en",
    confidence: Annotated[
        float, typer.Option(min=0, max=1, help="Score that everything found must have to be taken as right.")
    ] = 0.4,
    doubt: Annotated[
        float, typer.Option(min=0, max=1, help="Score below which something is taken as not found.")
    ] = 0.4,
    negatives: Annotated[
        float, typer.Option(min=0, help="Labels that nothing was found for, kept for one that has something.")
    ] = 1.0,
    seed: Annotated[int, typer.Option(help="Of the choice of those.")] = 0,
    labels_per_pass: Annotated[
        int, typer.Option(min=1, help="Labels asked at once: with fewer, more is found, and it takes longer.")
    ] = 5,
    batch_size: options.BatchSize = None,
    quiet: options.Quiet = False,
) -> None:
    """Annotate texts, and keep what the model is sure of as a corpus to train it with.

    A label, relation, question or instruction is left out of a text where something found for it has
    a score between --doubt and --confidence. What nothing was found for is often only missed, so just
    a few of those are kept: --negatives. The model reads a few labels at a time, so as to teach what it
    does better that way. What to look for is told as for `annotate`. The output
    appears, or replaces an older one, only when it is complete.
    """
    with exit_on(ValueError, OSError, ImportError):
        if not output.parent.is_dir():
            raise ValueError(Errors.GM105.format(output=output))
        if doubt > confidence:
            raise ValueError(Errors.GM088.format(doubt=doubt, confidence=confidence))
        nlp = load_pipeline(model, lang)
        component = find_component(nlp)
        thresholds = dict.fromkeys(THRESHOLDS, doubt)
        configure(component, {**settings, **thresholds, "max_labels_per_pass": labels_per_pass})
        component.cfg["thresholds"] = {}
        stream = Stream(nlp, batch_size=batch_size)
        sure = SureRecords(confidence, negatives, Random(seed))
        totals: Counter[str] = Counter()
        fits: list[Fit] = []
        texts = tqdm(read_records(source, nlp.vocab), unit="doc", disable=True if quiet else None)
        records = count_records(_read_sure(stream, texts, sure, source.stem), totals)
        save(encode_records(records, output, nlp, fits), output)
    typer.echo(summarize(totals))
    for reason, count in sure.counts.items():
        typer.echo(f"{count:>7} {reason}")
    if not quiet:
        typer.echo(stream.summary, err=True)
    if stream.failed:
        raise typer.Exit(1)


def _read_sure(stream: Stream, texts: Any, sure: SureRecords, name: str) -> Iterator[Record]:
    for result in stream.annotate(texts):
        yield from sure.read(result.doc, result.settings, f"{name}-{result.number}")
