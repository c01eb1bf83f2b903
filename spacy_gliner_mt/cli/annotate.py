"""Annotate: the command that extracts from the texts of a file."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import spacy
import typer
from spacy.language import Language
from spacy.vocab import Vocab
from tqdm import tqdm

from ..errors import Errors
from . import options
from .failure import exit_on
from .loading import configure, find_component, load_pipeline
from .readers import STANDARD_INPUT, Record, read_records
from .stream import Stream
from .task_options import with_task_options
from .writers import Format, save, write_results


@with_task_options
def annotate_cli(
    settings: Mapping[str, Any],
    source: options.Source,
    output: options.Output = None,
    format: options.OutputFormat = None,
    model: options.Model = None,
    lang: options.Lang = "en",
    n_process: options.Processes = 1,
    batch_size: options.BatchSize = None,
    gpu_id: options.Gpu = -1,
    progress: options.Progress = None,
    quiet: options.Quiet = False,
) -> None:
    """Extract entities, relations, answers and more from texts, without training.

    A JSONL text may bring settings of the component under "gliner", such as {"questions": ["Who?"],
    "answer_threshold": 0.2}; its "labels" may also stand beside the "text". They come before those
    of the options, and these before the pipeline's own.

    Texts that fail are reported and left out; the exit status then is 1. An output file appears,
    or replaces an older one, only when it is complete.
    """
    with exit_on(ValueError, OSError, ImportError):
        if output and not output.parent.is_dir():
            raise ValueError(Errors.GM105.format(output=output))
        # A wrong path is told now rather than after the model is loaded.
        preview = read_records(source, Vocab())
        if gpu_id >= 0:
            spacy.require_gpu(gpu_id)
        nlp = load_pipeline(model, lang)
        _prepare(nlp, settings)
        stream = Stream(nlp, batch_size=batch_size, n_process=n_process)
        total = _survey(source, preview, stream)
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


def _prepare(nlp: Language, settings: Mapping[str, Any]) -> None:
    """Put settings in front of the pipeline's own; raises ValueError where they make no sense, or
    the checkpoint was not trained for them."""
    component = find_component(nlp)
    if not configure(component, settings).asks_nothing:
        # An empty text takes no time, and shows this once rather than with every text.
        component.predict([nlp.make_doc("")])


def _survey(source: Path, records: Iterable[Record], stream: Stream) -> int | None:
    """Look through a file once, so that what is wrong with it is told before anything is written.

    RETURNS: the number of its texts; None for standard input, which can be read only once.
    """
    if source == STANDARD_INPUT:
        records = [Record("")]
    total = 0
    for total, record in enumerate(records, 1):
        text = f"text {total} of '{source}'"
        try:
            settings = stream.settings_of(record.settings)
        except ValueError as error:
            raise ValueError(Errors.GM102.format(text=text, error=error)) from error
        if settings.asks_nothing:
            raise ValueError(Errors.GM106.format(text=text))
    return None if source == STANDARD_INPUT else total


def _bar_is_seen(output: Path | None) -> bool:
    """Whether stderr is a terminal that shows no results between the steps of a progress bar."""
    return sys.stderr.isatty() and (output is not None or not sys.stdout.isatty())
