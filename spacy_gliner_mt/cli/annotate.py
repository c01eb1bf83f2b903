"""Annotate: the command that finds labels in the texts of a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import spacy
import typer
from spacy.vocab import Vocab
from tqdm import tqdm

from ..errors import Errors
from ..settings import Settings
from . import options
from .failure import exit_on
from .loading import find_component, load_pipeline
from .readers import STANDARD_INPUT, read_records
from .stream import Stream
from .writers import Format, save, write_results


def annotate_cli(
    source: options.Source,
    labels: options.Labels = "",
    output: options.Output = None,
    format: options.OutputFormat = None,
    model: options.Model = None,
    lang: options.Lang = "en",
    threshold: options.Threshold = None,
    n_process: options.Processes = 1,
    batch_size: options.BatchSize = None,
    gpu_id: options.Gpu = -1,
    progress: options.Progress = None,
    quiet: options.Quiet = False,
) -> None:
    """Find labels in texts, without training.

    JSONL results are {"text", "entities": [{"start", "end", "label", "score"}]}, in characters and
    end exclusive, beside the other keys of the input. There, a text may have "labels" of its own:
    a list, or an object of labels and their descriptions.

    Texts that fail are reported and left out; the exit status then is 1. An output file appears,
    or replaces an older one, only when it is complete.
    """
    with exit_on(ValueError, OSError, ImportError):
        if output and not output.parent.is_dir():
            raise ValueError(Errors.GM105.format(output=output))
        settings = _settings(labels, threshold)
        total, first_bare = _survey(source)
        if gpu_id >= 0:
            spacy.require_gpu(gpu_id)
        nlp = load_pipeline(model, lang)
        if first_bare and "labels" not in settings and not find_component(nlp).labels:
            raise ValueError(Errors.GM106.format(text=f"text {first_bare} of '{source}'"))
        stream = Stream(nlp, settings, batch_size=batch_size, n_process=n_process)
        results = tqdm(
            stream.annotate(read_records(source, nlp.vocab)),
            total=total,
            unit="doc",
            disable=quiet or not (_bar_is_seen(output) if progress is None else progress),
        )
        pieces = write_results(results, format or Format.of(output))
        if output:
            save(pieces, output)
        else:
            for piece in pieces:
                typer.echo(piece, nl=False)
    if not quiet:
        typer.echo(stream.summary, err=True)
    if stream.failed:
        raise typer.Exit(1)


def _settings(labels: str, threshold: float | None) -> dict[str, Any]:
    """The component's settings that were given; raises ValueError where they make no sense."""
    settings: dict[str, Any] = {}
    if names := options.split_labels(labels):
        settings["labels"] = names
    if threshold is not None:
        settings["threshold"] = threshold
    Settings(**settings)
    return settings


def _survey(source: Path) -> tuple[int | None, int | None]:
    """Read all of a file once, so that what is wrong with it is told before anything is written.

    RETURNS: the number of its texts, and of the first that brings no labels. Standard input can be
        read only once: unknown, and 1.
    """
    if source == STANDARD_INPUT:
        return None, 1
    total, first_bare = 0, None
    for total, record in enumerate(read_records(source, Vocab()), 1):
        if first_bare is None and "labels" not in record.settings:
            first_bare = total
    return total, first_bare


def _bar_is_seen(output: Path | None) -> bool:
    """Whether stderr is a terminal that shows no results between the steps of a progress bar."""
    return sys.stderr.isatty() and (output is not None or not sys.stdout.isatty())
