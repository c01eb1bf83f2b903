"""FLOPs: what is counted is what torch counts, less what need not be computed."""

from dataclasses import replace

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.flops import NetworkShape, count_encoder, count_flops, count_head
from spacy_gliner_mt.models.collate import collate

from ..models.util import make_inputs
from ..util import ENCODERS, make_bundle


def count_with_torch(bundle, item):
    """What one input takes without padding; torch does not count recurrent layers."""
    batch = collate([item], bundle.pad_id, torch.device("cpu"))
    counter = FlopCounterMode(display=False)
    # Of fused attention torch counts nothing on a CPU.
    with torch.no_grad(), counter, sdpa_kernel(SDPBackend.MATH):
        bundle(batch)
    return counter.get_total_flops()


@pytest.mark.parametrize("hidden_size", [16, 8])
def test_counts_are_those_of_torch(hidden_size):
    bundle = make_bundle("bert", hidden_size=hidden_size, n_rnn_layers=0)
    shape = NetworkShape.from_config(bundle.config)
    inputs = make_inputs(bundle)
    for item in inputs:
        # BERT's pooler is computed, though nobody reads it; so are projections of other subtokens
        # than the first of words and the markers.
        idle = 2 * shape.width**2
        if hidden_size != shape.width:
            rest = len(item) - len(item.word_positions) - len(item.label_positions)
            idle += 2 * rest * shape.width * hidden_size
        assert count_with_torch(bundle, item) == count_flops(shape, [item]) + idle
    assert count_flops(shape, inputs) == sum(count_flops(shape, [item]) for item in inputs)


@pytest.mark.parametrize("n_rnn_layers", [1, 2])
def test_recurrent_layers_use_each_weight_once_for_each_word(n_rnn_layers):
    bundle = make_bundle("bert", n_rnn_layers=n_rnn_layers)
    shape = NetworkShape.from_config(bundle.config)
    weights = sum(w.numel() for name, w in bundle.network.rnn.named_parameters() if "weight" in name)
    without = replace(shape, n_rnn_layers=0)
    assert count_head(shape, 7, 3) - count_head(without, 7, 3) == 2 * 7 * weights


@pytest.mark.parametrize(
    "fields, scores",
    [
        ({}, 2),
        ({"pos_att_type": ["c2p"]}, 1),
        ({"pos_att_type": []}, 0),
        ({"relative_attention": False}, 0),
    ],
)
def test_a_score_of_positions_costs_what_one_of_contents_does(fields, scores):
    bundle = make_bundle("deberta-v2")
    config = replace(bundle.config, encoder={**ENCODERS["deberta-v2"].to_dict(), **fields})
    shape = NetworkShape.from_config(config)
    assert shape.position_scores == scores
    of_contents = count_encoder(replace(shape, position_scores=0), 9)
    assert count_encoder(shape, 9) - of_contents == scores * 2 * shape.layers * 9 * 9 * shape.width
