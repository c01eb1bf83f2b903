"""Failure: what a user can mend, told in a line on stderr instead of a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer


def warn(message: object) -> None:
    """Tell what went wrong, apart from the results on stdout."""
    typer.secho(f"✘ {message}", fg=typer.colors.RED, err=True)


@contextmanager
def exit_on(*errors: type[Exception]) -> Iterator[None]:
    """Leave the program with the message of an expected error, and status 1."""
    try:
        yield
    except BrokenPipeError:
        # Whoever reads our output has seen enough; typer ends quietly then.
        raise
    except errors as error:
        warn(error)
        raise typer.Exit(1) from error
