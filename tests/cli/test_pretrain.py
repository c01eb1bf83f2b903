"""Pretrain: a config becomes a run, and bad ones are told before anything starts."""

import json

import pytest

from ..training.corpora import EVERY, write_lines

CONFIG = """
[pretraining]
@misc = "spacy-gliner-mt.Pretraining.v1"
checkpoint = "{checkpoint}"
steps = 2
batch_size = 4

[pretraining.sources]

[pretraining.sources.all]
@misc = "spacy-gliner-mt.Source.v1"
path = "{path}"

[pretraining.sampler]
@misc = "spacy-gliner-mt.LabelSampler.v1"

[pretraining.loss]
@misc = "spacy-gliner-mt.BinaryLoss.v1"
"""


@pytest.fixture
def config(tmp_path, checkpoint):
    path = write_lines(tmp_path / "corpus.jsonl", *EVERY)
    config = tmp_path / "pretrain.cfg"
    config.write_text(CONFIG.format(checkpoint=checkpoint, path=path))
    return config


def test_a_run_is_made_resumed_and_overridden(run, config, tmp_path):
    output = tmp_path / "run"
    assert run("pretrain", config, output).exit_code == 0
    assert json.loads((output / "state" / "run.json").read_text())["step"] == 2
    again = run("pretrain", config, output)
    assert again.exit_code == 1
    assert "GM246" in again.output
    assert run("pretrain", config, output, "--resume", "--pretraining.steps", "3").exit_code == 0
    assert json.loads((output / "state" / "run.json").read_text())["step"] == 3
    found = run("annotate", "-", "--model", output / "checkpoint", "--labels", "person", input="Ada.\n")
    assert found.exit_code == 0


@pytest.mark.parametrize(
    "old, new, code",
    [
        ("[pretraining", "[training", "GM245"),
        ("corpus.jsonl", "missing.jsonl", "GM214"),
        ("steps = 2", "steps = 0", "GM008"),
    ],
)
def test_bad_configs_are_told_before_anything_starts(run, config, tmp_path, old, new, code):
    config.write_text(config.read_text().replace(old, new))
    result = run("pretrain", config, tmp_path / "run")
    assert result.exit_code == 1
    assert code in result.output
