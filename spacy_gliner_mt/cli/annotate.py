"""Annotate: the command that finds labels in the texts of a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import spacy
import typer
from spacy.language import Language
from spacy.vocab import Vocab
from tqdm import tqdm

from ..errors import Errors
from ..settings import Settings
from .failure import exit_on
from .loading import find_component, load_pipeline
from .options import (
    BatchSize,
    Gpu,
    Labels,
    Lang,
    Model,
    Output,
    OutputFormat,
    Processes,
    Progress,
    Quiet,
    Source,
    Threshold,
    split_labels,
)
from .readers import STANDARD_INPUT, read_records
from .stream import Stream
from .writers import Format, save, write_results


def annotate_cli(
    source: Source,
    labels: Labels = "",
    output: Output = None,
    format: OutputFormat = None,
    model: Model = None,
    lang: Lang = "en",
    threshold: Threshold = None,
    n_process: Processes = 1,
    batch_size: BatchSize = None,
    gpu_id: Gpu = -1,
    progress: Progress = None,
    quiet: Quiet = False,
) -> None:
    """Find labels in texts, without training.

    JSONL results are {"text", "entities": [{"start", "end", "label", "score"}]}, in characters and
    end exclusive, beside the other keys of the input. There, a text may have "labels" of its own:
    a list, or an object of labels and their descriptions.

    Texts that fail are reported and left out; the exit status then is 1. An output file appears,
    or replaces an older one, only when it is complete.
    """
    with exit_on(ValueError, OSError, ImportError):
        _check_output(output)
        settings = _settings(labels, threshold)
        total = None if source == STANDARD_INPUT else _count(source)
        if gpu_id >= 0:
            spacy.require_gpu(gpu_id)
        nlp = load_pipeline(model, lang)
        _check_labels(nlp, settings, source)
    stream = Stream(nlp, settings, batch_size=batch_size, n_process=n_process)
    bar = _progress_hidden(progress, output) or quiet
    results = tqdm(stream.annotate(read_records(source, nlp.vocab)), total=total, unit="doc", disable=bar)
    pieces = write_results(results, format or Format.of(output))
    ...
