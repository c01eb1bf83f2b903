"""Smoothing: linear layers whose inputs lose little when they are rounded to 8 bits."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

# Vectors and columns of zeros may have any scale but zero.
_LEAST = 1e-5


class SmoothedLinear(nn.Module):
    """A linear layer that does the same on inputs of other scales.

    Where all inputs are rounded to the same steps, a few large ones leave too few steps to the
    others. Inputs that are large for every vector are divided by a factor, and the weights multiplied
    by it (SmoothQuant, Xiao et al. 2023, eq. 3). Behind an activation, which widens vectors, single
    vectors are large: there each is divided by its largest number, and the product multiplied by it.

    linear: the layer it replaces.
    factors (inputs,): what the inputs are divided by.
    """

    def __init__(self, linear: nn.Linear, factors: Tensor) -> None:
        super().__init__()
        self.weight = nn.Parameter(linear.weight.detach() * factors)
        self.bias = linear.bias
        self.reciprocals = nn.Parameter(1 / factors)
        self.by_vector = linear.in_features > linear.out_features

    def forward(self, vectors: Tensor) -> Tensor:
        vectors = vectors * self.reciprocals
        if not self.by_vector:
            return F.linear(vectors, self.weight, self.bias)
        largest = vectors.abs().amax(dim=-1, keepdim=True).clamp(min=_LEAST)  # (..., 1)
        products = F.linear(vectors / largest, self.weight) * largest
        return products if self.bias is None else products + self.bias


def smooth_linear_layers(module: nn.Module, call: Callable[[], object]) -> None:
    """Replace the linear layers of a module, where `call` reaches them.

    call: runs the module on examples, from which it is seen how large inputs are.
    """
    layers = {name: layer for name, layer in module.named_modules() if isinstance(layer, nn.Linear)}
    inputs = {name: _Inputs(layer) for name, layer in layers.items()}
    call()
    # Layers that read the same, such as queries and keys, share factors: it is divided once.
    groups: dict[int, list[str]] = {}
    for name, seen in inputs.items():
        seen.handle.remove()
        if seen.first is not None:
            groups.setdefault(id(seen.first), []).append(name)
    for names in groups.values():
        factors = _balance(
            torch.stack([inputs[name].largest for name in names]).amax(dim=0),
            torch.cat([layers[name].weight.detach() for name in names]).abs().amax(dim=0),
        )
        for name in names:
            module.set_submodule(name, SmoothedLinear(layers[name], factors))


class _Inputs:
    """What is seen of the inputs of a layer: the largest absolute ones (inputs,), and the first tensor,
    held so that no other gets its id."""

    def __init__(self, layer: nn.Linear) -> None:
        self.first: Tensor | None = None
        self.largest = layer.weight.new_zeros(layer.in_features)
        self.handle = layer.register_forward_pre_hook(self._see)

    def _see(self, layer: nn.Module, args: tuple[Tensor]) -> None:
        (vectors,) = args
        if self.first is None:
            self.first = vectors
        largest = vectors.detach().flatten(end_dim=-2).abs().amax(dim=0)  # (inputs,)
        self.largest = torch.maximum(self.largest, largest)


def _balance(inputs: Tensor, weights: Tensor) -> Tensor:
    """The factors that leave inputs as large as the weights of their columns: equation 4, with 0.5."""
    return (inputs.clamp(min=_LEAST) / weights.clamp(min=_LEAST)).sqrt()
