"""Ship: put a trained checkpoint into the package, in half precision, where it keeps its model card.

Run: python scripts/ship.py training/stage2/checkpoint spacy_gliner_mt/checkpoints/gliner-mt-mini
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from spacy_gliner_mt.models.checkpoint import Checkpoint
from spacy_gliner_mt.models.weights import WEIGHTS_NAME


def main(
    source: Annotated[Path, typer.Argument(help="Folder of a checkpoint.")],
    target: Annotated[Path, typer.Argument(help="Folder in the package.")],
) -> None:
    """Write config, tokenizer and weights; they are computed with in full precision all the same."""
    checkpoint = Checkpoint.from_folder(source)
    halves = {name: tensor.half() for name, tensor in checkpoint.state.items()}
    replace(checkpoint, state=halves).to_folder(target)
    weights = target / WEIGHTS_NAME
    print(f"{weights}: {weights.stat().st_size / 2**20:.1f} MiB")


if __name__ == "__main__":
    typer.run(main)
