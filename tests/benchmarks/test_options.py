"""Options: what may be chosen, and every command line of the benchmarks."""

from importlib import import_module
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import benchmarks
from benchmarks.options import choose

NAMES = [
    path.stem for path in Path(benchmarks.__file__).parent.glob("*.py") if "typer.run" in path.read_text()
]


@pytest.mark.parametrize(
    "names, chosen", [(None, ["b", "a"]), ([], ["b", "a"]), (["a"], ["a"]), (["a", "b", "a"], ["b", "a"])]
)
def test_names_are_chosen_in_their_own_order(names, chosen):
    assert choose(names, ["b", "a"]) == chosen


def test_a_name_that_is_not_known_is_refused_with_those_that_are():
    with pytest.raises(typer.BadParameter, match="no c, d, only b, a"):
        choose(["d", "a", "c"], ["b", "a"])


@pytest.mark.parametrize("name", NAMES)
def test_every_benchmark_tells_its_options(name):
    app = typer.Typer()
    app.command()(import_module(f"benchmarks.{name}").main)
    result = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200"})
    assert result.exit_code == 0 and "--help" in result.output, result.exception
