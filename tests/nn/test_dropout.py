"""Dropout: all of it follows the probability, wherever a network keeps it."""

import pytest
import torch
from torch import nn

from spacy_gliner_mt.models.collate import collate
from spacy_gliner_mt.nn.dropout import set_dropout

from ..models.util import make_inputs
from ..util import ENCODERS, make_bundle


def run(bundle, inputs):
    torch.manual_seed(0)
    bundle.train()
    with torch.no_grad():
        logits = bundle(collate(inputs, bundle.pad_id, torch.device("cpu")))
    bundle.eval()
    return torch.cat([some.flatten() for some in logits])


@pytest.mark.parametrize("encoder", ENCODERS)
def test_probability_0_is_as_in_evaluation(encoder):
    bundle = make_bundle(encoder, n_rnn_layers=2)
    inputs = make_inputs(bundle)
    set_dropout(bundle, 0.0)
    trained = run(bundle, inputs)
    with torch.no_grad():
        logits = bundle(collate(inputs, bundle.pad_id, torch.device("cpu")))
    torch.testing.assert_close(trained, torch.cat([some.flatten() for some in logits]), atol=1e-5, rtol=0)


@pytest.mark.parametrize("encoder", ENCODERS)
def test_a_probability_takes_effect(encoder):
    bundle = make_bundle(encoder)
    inputs = make_inputs(bundle)
    set_dropout(bundle, 0.0)
    without = run(bundle, inputs)
    set_dropout(bundle, 0.4)
    assert not torch.allclose(run(bundle, inputs), without, atol=1e-3)


def test_every_part_is_set():
    bundle = make_bundle(n_rnn_layers=2)
    set_dropout(bundle, 0.3)
    parts = [part for part in bundle.modules() if isinstance(part, nn.Dropout)]
    assert len(parts) > 5
    assert {part.p for part in parts} == {0.3}
    assert bundle.network.rnn.dropout == 0.3
