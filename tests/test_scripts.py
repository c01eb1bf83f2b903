"""Scripts that the project runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import pytest
import torch

from spacy_gliner_mt.models.checkpoint import Checkpoint
from spacy_gliner_mt.training.records import read_records

from .util import write_checkpoint

ROOT = Path(__file__).parent.parent
DEV = ROOT / "assets" / "sample" / "dev.jsonl"


def run(name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", str(ROOT / "scripts" / f"{name}.py"), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=240,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
    )


def test_unlabel_asks_everything_once(tmp_path: Path):
    done = run("unlabel", DEV, tmp_path / "texts.jsonl", "--limit", 2)
    assert done.returncode == 0, done.stderr
    first, second = map(json.loads, (tmp_path / "texts.jsonl").read_text().splitlines())
    records = [record for record in read_records(DEV) if record.text == first["text"]]
    settings = first["gliner"]
    assert first.keys() == {"text", "gliner"} and first["text"] != second["text"]
    (entities,) = [record for record in records if record.task == "ner"]
    assert settings["labels"] == list(entities.labels)
    assert settings["questions"] == [record.prompt for record in records if record.task == "qa"]
    prompts = [record.prompt for record in records if record.task == "open"]
    assert list(settings.get("prompts", {}).values()) == prompts


def test_find_threshold(tmp_path: Path, checkpoint: Path):
    options = ["--limit", 2, "--trial", 0.1, "--trial", 0.9, "--output", tmp_path / "found.json"]
    done = run("find_threshold", checkpoint, DEV, *options)
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "found.json").read_text())
    assert found["setting"] == "threshold" and found["best"] in (0.1, 0.9)
    assert found["scores"].keys() == {"0.1", "0.9"}


def test_find_threshold_keeps_the_best_in_the_checkpoint(tmp_path: Path, checkpoint: Path):
    folder = tmp_path / "checkpoint"
    copytree(checkpoint, folder)
    for task, value in {"qa": 0.3, "ner": 0.2, "relation": 0.7}.items():
        done = run("find_threshold", folder, DEV, "--task", task, "--limit", 2, "--trial", value, "--store")
        assert done.returncode == 0, done.stderr
    kept = {"answer_threshold": 0.3, "threshold": 0.2, "relation_threshold": 0.7}
    assert Checkpoint.from_folder(folder).config.thresholds == kept


def test_a_threshold_is_kept_in_checkpoints_only():
    done = run("find_threshold", "gliner-mt-mini", DEV, "--store")
    assert done.returncode == 2 and "gliner-mt-mini/gliner_config.json" in done.stderr


def test_evaluate_tells_what_is_wrong(tmp_path: Path):
    done = run("evaluate", tmp_path / "none.jsonl", "a=b")
    assert done.returncode == 1 and "GM214" in done.stderr


def test_ship_halves_the_weights_and_keeps_the_card(tmp_path: Path, checkpoint: Path):
    target = tmp_path / "mini"
    target.mkdir()
    (target / "README.md").write_text("A card.")
    done = run("ship", checkpoint, target)
    assert done.returncode == 0, done.stderr
    assert (target / "README.md").read_text() == "A card."
    whole, shipped = Checkpoint.from_folder(checkpoint).state, Checkpoint.from_folder(target).state
    assert shipped.keys() == whole.keys()
    assert all(torch.equal(shipped[name].half(), whole[name].half()) for name in whole)
    sizes = [(folder / "model.safetensors").stat().st_size for folder in (checkpoint, target)]
    assert sizes[1] < 0.6 * sizes[0]


def test_average_of_weights(tmp_path: Path, checkpoint: Path):
    first, target = Checkpoint.from_folder(checkpoint), tmp_path / "new" / "average"
    other = replace(first, state={name: tensor + 2 for name, tensor in first.state.items()})
    (tmp_path / "other").mkdir()
    other.to_folder(tmp_path / "other")
    done = run("average", checkpoint, tmp_path / "other", target)
    assert done.returncode == 0, done.stderr
    averaged = Checkpoint.from_folder(target)
    assert averaged.config == first.config
    for name, tensor in first.state.items():
        torch.testing.assert_close(averaged.state[name], tensor + 1)


def test_weights_of_several_networks_have_no_average(tmp_path: Path, checkpoint: Path):
    other = write_checkpoint(tmp_path / "other", n_rnn_layers=2)
    done = run("average", checkpoint, other, tmp_path / "average")
    assert done.returncode == 2 and "another network" in done.stderr
    assert not (tmp_path / "average").exists()


def test_convert(tmp_path: Path):
    (tmp_path / "assets" / "mit").mkdir(parents=True)
    (tmp_path / "assets" / "names.json").write_bytes((ROOT / "assets" / "names.json").read_bytes())
    (tmp_path / "assets" / "mit" / "movie_test.bio").write_text("O\tby\nB-ACTOR\tBo\nI-ACTOR\tLe\n\nO\tx\n")
    done = run("convert", tmp_path / "assets", tmp_path / "corpus")
    assert done.returncode == 0, done.stderr
    first, second = read_records(tmp_path / "corpus" / "test" / "ner.mit_movie.jsonl")
    assert (first.text, first.labels, first.spans) == ("by Bo Le", ("actor",), ((3, 8, "actor"),))
    assert second.labels == ("actor",) and not second.spans
    assert "ner.crossner_ai.jsonl: left out" in done.stderr


def test_convert_without_anything_fails(tmp_path: Path):
    done = run("convert", tmp_path, tmp_path / "corpus")
    assert done.returncode == 1 and "project assets --extra" in done.stdout


@pytest.mark.parametrize("path", ["..", "/tmp"])
def test_clean_stays_in_its_folder(path: str):
    assert run("clean", path).returncode != 0
