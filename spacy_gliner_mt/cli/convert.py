"""Convert: the command that makes a corpus of annotated texts in another format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import spacy
import typer

from ..errors import Errors
from ..training.converters.names import read_names, rename
from ..training.converters.registry import BUILT_IN, convert
from ..training.encode import encode_records
from ..training.records import Record
from ..training.reference import Fit
from .failure import exit_on
from .writers import save


def convert_cli(
    source: Annotated[
        Path, typer.Argument(metavar="INPUT", help="File, or folder of CNN/DailyMail stories.")
    ],
    output: Annotated[
        Path, typer.Argument(metavar="OUTPUT", help="File to write: .jsonl, .jsonl.gz or .spacy.")
    ],
    format: Annotated[
        str, typer.Option("--format", "-f", help=f"What the input is: {', '.join(BUILT_IN)}, or another's.")
    ],
    names: Annotated[
        Path | None,
        typer.Option(
            "--names",
            exists=True,
            dir_okay=False,
            help="JSON object of the input's labels and the names to write for them, "
            "such as FewRel's pid2name.json.",
        ),
    ] = None,
    lang: Annotated[str, typer.Option("--lang", help="Language whose tokenizer is used, for .spacy.")] = "en",
) -> None:
    """Make a corpus, for training and evaluation, of annotated texts in another format.

    What could not be aligned is counted and told. The output appears, or replaces an older one, only
    when it is complete.
    """
    with exit_on(ValueError, OSError, ImportError):
        if not output.parent.is_dir():
            raise ValueError(Errors.GM105.format(output=output))
        counts: Counter[str] = Counter()
        totals: Counter[str] = Counter()
        fits: list[Fit] = []
        records = convert(source, format, counts)
        if names:
            new_names = read_names(names)
            records = (rename(record, new_names) for record in records)
        save(encode_records(count_records(records, totals), output, spacy.blank(lang), fits), output)
    typer.echo(summarize(totals))
    fit = sum(fits, Fit())
    counts.update({"spans widened to whole tokens": fit.widened, "spans that became one by that": fit.merged})
    for reason, count in counts.items():
        if count:
            typer.echo(f"{count:>7} {reason}")


def count_records(records: Iterable[Record], totals: Counter[str]) -> Iterator[Record]:
    """The records, counted as they pass."""
    labels: set[str] = set()
    for record in records:
        labels.update(record.annotated)
        totals.update({record.task: 1, "records": 1, "spans": len(record.spans)})
        totals.update(relations=len(record.relations))
        totals["labels"] = len(labels)
        yield record


def summarize(totals: Counter[str]) -> str:
    """What a corpus has, in a line."""
    sizes = {name: totals.pop(name, 0) for name in ("records", "spans", "relations", "labels")}
    tasks = ", ".join(f"{count} {task}" for task, count in totals.items())
    records, *others = (f"{count} {name}" for name, count in sizes.items())
    return ", ".join([f"{records} ({tasks})", *others])
