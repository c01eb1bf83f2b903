"""Options: where texts come from, where results go, and by which model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from .writers import Format

Source = Annotated[
    Path,
    Argument(
        metavar="INPUT",
        help='Texts: .txt (one per line), .jsonl (objects with "text"), .spacy (a DocBin), '
        "or - for lines of text from standard input.",
    ),
]
Output = Annotated[
    Path | None,
    Option("--output", "-o", dir_okay=False, help="File to write. Default: standard output."),
]
OutputFormat = Annotated[
    Format | None,
    Option("--format", "-f", help="Default: what the suffix of --output says, or table."),
]
Model = Annotated[
    str | None,
    Option(
        "--model",
        "-m",
        help="Pipeline (folder or package), or GLiNER checkpoint (folder or hub name). "
        "Default: the checkpoint that comes with this package.",
    ),
]
Checkpoint = Annotated[str, Argument(help="Folder, hub name, or name of a built-in checkpoint.")]
Revision = Annotated[str | None, Option("--revision", "-r", help="Branch, tag or commit on the hub.")]
Lang = Annotated[str, Option("--lang", help="Language of the texts, where the model is no pipeline.")]
Processes = Annotated[int, Option("--n-process", "-n", min=1, help="Processes to use.")]
BatchSize = Annotated[
    int | None,
    Option("--batch-size", "-b", min=1, help="Texts to buffer. Default: the pipeline's own."),
]
Gpu = Annotated[int, Option("--gpu-id", "-g", help="GPU ID or -1 for CPU.")]
Progress = Annotated[
    bool | None,
    Option("--progress/--no-progress", help="Default: where it is seen and hides no results."),
]
Quiet = Annotated[bool, Option("--quiet", "-Q", help="No progress bar and no summary.")]
