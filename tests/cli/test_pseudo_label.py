"""Pseudo-label: what it writes, what it tells, and what stops it."""

from __future__ import annotations

import pytest

from spacy_gliner_mt.cli import pseudo_label
from spacy_gliner_mt.cli.loading import find_component
from spacy_gliner_mt.training.records import read_records

from .conftest import _load, _load_once


@pytest.fixture(autouse=True)
def load_pseudo_label_once(monkeypatch):
    monkeypatch.setattr(pseudo_label, "load_pipeline", _load)


@pytest.fixture
def texts(tmp_path):
    path = tmp_path / "texts.txt"
    path.write_text("Anna met Bob in Rome.\nNothing else.\n")
    return path


def test_sure_records_are_written(run, texts, checkpoint, tmp_path):
    output = tmp_path / "pseudo.jsonl"
    options = ["--model", checkpoint, "--labels", "person,city", "--confidence", 0.0, "--doubt", 0.0]
    result = run("pseudo-label", texts, output, "--quiet", *options)
    assert result.exit_code == 0, result.output
    records = list(read_records(output))
    # Where nothing can be doubtful, both labels are kept in both texts.
    assert [(record.id, record.labels) for record in records] == [
        ("texts-1", ("person", "city")),
        ("texts-2", ("person", "city")),
    ]
    assert result.stdout.startswith("2 records (2 ner)")
    assert "4 labels, relations, questions and instructions that are kept" in result.stdout
    assert any(record.spans for record in records)


def test_doubtful_labels_are_left_out(run, texts, checkpoint, tmp_path):
    output = tmp_path / "pseudo.jsonl"
    options = ["--model", checkpoint, "--labels", "person", "--confidence", 1.0, "--doubt", 0.0]
    result = run("pseudo-label", texts, output, "--quiet", *options)
    assert result.exit_code == 0, result.output
    assert "2 left out, as something" in result.stdout and output.read_text() == ""


def test_absent_labels_alone_are_not_written(run, texts, checkpoint, tmp_path):
    output = tmp_path / "pseudo.jsonl"
    options = ["--model", checkpoint, "--labels", "person,city", "--confidence", 1.0, "--doubt", 1.0]
    result = run("pseudo-label", texts, output, "--quiet", *options, "--negatives", 9)
    assert result.exit_code == 0, result.output
    assert "4 left out, as nothing was found" in result.stdout and output.read_text() == ""


@pytest.mark.parametrize(("options", "asked"), [([], 5), (["--labels-per-pass", 1], 1)])
def test_few_labels_are_asked_at_once(run, texts, checkpoint, tmp_path, options, asked):
    shared = ["--model", checkpoint, "--labels", "person,city", "--quiet"]
    result = run("pseudo-label", texts, tmp_path / "pseudo.jsonl", *shared, *options)
    assert result.exit_code == 0, result.output
    nlp, _ = _load_once(str(checkpoint), "en")
    assert find_component(nlp).cfg["max_labels_per_pass"] == asked


@pytest.mark.parametrize(
    ("options", "output", "code"),
    [
        (["--confidence", 0.3, "--doubt", 0.6], "b.jsonl", "GM088"),
        (["--labels", "x"], "b.txt", "GM225"),
        (["--labels", "x"], "none/b.jsonl", "GM105"),
    ],
)
def test_what_cannot_work_is_told(run, texts, checkpoint, tmp_path, options, output, code):
    result = run("pseudo-label", texts, tmp_path / output, "--model", checkpoint, *options)
    assert result.exit_code == 1 and code in result.stderr
    assert not (tmp_path / output).exists()
