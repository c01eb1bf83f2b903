"""Export: a folder that other commands run, whole or not at all."""

import json

import pytest

from spacy_gliner_mt.models.onnx import export

TEXT = "Ada Byron sailed from Lisbon to Bergen."


@pytest.fixture
def text_file(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text(TEXT)
    return path


@pytest.mark.filterwarnings("ignore")  # torch's own, of its older exporter
def test_what_is_exported_is_run_by_the_other_commands(run, tmp_path, checkpoint, text_file):
    result = run("export-onnx", checkpoint, tmp_path / "export")
    assert result.exit_code == 0, result.output
    assert f"{tmp_path / 'export' / 'model.onnx'}: logits differ" in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["export", "text.txt"]
    asked = ("annotate", text_file, "--quiet", "--labels", "person,city", "--set", "threshold=0.2")
    ours, theirs = (run(*asked, "--model", model) for model in (tmp_path / "export", checkpoint))
    assert ours.exit_code == 0, ours.output
    assert ours.stdout == theirs.stdout
    assert len(ours.stdout.splitlines()) > 1
    shown = [
        run("show-input", TEXT, "--labels", "person", "-m", m) for m in (tmp_path / "export", checkpoint)
    ]
    assert shown[0].stdout == shown[1].stdout != ""
    inspected = run("inspect", tmp_path / "export")
    assert inspected.exit_code == 0, inspected.output
    assert "onnxruntime, from model.onnx" in inspected.stdout
    assert "64 words, 128 subtokens" in inspected.stdout
    assert "Self-test" in inspected.stdout


@pytest.mark.filterwarnings("ignore")  # torch's own, of its older exporter
def test_integers_find_about_the_same(run, tmp_path, checkpoint, text_file):
    result = run("export-onnx", checkpoint, tmp_path / "export", "--int8")
    assert result.exit_code == 0, result.output
    asked = ("annotate", text_file, "--labels", "person,city", "--set", "threshold=0.2", "--format", "jsonl")
    found = [
        json.loads(run(*asked, "--model", model).stdout)["entities"]
        for model in (tmp_path / "export", checkpoint)
    ]
    ours, theirs = ([(e["start"], e["end"], e["label"]) for e in entities] for entities in found)
    assert ours == theirs != []
    assert found[0] != found[1]  # in their scores


def test_what_is_there_is_left_alone(run, tmp_path, checkpoint):
    (tmp_path / "export").mkdir()
    result = run("export-onnx", checkpoint, tmp_path / "export")
    assert result.exit_code == 1
    assert f"[GM094] '{tmp_path / 'export'}' exists already" in result.stderr
    assert not list((tmp_path / "export").iterdir())


def test_a_folder_is_only_made_in_one_that_exists(run, tmp_path, checkpoint):
    result = run("export-onnx", checkpoint, tmp_path / "missing" / "export")
    assert result.exit_code == 1
    assert "[GM105]" in result.stderr


def test_nothing_is_left_of_an_export_that_fails(run, tmp_path, checkpoint, monkeypatch):
    monkeypatch.setattr(export, "_TOLERANCE", 0.0)
    result = run("export-onnx", checkpoint, tmp_path / "export")
    assert result.exit_code == 1
    assert "[GM095]" in result.stderr
    assert not list(tmp_path.iterdir())


def test_an_exported_graph_cannot_be_exported(run, tmp_path):
    (tmp_path / "graph").mkdir()
    (tmp_path / "graph" / "gliner_config.json").write_text("{}")
    (tmp_path / "graph" / "model.onnx").touch()
    result = run("export-onnx", tmp_path / "graph", tmp_path / "export")
    assert result.exit_code == 1
    assert "[GM031]" in result.stderr
