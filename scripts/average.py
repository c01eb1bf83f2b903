"""Average: one checkpoint whose weights are the mean of several that were trained from the same one.

Weights of runs that part late tend to do better together than each by itself (Wortsman et al. 2022,
"Model soups").

Run: python scripts/average.py training/a/checkpoint training/b/checkpoint training/average
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import torch
import typer

from spacy_gliner_mt.models.checkpoint import Checkpoint


def main(
    sources: Annotated[list[Path], typer.Argument(help="Folders of checkpoints of one network.")],
    target: Annotated[Path, typer.Argument(help="Folder to write; config and tokenizer are the first's.")],
) -> None:
    """Write the mean of all weights, each of which must be in every checkpoint, in the same shape."""
    first, *others = (Checkpoint.from_folder(source) for source in sources)
    shapes = {name: tensor.shape for name, tensor in first.state.items()}
    for source, other in zip(sources[1:], others, strict=True):
        if {name: tensor.shape for name, tensor in other.state.items()} != shapes:
            raise typer.BadParameter(f"{source} is of another network than {sources[0]}.")
    states = [first.state, *(other.state for other in others)]
    mean = {name: torch.stack([state[name] for state in states]).mean(dim=0) for name in shapes}
    target.mkdir(parents=True, exist_ok=True)
    replace(first, state=mean).to_folder(target)


if __name__ == "__main__":
    typer.run(main)
