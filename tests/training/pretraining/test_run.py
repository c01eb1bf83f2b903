"""Run: what is learned, logged, saved and resumed."""

import json

import pytest
import torch

from spacy_gliner_mt.models.checkpoint import Checkpoint
from spacy_gliner_mt.training.pretraining.run import pretrain

from ...util import write_checkpoint
from .util import make_recipe


def run(recipe, folder, resume=False):
    accounts = []
    folder.mkdir(exist_ok=True)
    pretrain(recipe, folder, resume=resume, log=accounts.append)
    return accounts


def read_weights(folder):
    return Checkpoint.from_folder(folder / "checkpoint").state


def largest_difference(one, other):
    return max((one[name] - other[name]).abs().max().item() for name in one)


def test_the_loss_falls(tmp_path, checkpoint):
    recipe = make_recipe(tmp_path, checkpoint, steps=60, learn_rate=1e-2, log_every=10, save_every=60)
    accounts = run(recipe, tmp_path / "run")
    assert accounts[-1]["loss"] < accounts[0]["loss"] / 2
    assert [account["step"] for account in accounts] == [10, 20, 30, 40, 50, 60]
    assert sum(account["texts"] for account in accounts) == 240
    logged = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert logged == accounts


@pytest.mark.parametrize("options", [{}, {"ema_decay": 0.5}], ids=str)
def test_a_resumed_run_is_the_run_that_was_not_stopped(tmp_path, checkpoint, options):
    whole = make_recipe(tmp_path, checkpoint, decay="constant", **options)
    run(whole, tmp_path / "whole")
    run(make_recipe(tmp_path, checkpoint, decay="constant", steps=3, **options), tmp_path / "parts")
    accounts = run(whole, tmp_path / "parts", resume=True)
    assert [account["step"] for account in accounts] == [4, 5, 6]
    parts, expected = read_weights(tmp_path / "parts"), read_weights(tmp_path / "whole")
    assert largest_difference(parts, expected) < 1e-6
    assert largest_difference(parts, Checkpoint.from_folder(checkpoint).state) > 1e-4


def test_a_resumed_run_has_the_rates_of_its_own_recipe(tmp_path, checkpoint):
    run(make_recipe(tmp_path, checkpoint, steps=3, encoder_factor=1.0), tmp_path / "run")
    # The file that they are mapped from is written again.
    first = {name: weights.clone() for name, weights in read_weights(tmp_path / "run").items()}
    recipe = make_recipe(tmp_path, checkpoint, steps=6, encoder_factor=0.0, decay="constant")
    run(recipe, tmp_path / "run", resume=True)
    last = read_weights(tmp_path / "run")
    moved = {name for name in first if not torch.equal(first[name], last[name])}
    assert moved
    assert not any("token_rep_layer.bert_layer" in name for name in moved)


def test_workers_make_no_difference(tmp_path, checkpoint):
    run(make_recipe(tmp_path, checkpoint), tmp_path / "none")
    run(make_recipe(tmp_path, checkpoint, workers=2), tmp_path / "two")
    assert largest_difference(read_weights(tmp_path / "two"), read_weights(tmp_path / "none")) < 1e-6


def test_sizes_of_batches_make_no_difference(tmp_path, checkpoint):
    run(make_recipe(tmp_path, checkpoint, max_batch_tokens=4096), tmp_path / "large")
    run(make_recipe(tmp_path, checkpoint, max_batch_tokens=1), tmp_path / "small")
    difference = largest_difference(read_weights(tmp_path / "large"), read_weights(tmp_path / "small"))
    assert difference < 1e-4


def test_the_average_lags_behind(tmp_path, checkpoint):
    run(make_recipe(tmp_path, checkpoint), tmp_path / "last")
    run(make_recipe(tmp_path, checkpoint, ema_decay=0.9), tmp_path / "average")
    start = Checkpoint.from_folder(checkpoint).state
    moved = [largest_difference(read_weights(tmp_path / name), start) for name in ("average", "last")]
    assert 0 < moved[0] < moved[1]


def test_frozen_layers_stay(tmp_path, checkpoint):
    run(make_recipe(tmp_path, checkpoint, frozen_layers=1), tmp_path / "run")
    start, end = Checkpoint.from_folder(checkpoint).state, read_weights(tmp_path / "run")
    moved = {name for name in start if not torch.equal(start[name], end[name])}
    assert not any(".embeddings." in name or ".layer.0." in name for name in moved)
    assert any(".layer.1." in name for name in moved)


def test_another_network_is_not_resumed(tmp_path, checkpoint):
    run(make_recipe(tmp_path, checkpoint), tmp_path / "run")
    other = write_checkpoint(tmp_path / "other", hidden_size=8)
    with pytest.raises(ValueError, match=r"GM244.*run.json.*hidden_size"):
        run(make_recipe(tmp_path, other), tmp_path / "run", resume=True)


def test_tasks_are_kept_with_the_checkpoint(tmp_path):
    start = write_checkpoint(tmp_path / "start", tasks=["entities"])
    run(make_recipe(tmp_path, start, batch_size=16), tmp_path / "run")
    tasks = Checkpoint.from_folder(tmp_path / "run" / "checkpoint").config.tasks
    assert set(tasks) == {"entities", "questions", "relations", "summary", "prompts"}
