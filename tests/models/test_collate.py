"""Collating: what is padded, and where positions point."""

import numpy as np
import pytest
import torch

from spacy_gliner_mt.models.collate import collate
from spacy_gliner_mt.types import ModelInput

CPU = torch.device("cpu")


def make_input(ids, labels, words, lengths):
    return ModelInput(*(np.array(values, dtype=np.int64) for values in (ids, labels, words, lengths)))


SHORT = make_input([11, 12, 13], [1], [2], [1])
LONG = make_input([21, 22, 23, 24, 25], [1, 2], [3, 3, 4], [0, 1, 1])


def test_an_input_alone_is_not_padded():
    batch = collate([LONG], 9, CPU)
    assert batch.ids.tolist() == [[21, 22, 23, 24, 25]]
    assert batch.mask.all()
    assert batch.label_positions.tolist() == [1, 2]
    assert batch.word_positions.tolist() == [3, 3, 4]
    assert batch.word_lengths.tolist() == [0, 1, 1]
    assert (batch.n_labels, batch.n_words) == ([2], [3])


@pytest.mark.parametrize("pad_id", [0, 1, 9])
def test_shorter_inputs_are_padded_and_masked(pad_id):
    batch = collate([SHORT, LONG, SHORT], pad_id, CPU)
    padded = [11, 12, 13, pad_id, pad_id]
    assert batch.ids.tolist() == [padded, [21, 22, 23, 24, 25], padded]
    assert batch.mask.tolist() == [[True] * 3 + [False] * 2, [True] * 5, [True] * 3 + [False] * 2]
    assert batch.mask.dtype == torch.bool


@pytest.mark.parametrize("order", [[SHORT, LONG], [LONG, SHORT, SHORT], [LONG, LONG]])
def test_positions_point_to_the_same_subtokens_in_the_flattened_batch(order):
    batch = collate(order, 0, CPU)
    flat = batch.ids.flatten()
    for name, counts in (("label_positions", batch.n_labels), ("word_positions", batch.n_words)):
        positions = getattr(batch, name)
        assert positions.dtype == torch.int64
        found = [part.tolist() for part in flat[positions].split(counts)]
        assert found == [item.ids[getattr(item, name)].tolist() for item in order]
    assert batch.word_lengths.tolist() == [length for item in order for length in item.word_lengths]
