"""Options of the benchmarks' command lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

import typer

T = TypeVar("T", bound=str)


def choose(names: Sequence[str] | None, known: Iterable[T]) -> list[T]:
    """The known names that are asked for, in their own order; all if none are.

    typer takes several values of one option only where any string will do.

    RAISES: BadParameter for names that are not known.
    """
    known = list(known)
    if unknown := sorted({*(names or ())} - {*known}):
        raise typer.BadParameter(f"There is no {', '.join(unknown)}, only {', '.join(known)}.")
    return [name for name in known if not names or name in names]
