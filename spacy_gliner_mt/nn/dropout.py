"""Dropout: its probability, everywhere in a network."""

from __future__ import annotations

from torch import nn


def set_dropout(module: nn.Module, probability: float) -> None:
    """Set the probability of all dropout that a network has. Its layers keep it in modules, or, as
    the LSTM and attention do, in attributes that are named so.

    module: changed in place.
    """
    for part in module.modules():
        if isinstance(part, nn.Dropout):
            part.p = probability
        for name, value in vars(part).items():
            if "dropout" in name and type(value) in (int, float):
                setattr(part, name, probability)
