"""Failure: which errors become a line and a status, and which are none of its business."""

import pytest
import typer

from spacy_gliner_mt.cli.failure import exit_on


def test_expected_errors_become_a_line_on_stderr(capsys):
    with pytest.raises(typer.Exit) as exited, exit_on(ValueError, OSError):
        raise FileNotFoundError("no such file")
    assert exited.value.exit_code == 1
    assert capsys.readouterr() == ("", "✘ no such file\n")


@pytest.mark.parametrize("error", [TypeError, BrokenPipeError])
def test_other_errors_pass(error, capsys):
    with pytest.raises(error), exit_on(ValueError, OSError):
        raise error
    assert capsys.readouterr() == ("", "")
