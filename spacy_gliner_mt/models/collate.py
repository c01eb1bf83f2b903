"""Collating: inputs of the network as tensors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from ..nn.network import Batch
from ..types import ModelInput


def collate(inputs: Sequence[ModelInput], pad_id: int, device: torch.device) -> Batch:
    """Pad the subtokens of several inputs; their labels and words go one after the other.

    inputs: at least one.
    pad_id: stands where an input is shorter than the longest.
    """
    width = max(map(len, inputs))
    ids = np.full((len(inputs), width), pad_id, dtype=np.int64)
    mask = np.zeros((len(inputs), width), dtype=bool)
    for row, item in enumerate(inputs):
        ids[row, : len(item)] = item.ids
        mask[row, : len(item)] = True
    # Where each input starts among the flattened subtokens.
    starts = np.arange(len(inputs)) * width
    shifted = list(zip(inputs, starts, strict=True))
    return Batch(
        ids=torch.from_numpy(ids).to(device),
        mask=torch.from_numpy(mask).to(device),
        label_positions=_flatten([item.label_positions + start for item, start in shifted], device),
        word_positions=_flatten([item.word_positions + start for item, start in shifted], device),
        word_lengths=_flatten([item.word_lengths for item in inputs], device),
        n_labels=[len(item.label_positions) for item in inputs],
        n_words=[len(item.word_positions) for item in inputs],
    )


def _flatten(arrays: Sequence[np.ndarray], device: torch.device) -> torch.Tensor:
    return torch.from_numpy(np.concatenate(arrays)).to(device)
