"""Padded network: the same scores, whatever else is in the batch."""

import numpy as np
import pytest
import torch

from spacy_gliner_mt.models.onnx.signature import INPUTS, make_inputs
from spacy_gliner_mt.nn.padded import PaddedNetwork, pool_padded
from spacy_gliner_mt.types import ModelInput

from ..models.onnx.util import pad_inputs
from ..models.util import enliven, score
from ..models.util import make_inputs as make_examples
from ..util import ENCODERS, make_bundle

BATCHES = [[0], [3], [1, 2], [3, 0, 1], [0, 1, 2, 3]]


def run(bundle, items, pooling="first", label_offset=0):
    """The logits of each input, those of its words and labels only."""
    network = PaddedNetwork(bundle.network, bundle.tokenizer.markers.label, label_offset)
    arrays = pad_inputs(items) if len(items) > 1 else make_inputs(items[0], pooling)
    with torch.inference_mode():
        logits = network(*(torch.from_numpy(arrays[name]) for name in INPUTS)).numpy()
    n_words, n_labels = (
        max(len(positions) for positions in some)
        for some in ([i.word_positions for i in items], [i.label_positions for i in items])
    )
    assert logits.shape == (len(items), n_words, n_labels, 3)
    return [
        row[: len(item.word_positions), : len(item.label_positions)]
        for row, item in zip(logits, items, strict=True)
    ]


def assert_close(ours, expected):
    for some, others in zip(ours, expected, strict=True):
        np.testing.assert_allclose(some, others, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("variant", [{}, {"n_rnn_layers": 2, "hidden_size": 8}, {"n_rnn_layers": 0}], ids=str)
def test_scores_are_those_of_the_network(encoder, variant):
    bundle = enliven(make_bundle(encoder, **variant))
    items = make_examples(bundle)
    expected = score(bundle, items)
    for some in BATCHES:
        assert_close(run(bundle, [items[i] for i in some]), [expected[i] for i in some])


@pytest.mark.parametrize("pooling", ["first", "last", "mean", "max"])
def test_words_are_pooled_as_in_the_network(pooling):
    bundle = enliven(make_bundle())
    bundle.network.pooling = pooling
    for item in make_examples(bundle):
        assert_close(run(bundle, [item], pooling), score(bundle, [item]))


def test_labels_may_be_read_at_their_first_subtoken():
    bundle = enliven(make_bundle())
    for item in make_examples(bundle):
        moved = ModelInput(item.ids, item.label_positions + 1, item.word_positions, item.word_lengths)
        assert_close(run(bundle, [moved], label_offset=1), score(bundle, [moved]))


VECTORS = torch.tensor([[[1.0, 4.0], [2.0, 5.0], [-3.0, -6.0]], [[7.0, 0.0], [8.0, 0.0], [9.0, 0.0]]])


@pytest.mark.parametrize(
    "pooling, mask, expected",
    [
        ("first", [[0, 1, 3], [2, 0, 0]], [[[2, 5], [0, 0], [-3, -6]], [[0, 0], [7, 0], [0, 0]]]),
        ("mean", [[1, 1, 3], [0, 2, 2]], [[[1.5, 4.5], [0, 0], [-3, -6]], [[0, 0], [8.5, 0], [0, 0]]]),
        ("max", [[1, 1, 3], [0, 2, 2]], [[[2, 5], [0, 0], [-3, -6]], [[0, 0], [9, 0], [0, 0]]]),
        ("first", [[0, 0, 0], [0, 0, 0]], np.zeros((2, 3, 2)).tolist()),
    ],
)
def test_words_without_subtokens_are_zeros(pooling, mask, expected):
    pooled = pool_padded(VECTORS, torch.tensor(mask), torch.tensor(3), pooling)
    assert pooled.tolist() == expected
