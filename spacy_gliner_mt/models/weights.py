"""Weights: tensors of a checkpoint folder, by the names that gliner gives them."""

from __future__ import annotations

import pickle
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from ..errors import Errors

WEIGHTS_NAME = "model.safetensors"
_PICKLED_NAME = "pytorch_model.bin"
# The first that is there is read.
WEIGHTS_NAMES = (WEIGHTS_NAME, _PICKLED_NAME)
# torch.compile puts this before the names of what it compiled.
_COMPILED = "_orig_mod."
# Older trainers put this before all names.
_WRAPPER = "model."


def read_weights(folder: Path) -> dict[str, Tensor]:
    """Read the tensors of a folder in float32, from safetensors where there are both formats.

    RETURNS: name -> tensor.
    RAISES: ValueError if there are no weights, they are damaged, or a pickle carries code.
    """
    if (folder / WEIGHTS_NAME).is_file():
        state = _read_safetensors(folder / WEIGHTS_NAME)
    elif (folder / _PICKLED_NAME).is_file():
        state = _read_pickled(folder / _PICKLED_NAME)
    elif any(folder.rglob("*.onnx")) or any(folder.rglob("*.xml")):
        raise ValueError(Errors.GM031.format(folder=folder))
    else:
        raise ValueError(Errors.GM030.format(folder=folder, names=list(WEIGHTS_NAMES)))
    state = {name.replace(_COMPILED, ""): tensor for name, tensor in state.items()}
    if all(name.startswith(_WRAPPER) for name in state):
        state = {name.removeprefix(_WRAPPER): tensor for name, tensor in state.items()}
    return {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in state.items()}


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    try:
        with safe_open(path, "pt") as file:
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
            metadata = file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise ValueError(Errors.GM032.format(path=path, error=error)) from error
    # gliner stores tied tensors once, and names the others in the metadata.
    tied = {name: state[stored] for name, stored in metadata.items() if stored in state}
    return {**state, **tied}


def _read_pickled(path: Path) -> dict[str, Tensor]:
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise ValueError(Errors.GM033.format(path=path, error=error)) from error
    except Exception as error:  # a damaged file can make the unpickler raise anything
        raise ValueError(Errors.GM032.format(path=path, error=error)) from error
    if not isinstance(state, dict) or not all(isinstance(tensor, Tensor) for tensor in state.values()):
        raise ValueError(Errors.GM032.format(path=path, error="it holds something else than tensors by name"))
    return state
