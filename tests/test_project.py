"""The project: its file is valid, and `train` really trains."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import spacy
import srsly
import typer
from spacy.cli._util import app
from spacy.util import registry
from weasel.schemas import ProjectConfigSchema, validate
from weasel.util import load_project_config

ROOT = Path(__file__).parent.parent
COMMANDS = {
    "convert",
    "train",
    "train-stage1",
    "train-stage2",
    "evaluate",
    "find-threshold",
    "self-train",
    "package",
    "benchmark-ner",
    "benchmark-qa",
    "benchmark-summary",
    "benchmark-relations",
    "clean",
}


@pytest.fixture(scope="module")
def project():
    return load_project_config(ROOT)


@pytest.fixture(scope="module")
def lines(project):
    return [line for command in project["commands"] for line in command["script"]]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The project in a folder of its own, with 60 records of each part of the sample."""
    shutil.copy(ROOT / "project.yml", tmp_path)
    for name in ("configs", "scripts"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "assets" / "sample").mkdir(parents=True)
    for name in ("train", "dev"):
        records = (ROOT / "assets" / "sample" / f"{name}.jsonl").read_text(encoding="utf8").splitlines()
        some = "\n".join(records[:60]) + "\n"
        (tmp_path / "assets" / "sample" / f"{name}.jsonl").write_text(some, encoding="utf8")
    return tmp_path


def run_project(command: str, folder: Path, **variables: object) -> str:
    overrides = [part for name, value in variables.items() for part in (f"--vars.{name}", str(value))]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "spacy", "project", "run", command, str(folder), *overrides],
        capture_output=True,
        text=True,
        timeout=240,
        # The networks are tiny: threads only wait for each other.
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        cwd=ROOT,  # where the package is, if it is not installed
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_file_is_valid(project):
    assert validate(ProjectConfigSchema, srsly.read_yaml(ROOT / "project.yml")) == []
    assert {command["name"] for command in project["commands"]} == COMMANDS
    assert "train" in project["workflows"]["all"]


def test_every_command_tells_what_it_does(project):
    assert all(command.get("help") for command in project["commands"])


def test_nothing_is_fetched_unless_asked_for(project):
    assert project["assets"] and all(asset["extra"] for asset in project["assets"])


def test_files_that_commands_name_are_there(lines):
    named = {part for line in lines for part in re.findall(r"(?:configs|scripts)/\S+", line)}
    assert named and not [part for part in named if not (ROOT / part).is_file()]
    modules = {part for line in lines for part in re.findall(r"-m (benchmarks\.\w+)", line)}
    assert modules and not [name for name in modules if not (ROOT / f"{name.replace('.', '/')}.py").is_file()]


def test_dependencies_are_there_or_made_by_another_command(project):
    made = {output for command in project["commands"] for output in command.get("outputs", ())}
    made |= {"corpus/train", "./corpus/test"}  # by `convert`, of what has been fetched
    for command in project["commands"]:
        assert not [
            path for path in command.get("deps", ()) if path not in made and not (ROOT / path).exists()
        ]


def test_options_of_commands_are_known(lines):
    """Those of spaCy's own command line, and of scripts."""
    registry.cli.get_all()  # makes the commands of this package known
    spacy_app = typer.main.get_command(app)
    for words in (line.split() for line in lines):
        if words[:3] == ["python", "-m", "spacy"]:
            command = spacy_app.commands[words[3]]
            command = command.commands[words[4]] if words[3] == "gliner" else command
            known = {option for parameter in command.params for option in parameter.opts}
            # Those with a point are settings of a config.
            used = {word for word in words if word.startswith("--") and "." not in word}
            assert not used - known, words


def test_documentation(tmp_path: Path):
    from weasel.cli.document import project_document

    project_document(ROOT, tmp_path / "README.md")
    text = (tmp_path / "README.md").read_text(encoding="utf8")
    assert all(f"`{name}`" in text for name in COMMANDS)


def test_train_trains_and_is_skipped_when_nothing_has_changed(copy: Path, checkpoint: Path):
    variables = {
        "checkpoint": checkpoint,
        "max_steps": 2,
        "eval_frequency": 2,
        "watched": 2,
        "train_limit": 12,
        "dev_limit": 3,
    }
    shown = run_project("train", copy, **variables)
    scores = json.loads((copy / "training" / "sample" / "scores.json").read_text())
    assert scores.keys() == {"before", "after", "last"} and scores["before"]["ents_f"] is not None
    assert re.search(r"\| entities, F1 \| [\d.]+ \| [\d.]+ \| [\d.]+ \|", shown)
    trained = spacy.load(copy / "training" / "sample" / "model-best")
    assert trained.pipe_names == ["gliner_multitask"]
    assert "nothing changed" in run_project("train", copy, **variables)


def test_clean_removes_what_was_written_and_nothing_else(copy: Path):
    for name in ("corpus", "training", "packages"):
        (copy / name).mkdir()
    (copy / "training" / "file").touch()
    run_project("clean", copy)
    assert not (copy / "training" / "file").exists()
    assert (copy / "assets" / "sample" / "train.jsonl").exists()
