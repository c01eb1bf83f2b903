"""Inspect: facts of a checkpoint, and the reasons to refuse one."""

import json
import re
import shutil

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from spacy_gliner_mt.models.locate import BUILT_IN


@pytest.fixture
def folder(checkpoint, tmp_path):
    """A copy of the tiny checkpoint, to be spoilt."""
    return shutil.copytree(checkpoint, tmp_path / "copy")


def rewrite(folder, change):
    """Change the tensors of a checkpoint."""
    tensors = load_file(folder / "model.safetensors")
    save_file(change(tensors), folder / "model.safetensors", {"format": "pt"})


def facts(result):
    """The rows of the table, by name."""
    rows = [line.split("   ", 1) for line in result.stdout.splitlines() if "   " in line]
    return {name.strip(): value.strip() for name, value in rows}


def test_the_embedded_checkpoint(run):
    result = run("inspect", "gliner-mt-mini")
    assert result.exit_code == 0, result.output
    told = facts(result)
    assert told["files"].startswith("README.md, gliner_config.json, model.safetensors")
    config = json.loads((BUILT_IN / "gliner-mt-mini" / "gliner_config.json").read_text())
    assert {name: told[name] for name in list(told)[2:]} == {
        "kind": "GLiNER, span_mode token_level",
        "encoder": "bert, 6 layers of width 384",
        "trained from": "sentence-transformers/all-MiniLM-L6-v2",
        "parameters": "26.0M",
        "hidden width": "384",
        "LSTM layers": "1",
        "layer fusion": "no",
        "word pooling": "first",
        "thresholds": ", ".join(f"{name} {value:g}" for name, value in config["thresholds"].items()),
        "budget": "384 words, 512 subtokens",
        "config errors": "none",
    }
    for entity in (r"'Ada Lovelace' \(person", r"'London' \(city"):
        (score,) = re.findall(rf"{entity}, (\d\.\d\d)\)", result.stdout)
        assert float(score) >= 0.9


def test_config_errors_are_told(run, folder):
    config = json.loads((folder / "gliner_config.json").read_text())
    config.update(num_rnn_layers=3, hidden_size=99)
    (folder / "gliner_config.json").write_text(json.dumps(config))
    told = facts(run("inspect", folder))
    assert told["LSTM layers"] == "1"
    assert "num_rnn_layers is 3 in the config, 1 in the tensors" in told["config errors"]
    assert "hidden_size is 99 in the config, 16 in the tensors" in told["config errors"]


def test_tensors_that_are_no_numbers(run, folder):
    def spoil(tensors):
        name = "scorer.proj_token.weight"
        return {**tensors, name: np.full_like(tensors[name], np.nan)}

    rewrite(folder, spoil)
    result = run("inspect", folder)
    assert result.exit_code == 1
    assert "[GM109] The tensors ['scorer.words.weight']" in result.stderr
    assert "Self-test" not in result.stdout


def test_another_kind_is_refused(run, folder):
    rewrite(folder, lambda tensors: {"span_rep_layer.weight": np.zeros((1, 1), dtype=np.float32)})
    result = run("inspect", folder)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "[GM040]" in result.stderr and "span-level" in result.stderr


def test_a_missing_checkpoint_is_told(run, tmp_path):
    result = run("inspect", tmp_path / "missing")
    assert result.exit_code == 1
    assert "[GM020]" in result.stderr


def test_a_folder_has_no_revision(run, checkpoint):
    result = run("inspect", checkpoint, "--revision", "main")
    assert result.exit_code == 1
    assert "[GM021]" in result.stderr
