"""Export: the command that makes an ONNX graph of a checkpoint."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from ..errors import Errors
from . import options
from .failure import exit_on


def export_onnx_cli(
    checkpoint: options.Checkpoint,
    output: Annotated[Path, typer.Argument(metavar="OUTPUT", help="Folder to write; it must not exist yet.")],
    revision: options.Revision = None,
    int8: Annotated[
        bool, typer.Option("--int8", help="Multiply 8-bit integers: faster, and a little less exact.")
    ] = False,
) -> None:
    """Make an ONNX graph of a GLiNER checkpoint, which onnxruntime runs in place of torch.

    The folder holds the graph, config and tokenizer. It is a checkpoint wherever one is asked for,
    and `gliner` loads it too. Its logits are compared with those of torch, and it appears only when
    it is complete.
    """
    # spaCy imports this module on every run, and torch is not needed before this one.
    from ..models.checkpoint import Checkpoint
    from ..models.locate import locate_checkpoint
    from ..models.onnx.export import GRAPH_NAME, export_onnx

    with exit_on(ValueError, OSError, ImportError):
        if not output.parent.is_dir():
            raise ValueError(Errors.GM105.format(output=output))
        if output.exists():
            raise ValueError(Errors.GM094.format(output=output))
        source = Checkpoint.from_folder(locate_checkpoint(checkpoint, revision))
        with TemporaryDirectory(prefix=f".{output.name}-", dir=output.parent) as scratch:
            part = Path(scratch) / output.name
            part.mkdir()
            difference = export_onnx(source, part, int8=int8)
            part.rename(output)
    typer.echo(f"{output / GRAPH_NAME}: logits differ from torch's by up to {difference:.0e}.", err=True)
