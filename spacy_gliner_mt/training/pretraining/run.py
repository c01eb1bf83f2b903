"""Run: the steps of a recipe, under accelerate, resumable."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import DistributedDataParallelKwargs
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader

from ...encoding.batches import pack_batches
from ...models.bundle import Bundle
from ...models.checkpoint import Checkpoint
from ...models.collate import collate
from ...models.fresh import make_fresh_checkpoint
from ...models.locate import locate_checkpoint
from ...nn.dropout import set_dropout
from ..exercises import Exercise, ExerciseMaker, TrainingReport
from ..loss import Extent, add_losses
from ..optimizer import group_parameters
from .mixture import Mixture
from .recipe import Recipe
from .state import load_state, require_same, save_state
from .steps import Step, Steps

# What a run tells of itself while it goes on: names -> numbers.
Log = Callable[[dict[str, Any]], None]


def pretrain(recipe: Recipe, folder: Path, *, resume: bool, log: Log) -> None:
    """Run a recipe.

    folder: receives `checkpoint/`, which the component and gliner load, `state/`, from which the run
        can be resumed, and `log.jsonl`.
    resume: go on from the last state in the folder; from the start if there is none.
    log: is given what is written to the log, too.
    RAISES: ValueError if the state is of another network.
    """
    accelerator = Accelerator(
        mixed_precision="bf16" if recipe.mixed_precision and torch.cuda.is_available() else "no",
        # A checkpoint may have parts that no step uses, such as a transformer's pooling layer.
        kwargs_handlers=[DistributedDataParallelKwargs(find_unused_parameters=True)],
    )
    bundle = _build(recipe)
    first = require_same(folder, bundle.config) if resume else 0
    mixture = Mixture.read(recipe.sources)
    run = _Run(accelerator, recipe, bundle)
    if first:
        load_state(accelerator, folder)
    steps = _load(recipe, bundle, mixture, first, accelerator.process_index)
    for number, step in enumerate(steps, first + 1):
        run.learn(number - 1, step)
        if number % recipe.log_every == 0 or number == recipe.steps:
            _tell(folder, accelerator, log, run.account(number))
        if number % recipe.save_every == 0 or number == recipe.steps:
            accelerator.wait_for_everyone()
            save_state(accelerator, folder, number, bundle.config)
            if accelerator.is_main_process:
                run.to_checkpoint().to_folder(folder / "checkpoint")


class _Run:
    """What changes while a run goes on."""

    def __init__(self, accelerator: Accelerator, recipe: Recipe, bundle: Bundle) -> None:
        self.accelerator = accelerator
        self.recipe = recipe
        self.bundle = bundle
        set_dropout(bundle, recipe.dropout)
        if recipe.frozen_layers is not None:
            bundle.network.encoder.freeze(recipe.frozen_layers)
        # Kept, as the optimizer's own would be those of the run that is resumed.
        self.groups = group_parameters(bundle, recipe.encoder_factor)
        optimizer = torch.optim.AdamW(self.groups, lr=recipe.learn_rate)
        self.network, self.optimizer = accelerator.prepare(bundle, optimizer)
        self.average = None
        if recipe.ema_decay is not None:
            average = get_ema_multi_avg_fn(recipe.ema_decay)
            self.average = AveragedModel(bundle.network, multi_avg_fn=average)
            accelerator.register_for_checkpointing(self.average)
        self._restart_account()

    def learn(self, number: int, step: Step) -> None:
        """Take a step."""
        self.bundle.add_tasks(sorted(step.tasks))
        self.network.train()
        extent = Extent.of(step.exercises)
        batches = pack_batches([len(item) for item in step.exercises], self.recipe.max_batch_tokens)
        for batch in batches:
            # Gradients of several processes are only summed with the last batch.
            last = batch is batches[-1]
            with nullcontext() if last else self.accelerator.no_sync(self.network):
                loss = self._read([step.exercises[i] for i in batch], extent)
                self.accelerator.backward(loss)
            self._loss += float(loss.detach())
        factor = self.recipe.rate_factor(number)
        for group, own in zip(self.optimizer.param_groups, self.groups, strict=True):
            group["lr"] = self.recipe.learn_rate * own["rate_factor"] * factor
            group["weight_decay"] = self.recipe.weight_decay * own["decay_factor"]
        self.accelerator.clip_grad_norm_(self.network.parameters(), self.recipe.grad_clip)
        self.optimizer.step()
        self.optimizer.zero_grad()
        if self.average is not None:
            self.average.update_parameters(self.bundle.network)
        self._report += step.report
        self._subtokens += sum(map(len, step.exercises))
        self._steps += 1

    def account(self, number: int) -> dict[str, Any]:
        """What became of the steps since the last account."""
        seconds = time.perf_counter() - self._start
        account = {
            "step": number,
            "loss": self._loss / self._steps,
            "learn_rate": self.recipe.learn_rate * self.recipe.rate_factor(number - 1),
            "seconds": round(seconds, 1),
            "subtokens_per_second": round(self._subtokens / seconds),
            **asdict(self._report),
        }
        self._restart_account()
        return account

    def to_checkpoint(self) -> Checkpoint:
        """The present weights, or their average."""
        network = self.bundle.network if self.average is None else self.average.module
        return Bundle(
            network, self.bundle.tokenizer, self.bundle.config, self.bundle.tokenizer_files
        ).to_checkpoint()

    def _read(self, exercises: Sequence[Exercise], extent: Extent) -> torch.Tensor:
        device = self.accelerator.device
        batch = collate([item.input for item in exercises], self.bundle.pad_id, device)
        return add_losses(self.recipe.loss, exercises, self.network(batch), extent)

    def _restart_account(self) -> None:
        self._start = time.perf_counter()
        self._loss, self._steps, self._subtokens = 0.0, 0, 0
        self._report = TrainingReport()


def _build(recipe: Recipe) -> Bundle:
    checkpoint = (
        Checkpoint.from_folder(locate_checkpoint(recipe.checkpoint))
        if recipe.checkpoint is not None
        else make_fresh_checkpoint(str(recipe.encoder), seed=recipe.seed, dropout=recipe.dropout)
    )
    return Bundle.from_checkpoint(checkpoint)


def _load(recipe: Recipe, bundle: Bundle, mixture: Mixture, first: int, rank: int) -> DataLoader:
    maker = ExerciseMaker(
        recipe.sampler,
        bundle.tokenizer,
        max_words=min(recipe.max_words, bundle.config.max_words),
        max_subtokens=bundle.max_subtokens,
    )
    steps = Steps(
        mixture,
        maker,
        batch_size=recipe.batch_size,
        first=first,
        end=recipe.steps,
        seed=recipe.seed,
        rank=rank,
    )
    return DataLoader(steps, batch_size=None, num_workers=recipe.workers)


def _tell(folder: Path, accelerator: Accelerator, log: Log, account: dict[str, Any]) -> None:
    if accelerator.is_main_process:
        with (folder / "log.jsonl").open("a", encoding="utf8") as file:
            file.write(json.dumps(account) + "\n")
        log(account)
