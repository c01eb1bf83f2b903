"""The loss as a block of a config."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, get_args

import torch
from torch import Tensor

from ..errors import Errors
from ..nn.loss import binary_loss
from .exercises import Exercise

Reduction = Literal["sum", "mean", "inputs"]


@dataclass(frozen=True)
class Extent:
    """What a loss is averaged over: all that one update learns from.

    inputs: of the network.
    targets: of all inputs, those that count.
    """

    inputs: int
    targets: int

    @classmethod
    def of(cls, exercises: Sequence[Exercise]) -> Extent:
        """That of some exercises."""
        return cls(len(exercises), sum(int(item.targets.mask.sum()) for item in exercises))


# From the logits, the targets and the mask of one input (words, labels, 3), and from what it is a part
# of, to a scalar. Those of all inputs are added up.
Loss = Callable[[Tensor, Tensor, Tensor, Extent], Tensor]


def make_binary_loss_v1(
    *,
    positive_weight: float = 0.75,
    negative_weight: float = 0.25,
    gamma: float = 0.0,
    smoothing: float = 0.0,
    reduction: Reduction = "sum",
) -> Loss:
    """Make the loss `nn.loss.binary_loss`. Its sum or mean is over one call of `update`: where
    spaCy accumulates gradients, those of all calls are added up.

    positive_weight, negative_weight (float): Of targets that are 1 or 0.
    gamma (float): Power of the focal loss's modulating factor; 0 for none.
    smoothing (float): How far targets are moved towards 0.5, from 0 to 1.
    reduction (str): "sum" over all targets, which the learning rates of the paper are for; their
        "mean" (that of gliner is over pairs of word and label, which makes it three times ours); or,
        for several tasks, "inputs": the mean of the means of all inputs. A question has one label and
        one answer, and counts for little beside a text with twenty-five labels in the others.
    RAISES: ValueError where an argument makes no sense.
    """
    weights = {"positive_weight": positive_weight, "negative_weight": negative_weight, "gamma": gamma}
    for name, value in weights.items():
        if value < 0:
            raise ValueError(Errors.GM081.format(name=name, value=value))
    if not 0 <= smoothing <= 1:
        raise ValueError(Errors.GM007.format(name="smoothing", value=smoothing, type="from 0 to 1"))
    if reduction not in get_args(Reduction):
        raise ValueError(Errors.GM007.format(name="reduction", value=reduction, type=Reduction))
    return partial(_reduce, partial(binary_loss, **weights, smoothing=smoothing), reduction)


def add_losses(loss: Loss, exercises: Sequence[Exercise], logits: Sequence[Tensor], extent: Extent) -> Tensor:
    """The loss of some exercises, at least one.

    logits: of each exercise (words, labels, 3).
    extent: of all exercises of the update that these are some of.
    RETURNS: a scalar.
    """
    return torch.stack(
        [_compare(loss, item, scores, extent) for item, scores in zip(exercises, logits, strict=True)]
    ).sum()


def _compare(loss: Loss, exercise: Exercise, logits: Tensor, extent: Extent) -> Tensor:
    known = (exercise.targets.values, exercise.targets.mask)
    targets, mask = (torch.from_numpy(some).to(logits.device) for some in known)
    return loss(logits.float(), targets, mask, extent)


def _reduce(
    add: Callable[[Tensor, Tensor, Tensor], Tensor],
    reduction: Reduction,
    logits: Tensor,
    targets: Tensor,
    mask: Tensor,
    extent: Extent,
) -> Tensor:
    total = add(logits, targets, mask)
    if reduction == "sum":
        return total
    if reduction == "mean":
        return total / max(1, extent.targets)
    # Counted where the mask is: a GPU need not be waited for.
    return total / mask.sum().clamp(min=1) / extent.inputs
