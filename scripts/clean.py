"""Remove files and folders of the project.

Run: python scripts/clean.py corpus training packages project.lock
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer


def main(paths: Annotated[list[Path], typer.Argument(help="Files and folders below this one.")]) -> None:
    """Remove what is there of them; raises an error for anything outside the present folder."""
    here = Path.cwd().resolve()
    for path in paths:
        if here not in path.resolve().parents:
            raise typer.BadParameter(f"'{path}' is not below '{here}'.")
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        print(f"Removed {path}")


if __name__ == "__main__":
    typer.run(main)
