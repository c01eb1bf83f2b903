"""The configs that ship with the project: filled, valid, and ready to be assembled."""

from __future__ import annotations

from pathlib import Path

import pytest
import spacy
from spacy import util
from spacy.cli._util import app
from spacy.tokens import DocBin, Span
from typer.testing import CliRunner

from spacy_gliner_mt.settings import Settings
from spacy_gliner_mt.training.records import TASKS
from spacy_gliner_mt.training.synthesis.config import load_synthesis

FOLDER = Path(__file__).parent.parent / "configs"
PIPELINES = ["fine_tune.cfg", "self_train.cfg", "train.cfg", "zero_shot.cfg"]
PRETRAINING = ["pretrain_stage1.cfg", "pretrain_stage2.cfg"]
SYNTHESIS = "synthesize.cfg"
CONFIGS = [FOLDER / name for name in PIPELINES]


def _without_comments(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf8").splitlines()
    return [line for line in lines if not line.startswith("#")]


def test_there_are_configs():
    assert sorted(path.name for path in FOLDER.glob("*.cfg")) == sorted([*PIPELINES, *PRETRAINING, SYNTHESIS])


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
    assert config.keys() == {*defaults, "factory", "model", "scorer", "loss", "sampler"}
    # Nothing is set but the labels: the defaults stand in one place.
    assert {name for name, value in defaults.items() if config[name] != value} <= {"labels"}


@pytest.mark.parametrize("name", PRETRAINING)
def test_pretraining_is_a_recipe(name: str, tmp_path: Path):
    config = util.load_config(FOLDER / name)
    config["paths"] = dict.fromkeys(config["paths"], str(tmp_path))
    config = config.interpolate()
    recipe = util.registry.resolve({"pretraining": config["pretraining"]})["pretraining"]
    # What a zero-shot test asks for is left out of all relations.
    relations = [source for source in recipe.sources.values() if source.tasks == ["relation"]]
    assert relations and all(source.omit == config["zero_shot"]["relations"] for source in relations)
    # The paper's weights.
    loss = config["pretraining"]["loss"]
    assert (loss["positive_weight"], loss["negative_weight"]) == (0.75, 0.25)


def test_synthesis_asks_for_all_tasks():
    synthesis = load_synthesis(FOLDER / SYNTHESIS, {"synthesis.limit": 3})
    assert synthesis.limit == 3 and sorted(synthesis.tasks) == sorted(TASKS)
    assert synthesis.model.url == "http://localhost:8000/v1/chat/completions"


def test_zero_shot_makes_a_pipeline(checkpoint: Path):
    path = FOLDER / "zero_shot.cfg"
    overrides = {"components.gliner_multitask.model.checkpoint": str(checkpoint)}
    config = util.load_config(path, overrides=overrides)
    nlp = util.load_model_from_config(config)
    nlp.initialize()
    component = nlp.get_pipe("gliner_multitask")
    assert list(component.labels) == config["components"]["gliner_multitask"]["labels"] != []
    component.cfg["threshold"] = 0.0
    assert nlp("Anna met Bob in Rome.").ents


def test_fine_tune_trains_a_pipeline(checkpoint: Path, tmp_path: Path):
    """Through the command line."""
    nlp = spacy.blank("en")
    docs = []
    for name in ("Anna", "Bob", "Carla", "Dan"):
        docs.append(nlp.make_doc(f"{name} lives in Rome."))
        docs[-1].ents = [Span(docs[-1], 0, 1, "person"), Span(docs[-1], 3, 4, "city")]
    DocBin(docs=docs).to_disk(tmp_path / "corpus.spacy")
    overrides = {
        "paths.train": tmp_path / "corpus.spacy",
        "paths.dev": tmp_path / "corpus.spacy",
        "components.gliner_multitask.model.checkpoint": checkpoint,
        # The tiny checkpoint knows nothing yet.
        "training.optimizer.learn_rate.initial_rate": 0.03,
        "training.optimizer.learn_rate.warmup_steps": 5,
        "training.optimizer.encoder_factor": 1.0,
        "training.max_steps": 60,
        "training.dropout": 0.0,
    }
    options = [str(part) for name, value in overrides.items() for part in (f"--{name}", value)]
    result = CliRunner().invoke(
        app, ["train", str(FOLDER / "fine_tune.cfg"), "-o", str(tmp_path / "output"), *options]
    )
    assert result.exit_code == 0, f"{result.output}\n{result.exception!r}"
    trained = spacy.load(tmp_path / "output" / "model-best")
    assert trained.meta["performance"]["ents_f"] == 1.0
    found = trained("Carla lives in Rome.").ents
    assert [(ent.text, ent.label_) for ent in found] == [("Carla", "person"), ("Rome", "city")]
