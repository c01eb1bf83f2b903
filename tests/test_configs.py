"""The configs that ship with the project: filled, valid, and ready to be assembled."""

from __future__ import annotations

from pathlib import Path

import pytest
from spacy import util
from spacy.cli._util import app
from typer.testing import CliRunner

from spacy_gliner_mt.settings import Settings

CONFIGS = sorted((Path(__file__).parent.parent / "configs").glob("*.cfg"))


def _without_comments(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf8").splitlines()
    return [line for line in lines if not line.startswith("#")]


def test_there_are_configs():
    assert [path.name for path in CONFIGS] == ["zero_shot.cfg"]


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_config_is_filled(path: Path, tmp_path: Path):
    filled = tmp_path / "filled.cfg"
    result = CliRunner().invoke(app, ["init", "fill-config", str(path), str(filled)])
    assert result.exit_code == 0, result.output
    assert _without_comments(filled) == _without_comments(path)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_config_spells_out_every_setting(path: Path):
    config = util.load_config(path)["components"]["gliner_multitask"]
    defaults = Settings.defaults()
    assert config.keys() == {*defaults, "factory", "model", "scorer"}
    # Nothing is set but the labels: the defaults stand in one place.
    assert {name for name, value in defaults.items() if config[name] != value} == {"labels"}


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_config_makes_a_pipeline(path: Path, checkpoint: Path):
    overrides = {"components.gliner_multitask.model.checkpoint": str(checkpoint)}
    config = util.load_config(path, overrides=overrides)
    nlp = util.load_model_from_config(config)
    nlp.initialize()
    component = nlp.get_pipe("gliner_multitask")
    assert list(component.labels) == config["components"]["gliner_multitask"]["labels"] != []
    component.cfg["threshold"] = 0.0
    assert nlp("Anna met Bob in Rome.").ents
