"""Signature: what the graphs of token-level GLiNERs take and give, as gliner exports them."""

from __future__ import annotations

import numpy as np

from ...errors import Errors
from ...nn.pooling import Pooling
from ...types import Floats, Ints, ModelInput

INPUTS = ("input_ids", "attention_mask", "words_mask", "text_lengths")
OUTPUT = "logits"


def make_inputs(item: ModelInput, pooling: Pooling) -> dict[str, Ints]:
    """A batch of one input, by the names of the graph's inputs.

    pooling: which subtokens of a word the graph is told of.
    """
    n_words = len(item.word_lengths)
    owners = np.repeat(np.arange(n_words), item.word_lengths)  # (subtokens of words,)
    place = np.arange(len(owners)) - (item.word_lengths.cumsum() - item.word_lengths)[owners]
    pooled = {"first": place == 0, "last": place == item.word_lengths[owners] - 1}
    some = pooled.get(pooling, np.full(len(owners), True))
    words_mask = np.zeros_like(item.ids)
    words_mask[(item.word_positions[owners] + place)[some]] = owners[some] + 1
    arrays = (item.ids, np.ones_like(item.ids), words_mask, np.array([n_words]))
    return {name: array[None] for name, array in zip(INPUTS, arrays, strict=True)}


def read_output(logits: Floats, item: ModelInput, name: str) -> Floats:
    """The logits of a batch of one input, in either of the layouts that were published: gliner puts
    start, end and inside first until 0.2.20, and last since. As the batch is one, no shape is both.

    logits (1, words, labels, 3) or (3, 1, words, labels): what the graph returned.
    name: of the graph.
    RETURNS (words, labels, 3): float32.
    RAISES: ValueError if they are of another shape.
    """
    size = (len(item.word_positions), len(item.label_positions))
    new, old = (1, *size, 3), (3, 1, *size)
    if logits.shape == new:
        return logits[0].astype(np.float32)
    if logits.shape == old:
        return logits[:, 0].transpose(1, 2, 0).astype(np.float32)
    raise ValueError(Errors.GM093.format(name=name, shape=logits.shape, new=new, old=old))
