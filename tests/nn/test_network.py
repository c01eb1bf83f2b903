"""Network: what is scored does not depend on what else is in the batch."""

import numpy as np
import pytest
import torch

from spacy_gliner_mt.models.collate import collate
from spacy_gliner_mt.nn.encoder import Encoder, build_transformer
from spacy_gliner_mt.nn.network import Network
from spacy_gliner_mt.types import ModelInput

from ..models.util import EXAMPLES, enliven, make_inputs, score
from ..util import ENCODERS, make_bundle

VARIANTS = [
    {},
    {"hidden_size": 8},
    {"fuse_layers": True},
    {"fuse_layers": True, "hidden_size": 8, "n_rnn_layers": 2},
    {"n_rnn_layers": 0},
    {"n_rnn_layers": 2},
]


def make_network(**options):
    torch.manual_seed(0)
    encoder = Encoder(build_transformer({**ENCODERS["bert"].to_dict(), "vocab_size": 50}), 16)
    return Network(encoder, 16, **options)


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_logits_do_not_depend_on_the_batch(encoder, variant):
    bundle = enliven(make_bundle(encoder, **variant))
    inputs = make_inputs(bundle)
    alone = [score(bundle, [item])[0] for item in inputs]
    assert alone[2].std(axis=0).max() > 0.02  # words differ
    assert alone[2].std(axis=1).max() > 0.02  # labels differ
    for order in ([0, 1, 2, 3], [3, 1, 0], [2, 1, 2]):
        together = score(bundle, [inputs[i] for i in order])
        for index, logits in zip(order, together, strict=True):
            np.testing.assert_allclose(logits, alone[index], rtol=0, atol=1e-5)


@pytest.mark.parametrize("n_rnn_layers", [0, 1, 2])
def test_logits_are_the_same_in_training(n_rnn_layers):
    bundle = enliven(make_bundle(n_rnn_layers=n_rnn_layers))
    inputs = make_inputs(bundle)
    logits = bundle(collate(inputs, bundle.pad_id, torch.device("cpu")))
    assert all(some.requires_grad for some in logits)
    for with_gradient, without in zip(logits, score(bundle, inputs), strict=True):
        np.testing.assert_allclose(with_gradient.detach().numpy(), without, rtol=0, atol=1e-5)


@pytest.mark.parametrize("pooling", ["last", "mean", "max"])
def test_poolings_do_not_depend_on_the_batch(pooling):
    bundle = enliven(make_bundle())
    inputs = make_inputs(bundle)
    by_first = score(bundle, inputs)
    bundle.network.pooling = pooling
    for item, logits, other in zip(inputs, score(bundle, inputs), by_first, strict=True):
        np.testing.assert_allclose(logits, score(bundle, [item])[0], rtol=0, atol=1e-5)
        assert np.abs(logits - other).max() > 1e-3


def test_each_input_has_logits_of_its_words_and_labels():
    bundle = make_bundle()
    shapes = [logits.shape for logits in score(bundle, make_inputs(bundle))]
    assert shapes == [(5, 2, 3), (2, 1, 3), (20, 4, 3), (2, 3, 3)]
    assert [shape[1] for shape in shapes] == [len(labels) for _, labels in EXAMPLES]


def test_logits_are_those_of_the_parts_applied_to_one_input():
    bundle = make_bundle(n_rnn_layers=2)
    network, item = bundle.network, make_inputs(bundle)[2]
    ids = torch.from_numpy(item.ids)[None]
    with torch.inference_mode():
        vectors = network.encoder(ids, torch.ones_like(ids, dtype=torch.bool))[0]
        words, _ = network.rnn(vectors[item.word_positions][None])
        expected = network.scorer(words[0], vectors[item.label_positions])
    np.testing.assert_allclose(score(bundle, [item])[0], expected, rtol=0, atol=1e-4)


def test_words_without_subtokens_pass_the_recurrent_layers_as_zeros():
    bundle = make_bundle()
    network = bundle.network
    whole = make_inputs(bundle)[0]
    lengths = whole.word_lengths.copy()
    lengths[1] = 0
    item = ModelInput(whole.ids, whole.label_positions, whole.word_positions, lengths)
    ids = torch.from_numpy(item.ids)[None]
    with torch.inference_mode():
        vectors = network.encoder(ids, torch.ones_like(ids, dtype=torch.bool))[0]
        words = vectors[item.word_positions].clone()
        words[1] = 0
        expected = network.scorer(network.rnn(words[None])[0][0], vectors[item.label_positions])
    logits = score(bundle, [item])[0]
    np.testing.assert_allclose(logits, expected, rtol=0, atol=1e-4)
    assert np.abs(logits[1] - score(bundle, [whole])[0][1]).max() > 0.01


@pytest.mark.parametrize("pad_id", [0, 1, 7, 99])
@pytest.mark.parametrize("encoder", ["bert", "deberta-v2", "modernbert"])
def test_any_id_may_fill_up_a_batch(encoder, pad_id):
    bundle = enliven(make_bundle(encoder))
    inputs = make_inputs(bundle)
    with torch.inference_mode():
        padded = bundle(collate(inputs, pad_id, torch.device("cpu")))
    for logits, item in zip(padded, inputs, strict=True):
        np.testing.assert_allclose(logits, score(bundle, [item])[0], rtol=0, atol=1e-5)


def test_roberta_pads_a_short_input_beside_one_at_its_position_limit():
    bundle = enliven(make_bundle("roberta"))
    short = make_inputs(bundle)[0]
    fill = np.full(bundle.max_subtokens - len(short), 20)
    long = ModelInput(
        np.concatenate([short.ids, fill]), short.label_positions, short.word_positions, short.word_lengths
    )
    assert len(long) == 128
    for item, logits in zip((short, long), score(bundle, [short, long]), strict=True):
        np.testing.assert_allclose(logits, score(bundle, [item])[0], rtol=0, atol=1e-5)


@pytest.mark.parametrize("n_rnn_layers, dropout", [(0, 0.3), (1, 0.3), (2, 0.3)])
def test_dropout_lies_between_recurrent_layers_and_in_the_scorer(recwarn, n_rnn_layers, dropout):
    network = make_network(n_rnn_layers=n_rnn_layers, dropout=dropout)
    assert not [warning for warning in recwarn if "dropout" in str(warning.message)]
    assert network.scorer.dropout.p == dropout
    assert (network.rnn is None) == (n_rnn_layers == 0)
    if network.rnn is not None:
        assert network.rnn.num_layers == n_rnn_layers
        assert network.rnn.dropout == (dropout if n_rnn_layers > 1 else 0.0)
