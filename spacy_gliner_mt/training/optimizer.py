"""The optimizer: AdamW with a rate of its own for the encoder."""

from __future__ import annotations

import warnings
from typing import Any
from weakref import WeakKeyDictionary

import torch
from thinc.api import Optimizer
from thinc.optimizers import FloatOrSeq
from torch import nn

from ..errors import Errors, Warnings
from ..models.architecture import GlinerModel, require_trainable

# Parameters that come from the pretrained transformer; what is on top of it is the rest.
_ENCODER = "encoder.transformer."


class AdamW(Optimizer):
    """A thinc optimizer that updates a network as `torch.optim.AdamW` does.

    thinc's own clips every tensor by itself, decays biases and norms too, and has one rate for all.
    Parameters of other components are updated as thinc does it, with the same values.
    """

    def __init__(self, learn_rate: FloatOrSeq, *, encoder_factor: float, **options: Any) -> None:
        """Make the optimizer.

        learn_rate: a number, or a schedule of one.
        encoder_factor: the encoder's rate, as a multiple.
        options: as thinc names them.
        """
        super().__init__(learn_rate, use_averages=False, L2_is_weight_decay=True, **options)
        self.encoder_factor = encoder_factor
        # Of each network that was updated so far.
        self._optimizers: WeakKeyDictionary[nn.Module, torch.optim.AdamW] = WeakKeyDictionary()

    def update(self, module: nn.Module) -> None:
        """Take one step with the gradients that a network has, and clear them."""
        if module not in self._optimizers:
            groups = group_parameters(module, self.encoder_factor)
            self._optimizers[module] = torch.optim.AdamW(groups, lr=self.learn_rate)
        optimizer = self._optimizers[module]
        # Any of these may follow a schedule.
        for group in optimizer.param_groups:
            group["lr"] = self.learn_rate * group["rate_factor"]
            group["weight_decay"] = self.L2 * group["decay_factor"]
            group["betas"], group["eps"] = (self.b1, self.b2), self.eps
        if self.grad_clip:
            nn.utils.clip_grad_norm_(module.parameters(), self.grad_clip)
        optimizer.step()
        optimizer.zero_grad()


def make_adamw_v1(
    learn_rate: FloatOrSeq = 1e-4,
    *,
    encoder_factor: float = 0.3,
    weight_decay: FloatOrSeq = 0.01,
    grad_clip: FloatOrSeq = 1.0,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> Optimizer:
    """Make the optimizer.

    learn_rate (float or schedule): Of all but the encoder.
    encoder_factor (float): The pretrained encoder's rate, as a multiple of that; 0 leaves it as it is.
    weight_decay (float or schedule): Of all but biases and norms, decoupled from the gradient.
    grad_clip (float or schedule): The norm that the gradient of the whole network may have; 0 for any.
    beta1, beta2, eps (float): Of Adam.
    RETURNS (Optimizer): A thinc optimizer.
    RAISES: ValueError if the factor is negative.
    """
    if encoder_factor < 0:
        raise ValueError(Errors.GM081.format(name="encoder_factor", value=encoder_factor))
    return AdamW(
        learn_rate,
        encoder_factor=encoder_factor,
        L2=weight_decay,
        grad_clip=grad_clip,
        beta1=beta1,
        beta2=beta2,
        eps=eps,
    )


def group_parameters(module: nn.Module, encoder_factor: float) -> list[dict[str, Any]]:
    """The parameters of a network in groups for a torch optimizer.

    RETURNS: groups with "params", "rate_factor" (1, or the encoder's) and "decay_factor" (0 for
        biases and norms, which are those of one dimension, otherwise 1).
    """
    # As many whatever the factor is, so that a run can be resumed with another.
    groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
    for name, parameter in module.named_parameters():
        groups.setdefault((_ENCODER in name, parameter.ndim > 1), []).append(parameter)
    return [
        {
            "params": parameters,
            "rate_factor": encoder_factor if in_encoder else 1.0,
            "decay_factor": float(decays),
        }
        for (in_encoder, decays), parameters in groups.items()
    ]


def update_weights(model: GlinerModel, sgd: Optimizer) -> None:
    """Take one step with the gradients that a model has, and clear them.

    sgd: ours, or any of thinc's.
    """
    bundle = require_trainable(model)
    if isinstance(sgd, AdamW):
        sgd.update(bundle)
        return
    if getattr(sgd, "averages", None) is not None:
        warnings.warn(Warnings.GMW03, stacklevel=2)
    model.finish_update(sgd)
