"""Ablation: each run changes what it says, is measured once, and stands in the table."""

from pathlib import Path

import pytest
from spacy.cli._util import parse_config_overrides
from spacy.util import load_config, registry

from benchmarks import ablation
from benchmarks.ablation import CONFIG, VARIANTS, format_scores, measure_once, override

ROOT = Path(__file__).parents[2]


def _recipe(folder, settings):
    overrides = parse_config_overrides(override({"paths.train": str(folder), "paths.synthetic": str(folder)}))
    overrides |= parse_config_overrides(override(settings))
    config = load_config(ROOT / CONFIG, overrides=overrides, interpolate=True)
    return registry.resolve({"pretraining": config["pretraining"]})["pretraining"]


@pytest.mark.parametrize("name", [name for name in VARIANTS if VARIANTS[name]])
def test_variants_change_the_recipe(name, tmp_path):
    # An unknown setting is refused.
    settings = {f"pretraining.{key}": value for key, value in VARIANTS[name].items()}
    assert str(_recipe(tmp_path, settings)) != str(_recipe(tmp_path, {}))


def test_a_checkpoint_is_measured_once(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(ablation, "score", lambda *args: asked.append(args) or {"F1": 12.5})
    path = tmp_path / "run" / "scores.json"
    for _ in range(2):
        assert measure_once(path, "a checkpoint", tmp_path, 3) == {"F1": 12.5}
    assert asked == [("a checkpoint", tmp_path, 3)]


def test_the_table_says_what_was_changed():
    table = format_scores({"the start": {"F1": 1.0}, "another seed": {"F1": 2.26}})
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    assert rows[0] == ["run", "settings of [pretraining]", "F1"]
    assert rows[2:] == [["the start", "", "1.0"], ["another seed", "`seed = 2`", "2.3"]]
