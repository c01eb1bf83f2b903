"""Vectors of labels, to tell which ones are alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch

from ..encoding.batches import pack_batches
from ..nn.pooling import pool_words
from ..types import Floats, Ints, ModelInput
from .collate import collate

if TYPE_CHECKING:
    from .bundle import Bundle

# Subtokens, padding included, that are read at once.
_MAX_TOKENS = 2048


def embed_labels(bundle: Bundle, labels: Sequence[str]) -> Floats:
    """The mean of the vectors that the encoder has for a label's subtokens, the label being all it
    reads.

    RETURNS (labels, width): the vectors; zeros for a label without subtokens.
    """
    markers = bundle.tokenizer.markers
    room = bundle.max_subtokens - len(markers.prefix) - len(markers.suffix)
    pieces = bundle.tokenizer.encode(labels).shorten(room)
    inputs = [_frame(pieces.slice(i, i + 1).ids, markers.prefix, markers.suffix) for i in range(len(labels))]
    encoder = bundle.network.encoder
    device = next(encoder.parameters()).device
    vectors: dict[int, Floats] = {}
    with torch.inference_mode():
        for some in pack_batches([len(item) for item in inputs], _MAX_TOKENS):
            batch = collate([inputs[i] for i in some], bundle.pad_id, device)
            subtokens = encoder(batch.ids, batch.mask).flatten(0, 1)  # (batch * subtokens, width)
            pooled = pool_words(subtokens, batch.word_positions, batch.word_lengths, "mean")
            vectors.update(zip(some, pooled.float().cpu().numpy(), strict=True))
    return np.stack([vectors[i] for i in range(len(labels))])


def _frame(label: Ints, prefix: tuple[int, ...], suffix: tuple[int, ...]) -> ModelInput:
    """An input whose only word is the label."""
    ids = np.concatenate([prefix, label, suffix]).astype(np.int64)
    return ModelInput(ids, np.zeros(0, dtype=np.int64), np.array([len(prefix)]), np.array([len(label)]))
