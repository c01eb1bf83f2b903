"""Trainer: teaches a model what references are annotated with."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np
import torch
from thinc.types import Floats3d

from ..encoding.batches import pack_batches
from ..errors import Errors
from ..models.architecture import GlinerModel, require_trainable
from ..models.vectors import embed_labels
from ..nn.dropout import set_dropout
from ..types import Floats
from .exercises import Exercise, ExerciseMaker, TrainingReport
from .label_pool import LabelPool
from .lessons import Lesson
from .loss import Extent, Loss, add_losses
from .sampling import LabelSampler

if TYPE_CHECKING:
    from ..models.bundle import Bundle


class Trainer:
    """Keeps what lasts from one update to the next: the labels seen, and what became of the texts.

    loss: of logits.
    sampler: of labels.
    report: of all updates so far.
    """

    def __init__(self, loss: Loss, sampler: LabelSampler) -> None:
        self.loss = loss
        self.sampler = sampler
        self.report = TrainingReport()
        self._updates = 0
        self._pool = LabelPool()
        self._vectors: dict[str, Floats] = {}

    def update(self, model: GlinerModel, lessons: Sequence[Lesson], drop: float) -> float:
        """Add the gradients of what lessons teach to those that the model has.

        drop: probability of all dropout in the network.
        RETURNS: the loss.
        """
        exercises, report = self.make_exercises(model, lessons)
        bundle = require_trainable(model)
        bundle.add_tasks([name for lesson in lessons for name in lesson.golds])
        set_dropout(bundle, drop)
        extent = Extent.of(exercises)
        loss = 0.0
        for batch in pack_batches([len(item) for item in exercises], model.attrs["max_batch_tokens"]):
            some = [exercises[i] for i in batch]
            logits, backprop = model.begin_update([item.input for item in some])
            loss_of_batch, gradients = compute_loss(self.loss, some, logits, extent)
            backprop(gradients)
            loss += loss_of_batch
        self._pool = self._seen(lessons)
        self._updates += 1
        self.report += report
        return loss

    def make_exercises(
        self, model: GlinerModel, lessons: Sequence[Lesson]
    ) -> tuple[list[Exercise], TrainingReport]:
        """What the next update would learn from these lessons: the same in every call until then."""
        bundle = require_trainable(model)
        maker = ExerciseMaker(
            self.sampler,
            bundle.tokenizer,
            max_words=bundle.config.max_words,
            max_subtokens=bundle.max_subtokens,
            embed=lambda names: self._embed(bundle, names),
        )
        rng = np.random.default_rng([self.sampler.seed, self._updates])
        return maker.make(lessons, self._seen(lessons), rng)

    def _seen(self, lessons: Sequence[Lesson]) -> LabelPool:
        return self._pool + LabelPool.of(gold for lesson in lessons for gold in lesson.all_golds)

    def _embed(self, bundle: Bundle, names: Sequence[str]) -> Floats:
        # Vectors of before the training stay: labels do not become other things by it.
        if new := [name for name in names if name not in self._vectors]:
            self._vectors.update(zip(new, embed_labels(bundle, new), strict=True))
        return np.stack([self._vectors[name] for name in names])


def compute_loss(
    loss: Loss, exercises: Sequence[Exercise], logits: Sequence[Floats3d], extent: Extent
) -> tuple[float, list[Floats3d]]:
    """The loss, and its gradient with respect to the logits.

    logits: of each exercise (words, labels, 3).
    extent: of all exercises of the update, if these are only some of them.
    RAISES: ValueError if it is no number.
    """
    if not exercises:
        return 0.0, []
    leaves = [torch.tensor(some, requires_grad=True) for some in logits]
    value = add_losses(loss, exercises, leaves, extent)
    value.backward()
    if not isfinite(value.item()):
        raise ValueError(Errors.GM086.format(loss=value.item()))
    return value.item(), [leaf.grad.numpy() for leaf in leaves]
