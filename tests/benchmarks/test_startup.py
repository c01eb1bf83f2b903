"""Start-up: steps are timed in a process of their own, and the factory can be hidden from spaCy."""

import subprocess

import pytest

from benchmarks.startup import SCRIPTS, format_steps, run_script


def test_steps_are_timed_in_a_process_of_their_own(tmp_path):
    steps = run_script(
        {"wait": "import time as clock; clock.sleep(0.2)", "": "a = 1", "note": "open(folder, 'w')"},
        str(tmp_path / "f"),
    )
    assert list(steps) == ["wait", "note", "whole process"]
    assert 0.2 <= steps["wait"] < steps["whole process"]
    assert (tmp_path / "f").is_file()


def test_a_step_that_fails_is_told():
    with pytest.raises(subprocess.CalledProcessError):
        run_script({"fail": "1 / 0"}, "")


@pytest.mark.parametrize(
    "name, there", [("spacy without the factory", False), ("spacy with the factory", True)]
)
def test_the_factory_is_hidden_or_not(name, there):
    seen = "import sys; assert ('spacy_gliner_mt.pipeline.factory' in sys.modules) == " + str(there)
    assert "spacy.blank" in run_script({**SCRIPTS[name], "check": seen}, "")


def test_medians_stand_under_their_steps():
    table = format_steps(
        {"one": [{"a": 1.0, "b": 2.0}, {"a": 3.0, "b": 2.0}, {"a": 2.0, "b": 9.0}], "two": [{"b": 4.0}]}
    )
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    assert rows[0] == ["", "a", "b"]
    assert rows[2:] == [["one", "2.00", "2.00"], ["two", "", "4.00"]]
