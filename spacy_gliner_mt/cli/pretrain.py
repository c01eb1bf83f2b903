"""Pretrain: the command that runs a recipe."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from spacy.cli._util import parse_config_overrides
from spacy.util import load_config, registry

from ..errors import Errors
from .failure import exit_on

# What spaCy's own commands take, too: any setting of the config.
OVERRIDES = {"allow_extra_args": True, "ignore_unknown_options": True}


def pretrain_cli(
    context: typer.Context,
    config: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="Config with a section [pretraining].")
    ],
    output: Annotated[Path, typer.Argument(file_okay=False, help="Folder of the run.")],
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run in the folder, if it has begun.")
    ] = False,
) -> None:
    """Train on several corpora for long, on one processor or, through `accelerate launch -m spacy
    gliner pretrain ...`, on several GPUs.

    Settings are overridden as in `spacy train`: --pretraining.steps 100.
    """
    # torch and accelerate are not needed to list the commands.
    from ..training.pretraining.run import pretrain

    with exit_on(ValueError, OSError, ImportError):
        settings = load_config(config, overrides=parse_config_overrides(context.args), interpolate=True)
        if "pretraining" not in settings:
            raise ValueError(Errors.GM245.format(path=config))
        if not resume and (output / "state").exists():
            raise ValueError(Errors.GM246.format(folder=output))
        recipe = registry.resolve({"pretraining": settings["pretraining"]})["pretraining"]
        output.mkdir(parents=True, exist_ok=True)
        settings.to_disk(output / "config.cfg")
        pretrain(recipe, output, resume=resume, log=_print)


def _print(account: dict[str, Any]) -> None:
    columns = ("step", "loss", "learn_rate", "seconds", "subtokens_per_second", "spans")
    print("  ".join(f"{name} {account[name]:.6g}" for name in columns), flush=True)
