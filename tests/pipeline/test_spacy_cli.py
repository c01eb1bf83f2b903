"""spaCy's own commands: the component does in them what built-in ones do."""

from __future__ import annotations

import importlib
import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest
import spacy
from spacy.cli._util import app
from spacy.language import Language
from spacy.tokens import DocBin
from typer.testing import CliRunner

from .util import TEXTS, assert_same, bounds

NAME = "gliner_multitask"
CONFIG = Path(__file__).parents[2] / "configs" / "zero_shot.cfg"
LABELS = '["person", "city", "ship"]'


def _spacy(*arguments: str | Path, status: int = 0) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == status, f"{result.output}\n{result.exception!r}"
    return result.output


@pytest.fixture(scope="module")
def settings(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Overrides of the config on the command line. The checkpoint can be deleted."""
    copy = shutil.copytree(checkpoint, tmp_path_factory.mktemp("lost") / "checkpoint")
    values = {"model.checkpoint": str(copy), "labels": LABELS, "threshold": "0.2"}
    return [part for name, value in values.items() for part in (f"--components.{NAME}.{name}", value)]


@pytest.fixture(scope="module")
def assembled(settings: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `spacy assemble` makes of the config, after which the checkpoint is gone."""
    folder = tmp_path_factory.mktemp("assembled") / "pipeline"
    _spacy("assemble", CONFIG, folder, *settings)
    shutil.rmtree(settings[1])
    return folder


@pytest.fixture(scope="module")
def gold(assembled: Path) -> Path:
    """What the pipeline finds at a threshold of 0.5, as a .spacy file."""
    nlp = spacy.load(assembled, config={f"components.{NAME}.threshold": 0.5})
    path = assembled.parent / "gold.spacy"
    DocBin(docs=nlp.pipe(TEXTS)).to_disk(path)
    return path


@pytest.fixture
def nlp(checkpoint: Path) -> Language:
    nlp = spacy.blank("en")
    model = {"@architectures": "spacy-gliner-mt.GlinerMultitask.v1", "checkpoint": str(checkpoint)}
    nlp.add_pipe(NAME, config={"labels": json.loads(LABELS), "threshold": 0.2, "model": model})
    return nlp


def test_assemble(assembled: Path, nlp: Language):
    assert_same(spacy.load(assembled).pipe(TEXTS), nlp.pipe(TEXTS))


def test_assemble_with_labels_to_initialize(checkpoint: Path, tmp_path: Path):
    config = tmp_path / "config.cfg"
    block = f'[initialize.components.{NAME}]\nlabels = {{"river": "a stream", "lake": "still water"}}\n'
    config.write_text(CONFIG.read_text(encoding="utf8") + "\n" + block, encoding="utf8")
    folder = tmp_path / "pipeline"
    _spacy("assemble", config, folder, f"--components.{NAME}.model.checkpoint", checkpoint)
    assert spacy.load(folder).get_pipe(NAME).label_data == {"river": "a stream", "lake": "still water"}


def test_assemble_without_labels(checkpoint: Path, tmp_path: Path, nlp: Language):
    overrides = [
        f"--components.{NAME}.model.checkpoint",
        str(checkpoint),
        f"--components.{NAME}.labels",
        "[]",
    ]
    _spacy("assemble", CONFIG, tmp_path / "pipeline", *overrides)
    loaded = spacy.load(tmp_path / "pipeline")
    doc = loaded.make_doc(TEXTS[0])
    doc._.gliner = {"labels": json.loads(LABELS), "threshold": 0.2}
    assert_same([loaded(doc)], [nlp(TEXTS[0])])


def test_fill_config(tmp_path: Path):
    """Of a config that only names the component."""
    base = tmp_path / "base.cfg"
    component = (
        f'[components.{NAME}]\nfactory = "{NAME}"\nlabels = ["person", "organization", "location", "date"]\n'
    )
    base.write_text(f'[nlp]\nlang = "en"\npipeline = ["{NAME}"]\n[components]\n{component}', encoding="utf8")
    _spacy("init", "fill-config", base, tmp_path / "filled.cfg")
    filled = (tmp_path / "filled.cfg").read_text(encoding="utf8")
    shipped = CONFIG.read_text(encoding="utf8").splitlines()
    assert filled.splitlines() == [line for line in shipped if not line.startswith("#")]


def test_debug_config(gold: Path):
    paths = ["--paths.train", str(gold), "--paths.dev", str(gold)]
    assert "Config is valid" in _spacy("debug", "config", CONFIG, *paths)


@pytest.mark.parametrize(
    ("setting", "value"), [("span_score", "max"), ("labels", "person"), ("nested", "2"), ("colour", "red")]
)
def test_debug_config_finds_a_wrong_setting(gold: Path, setting: str, value: str):
    paths = ["--paths.train", str(gold), "--paths.dev", str(gold)]
    output = _spacy("debug", "config", CONFIG, *paths, f"--components.{NAME}.{setting}", value, status=1)
    assert setting in output


def test_init_labels(gold: Path, checkpoint: Path, tmp_path: Path):
    """Labels of the data, written by one command, are read by another."""
    model = [f"--components.{NAME}.model.checkpoint", str(checkpoint), f"--components.{NAME}.labels", "[]"]
    paths = ["--paths.train", str(gold), "--paths.dev", str(gold)]
    _spacy("init", "labels", CONFIG, tmp_path / "labels", *model, *paths)
    labels = json.loads((tmp_path / "labels" / f"{NAME}.json").read_text(encoding="utf8"))
    assert sorted(labels) == ["city", "ship"]
    config = tmp_path / "config.cfg"
    reader = f'@readers = "spacy.read_labels.v1"\npath = "{tmp_path / "labels" / f"{NAME}.json"}"\n'
    block = f"[initialize.components.{NAME}]\n\n[initialize.components.{NAME}.labels]\n{reader}"
    config.write_text(CONFIG.read_text(encoding="utf8") + "\n" + block, encoding="utf8")
    _spacy("assemble", config, tmp_path / "pipeline", *model)
    assert spacy.load(tmp_path / "pipeline").get_pipe(NAME).label_data == labels


def test_evaluate(assembled: Path, gold: Path, tmp_path: Path):
    metrics = tmp_path / "metrics.json"
    _spacy("evaluate", assembled, gold, "--output", metrics)
    scores = json.loads(metrics.read_text(encoding="utf8"))
    # At 0.2 it finds all that it finds at 0.5, and more.
    assert scores["ents_r"] == 1.0
    assert 0.3 < scores["ents_p"] < 1.0
    assert set(scores["ents_per_type"]) == {"city", "ship"}


@pytest.mark.parametrize("key", ["threshold", "thresholds.city"])
def test_find_threshold(assembled: Path, gold: Path, tmp_path: Path, key: str):
    folder = assembled
    if key != "threshold":
        folder = tmp_path / "pipeline"
        nlp = spacy.load(assembled, config={f"components.{NAME}.thresholds": {"city": 0.1}})
        nlp.to_disk(folder)
    output = _spacy("find-threshold", folder, gold, NAME, key, "ents_f", "--n_trials", "5")
    rows = [line.split() for line in output.splitlines()]
    scores = {float(row[0]): float(row[1]) for row in rows if len(row) == 2 and row[0][0] in "01"}
    assert list(scores) == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert len(set(scores.values())) > 2
    best = max(scores, key=scores.__getitem__)
    assert best == 0.5
    assert f"Best threshold: {best}" in output
    if key == "threshold":
        assert (scores[0.5], scores[1.0]) == (1.0, 0.0)


def _refuse(*_: object) -> NoReturn:
    raise OSError("There is no network.")


def test_package(assembled: Path, nlp: Language, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Packaged, installed by pip and loaded by its name, all without a network."""
    (tmp_path / "packages").mkdir()
    output = _spacy(
        "package", assembled, tmp_path / "packages", "--name", "tiny", "--version", "1.2.3", "--build", "none"
    )
    assert "spacy-gliner-mt>=0." in output
    folder = tmp_path / "packages" / "en_tiny-1.2.3"
    meta = json.loads((folder / "meta.json").read_text(encoding="utf8"))
    assert [requirement for requirement in meta["requirements"] if requirement.startswith("spacy-gliner-mt")]
    assert meta["labels"] == {NAME: json.loads(LABELS)}
    site = tmp_path / "site"
    options = ["--no-deps", "--no-index", "--no-build-isolation", "--quiet", "--target", str(site)]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, str(folder)], check=True, timeout=240)
    shutil.rmtree(tmp_path / "packages")
    monkeypatch.syspath_prepend(site)
    monkeypatch.setattr(socket.socket, "connect", _refuse)
    monkeypatch.setattr(socket, "getaddrinfo", _refuse)
    for loaded in (spacy.load("en_tiny"), importlib.import_module("en_tiny").load()):
        assert loaded.meta["version"] == "1.2.3"
        assert_same(loaded.pipe(TEXTS), nlp.pipe(TEXTS))
    with_threshold = spacy.load("en_tiny", config={f"components.{NAME}.threshold": 1.0})
    assert not any(bounds(doc.ents) for doc in with_threshold.pipe(TEXTS))
