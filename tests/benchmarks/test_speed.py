"""Speed: methods take turns, do the same, and are told apart from what is not installed."""

import gzip
import json

import pytest
import typer

from benchmarks import speed
from benchmarks.peers import PEERS
from benchmarks.runs import read_runs
from benchmarks.speed import METHODS, choose_methods, count_differing, main, time_in_turn


def test_calls_take_turns_and_the_first_round_does_not_count():
    order = []
    seconds = time_in_turn({name: lambda name=name: order.append(name) for name in "ab"}, rounds=3)
    assert order == list("abababab")
    assert {name: len(some) for name, some in seconds.items()} == {"a": 3, "b": 3}


def test_differing_entities_are_those_of_one_side_only():
    one, other = {(0, 3, "a"), (4, 6, "b")}, {(0, 3, "a"), (4, 6, "c")}
    assert count_differing([one, set()], [other, one]) == 2 + 2
    assert count_differing([one], [one]) == 0


@pytest.fixture
def nothing_installed(monkeypatch):
    monkeypatch.setattr("benchmarks.peers.find_spec", lambda name: None)


def test_methods_are_ours_and_all_peers():
    assert list(METHODS) == ["ours", "ours-onnx", "ours-onnx-int8", *PEERS]
    assert choose_methods(["gliner", "ours"]) == ["ours", "gliner"]


def test_what_is_not_installed_is_left_out_and_told(nothing_installed, capsys):
    assert choose_methods(None) == ["ours"]
    assert "gliner-spacy" in capsys.readouterr().out


@pytest.mark.parametrize("names, message", [(["ours", "gliner"], "gliner"), (["theirs"], "theirs")])
def test_what_is_asked_for_must_be_there(nothing_installed, names, message):
    with pytest.raises(typer.BadParameter, match=message):
        choose_methods(names)


def test_a_whole_run(tmp_path, checkpoint, monkeypatch, capsys):
    data = tmp_path / "data"
    data.mkdir()
    record = {"text": "Rosa Weber left Bremen with a ship . " * 9, "labels": ["person"], "spans": []}
    with gzip.open(data / "ner.crossner_ai.dev.jsonl.gz", "wt") as file:
        file.write(json.dumps(record) + "\n")
    monkeypatch.setattr(speed, "find_checkpoint", lambda size: str(checkpoint))
    monkeypatch.setattr(speed, "run_in_fresh_process", lambda function, *args: function(*args))
    monkeypatch.setattr(speed, "choose_threshold", lambda model, inputs: 0.3)
    monkeypatch.setattr(speed, "read_labels", lambda: ["person", "city", "ship"])
    paths = {name: tmp_path / "out" / f"speed.{name}" for name in ("jsonl", "md", "png")}
    main(
        data,
        method=["ours", "gliner"],
        size=["MiniLM"],
        lengths=["short"],
        labels=[2, 3],
        docs=2,
        rounds=1,
        figures=paths["jsonl"],
        output=paths["md"],
        plot=paths["png"],
    )
    runs = read_runs(paths["jsonl"])
    assert [(run.labels, run.texts, list(run.methods)) for run in runs] == [
        (2, 2, ["ours", "gliner"]),
        (3, 2, ["ours", "gliner"]),
    ]
    assert all(run.methods["ours"].differing == 0 and run.entities for run in runs)
    assert "| ours " in capsys.readouterr().out
    assert "## MiniLM" in paths["md"].read_text()
    assert paths["png"].is_file()
