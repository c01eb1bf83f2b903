"""Runs: written, read, and told as a table and as curves."""

from dataclasses import replace

import pytest

from benchmarks.reports import plot_curves
from benchmarks.runs import Measurement, Run, add_run, arrange_panels, format_runs, read_runs

RUN = Run(
    machine="a machine",
    size="MiniLM",
    lengths="short",
    labels=5,
    texts=2,
    words=100,
    threshold=0.5,
    entities=7,
    flops=10**9,
    gemm_rate=2e9,
    methods={
        "ours": Measurement([1.0, 9.0, 0.5], 10.4, 0),
        "gliner": Measurement([2.0, 2.0, 2.0], 20.0, 0),
    },
)


def read_row(table, name):
    (line,) = (line for line in table.splitlines() if f"| {name} " in line)
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_medians_are_told_beside_gliner_and_the_rate_of_the_machine():
    table = format_runs([RUN])
    assert table.startswith("## MiniLM\n")
    assert read_row(table, "ours") == ["2 short", "5", "ours", "1.000", "100", "2.00", "10", "50%", "0 of 7"]
    assert read_row(table, "gliner")[3:8] == ["2.000", "50", "1.00", "20", "25%"]


def test_without_gliner_nothing_is_compared():
    alone = replace(RUN, entities=None, methods={"ours": Measurement([1.0], 10.4, None)})
    assert read_row(format_runs([alone]), "ours")[5:] == ["", "10", "50%", ""]


def test_each_size_has_a_table():
    text = format_runs([RUN, replace(RUN, size="large"), replace(RUN, labels=15)])
    first, second = text.split("\n\n## large\n\n")
    assert len(first.splitlines()) == 2 + 2 + 4 and len(second.splitlines()) == 2 + 2


def test_runs_are_read_as_they_were_written_and_later_ones_replace_earlier_ones(tmp_path):
    path = tmp_path / "folder" / "runs.jsonl"
    assert read_runs(path) == []
    again = replace(RUN, words=200)
    for run in (RUN, replace(RUN, labels=15), again):
        add_run(path, run)
    assert read_runs(path) == [again, replace(RUN, labels=15)]


def test_curves_are_of_words_per_second_over_labels():
    panels = arrange_panels([replace(RUN, labels=15, words=50), RUN, replace(RUN, lengths="long")])
    assert panels == {
        "MiniLM, short texts": {"ours": {5: 100, 15: 50}, "gliner": {5: 50, 15: 25}},
        "MiniLM, long texts": {"ours": {5: 100}, "gliner": {5: 50}},
    }
    assert list(panels["MiniLM, short texts"]["ours"]) == [5, 15]


@pytest.mark.parametrize("n_panels", [1, 2, 3, 5])
def test_curves_are_drawn(tmp_path, n_panels):
    pytest.importorskip("matplotlib")
    runs = [
        replace(RUN, size=f"size {number}", labels=labels) for number in range(n_panels) for labels in (5, 30)
    ]
    path = tmp_path / "folder" / "runs.png"
    plot_curves(path, "Speed", arrange_panels(runs), axes=("labels", "words/s"))
    assert path.read_bytes().startswith(b"\x89PNG")
