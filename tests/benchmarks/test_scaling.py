"""Scaling: however many work, results are the same and in order."""

import pytest

from benchmarks.methods import load_ours, ours
from benchmarks.scaling import format_table, in_processes, in_threads

LABELS = ("person", "city")
TEXTS = [f"Rosa Weber left Bremen with {number} ships. " * (1 + number % 3) for number in range(9)]


@pytest.mark.parametrize(
    "extract, number", [(in_threads, 1), (in_threads, 2), (in_threads, 20), (in_processes, 1)]
)
def test_all_find_the_same(checkpoint, extract, number):
    expected = ours(str(checkpoint), LABELS)(TEXTS)
    assert extract(load_ours(str(checkpoint), LABELS), TEXTS, number) == expected
    assert any(expected)


def test_each_kind_is_compared_with_one_worker_of_its_own():
    seconds = {"1 processes": 4.0, "2 processes": 2.5, "1 threads": 3.0, "2 threads": 2.0}
    table = format_table(seconds, {name: name != "2 threads" for name in seconds}, words=12)
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()][2:]
    assert rows[1] == ["2 processes", "2.50", "5", "1.60", "yes"]
    assert rows[3] == ["2 threads", "2.00", "6", "1.50", "no"]
