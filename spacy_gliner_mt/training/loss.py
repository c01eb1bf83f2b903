"""The loss as a block of a config."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import get_args

from torch import Tensor

from ..errors import Errors
from ..nn.loss import Reduction, binary_loss

# From logits, targets and a mask of any one shape to a scalar. The number is how many targets count
# in all, where these are only some of those that are averaged.
Loss = Callable[[Tensor, Tensor, Tensor, int], Tensor]


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
    reduction (str): "sum", which the learning rates of the paper are for, or "mean".
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
    return partial(
        binary_loss,
        positive_weight=positive_weight,
        negative_weight=negative_weight,
        gamma=gamma,
        smoothing=smoothing,
        reduction=reduction,
    )
