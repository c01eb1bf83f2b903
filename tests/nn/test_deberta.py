"""DeBERTa: vectors and gradients are transformers' own, whatever its config says."""

import copy
import itertools

import pytest
import torch
from transformers import AutoModel, DebertaV2Config

from spacy_gliner_mt.nn.deberta import DisentangledAttention, fuse_attention
from spacy_gliner_mt.nn.dropout import set_dropout
from spacy_gliner_mt.nn.encoder import Encoder, build_transformer

from ..util import ENCODERS, SIZES
from .test_encoder import VOCABULARY, make_ids

TOLERANCE = {"rtol": 0, "atol": 1e-5}
V3 = {
    "relative_attention": True,
    "position_buckets": 16,
    "pos_att_type": ["p2c", "c2p"],
    "position_biased_input": False,
    "share_att_key": True,
    "norm_rel_ebd": "layer_norm",
}
# Everything that the attention of a checkpoint may do differently.
VARIANTS = [
    {
        "share_att_key": share,
        "pos_att_type": kinds,
        "position_buckets": buckets,
        "max_relative_positions": most,
        "norm_rel_ebd": norm,
    }
    for share, kinds, (buckets, most), norm in itertools.product(
        [True, False],
        [["p2c", "c2p"], ["c2p"], ["p2c"], [], None],
        [(-1, -1), (-1, 20), (8, -1), (32, 20)],
        ["layer_norm", "none"],
    )
] + [
    {"relative_attention": False},
    {"relative_attention": False, "position_biased_input": True, "pos_att_type": None},
    {"position_biased_input": True, "type_vocab_size": 2},
    {"conv_kernel_size": 3, "conv_act": "gelu"},
    {"num_attention_heads": 1},
]


def make_pair(**variant):
    """The same transformer twice, with its own attention and with ours. Its weights are large, so
    that attention matters."""
    config = DebertaV2Config(**{**SIZES, **V3, **variant}, vocab_size=VOCABULARY)
    torch.manual_seed(0)
    theirs = AutoModel.from_config(config).eval()
    for weight in theirs.parameters():
        torch.nn.init.normal_(weight, std=0.3)
    ours = copy.deepcopy(theirs)
    fuse_attention(ours)
    return theirs, ours


def read(transformer, ids, mask):
    return transformer(input_ids=ids, attention_mask=mask.long()).last_hidden_state


def is_equal(theirs, ours, *lengths):
    ids, mask = make_ids(*lengths)
    with torch.inference_mode():
        return torch.allclose(read(theirs, ids, mask), read(ours, ids, mask), **TOLERANCE)


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: " ".join(map(str, variant.values())))
def test_vectors_are_those_of_transformers(variant):
    theirs, ours = make_pair(**variant)
    for lengths in [(1,), (2, 1), (9, 3), (20, 20), (65, 40, 7), (128,)]:
        ids, mask = make_ids(*lengths)
        with torch.inference_mode():
            torch.testing.assert_close(read(ours, ids, mask), read(theirs, ids, mask), **TOLERANCE)


@pytest.mark.parametrize("variant", [{}, {"share_att_key": False, "position_buckets": -1}])
def test_texts_longer_than_any_known_distance_are_read_alike(variant):
    theirs, ours = make_pair(**variant, max_relative_positions=24)
    for length in (24, 25, 300):
        ids, mask = make_ids(length, length // 2)
        with torch.inference_mode():
            torch.testing.assert_close(read(ours, ids, mask), read(theirs, ids, mask), **TOLERANCE)


def test_the_comparison_would_see_a_wrong_sign():
    """The check itself: distances matter in these transformers."""
    theirs, ours = make_pair()
    with torch.no_grad():
        ours.encoder.rel_embeddings.weight.copy_(ours.encoder.rel_embeddings.weight.flip(0))
    assert not is_equal(theirs, ours, 9)


@pytest.mark.parametrize("left", [True, False])
def test_padding_on_either_side_is_not_read(left):
    theirs, ours = make_pair()
    ids, mask = make_ids(30, 12)
    if left:
        ids, mask = ids.flip(1), mask.flip(1)
    noisy = ids.where(mask, 7)
    with torch.inference_mode():
        expected = read(theirs, ids, mask)[mask]
        torch.testing.assert_close(read(ours, ids, mask)[mask], expected, **TOLERANCE)
        torch.testing.assert_close(read(ours, noisy, mask)[mask], expected, **TOLERANCE)


def test_an_input_of_padding_only_has_numbers_too():
    _, ours = make_pair()
    ids, mask = make_ids(5, 5)
    mask[1] = False
    with torch.inference_mode():
        assert read(ours, ids, mask).isfinite().all()


@pytest.mark.parametrize("variant", VARIANTS[::7], ids=lambda variant: " ".join(map(str, variant.values())))
def test_gradients_are_those_of_transformers(variant):
    pair = make_pair(**variant)
    ids, mask = make_ids(70, 9)
    for transformer in pair:
        set_dropout(transformer.train(), 0.0)
        read(transformer, ids, mask)[mask].square().sum().backward()
    theirs, ours = ({name: p.grad for name, p in one.named_parameters()} for one in pair)
    assert theirs.keys() == ours.keys()
    for name, gradient in theirs.items():
        if gradient is None:
            assert ours[name] is None, name
        else:
            tolerance = 1e-5 * max(1.0, float(gradient.abs().max()))
            torch.testing.assert_close(ours[name], gradient, rtol=0, atol=tolerance, msg=name)


def step(ours, theirs):
    ids, mask = make_ids(12, 5)
    for transformer in (theirs, ours):
        set_dropout(transformer.train(), 0.0)
        optimizer = torch.optim.SGD(transformer.parameters(), lr=0.01)
        read(transformer, ids, mask).square().mean().backward()
        optimizer.step()
        transformer.eval()


def load(ours, theirs):
    state = {name: weight + 0.1 for name, weight in theirs.state_dict().items()}
    for transformer in (theirs, ours):
        transformer.load_state_dict(state)


def assign(ours, theirs):
    state = {name: 1.1 * weight for name, weight in theirs.state_dict().items()}
    for transformer in (theirs, ours):
        transformer.load_state_dict(copy.deepcopy(state), assign=True)


def round_weights(ours, theirs):
    for transformer in (theirs, ours):
        transformer.bfloat16().float()


def change_norm(ours, theirs):
    for transformer in (theirs, ours):
        with torch.no_grad():
            transformer.encoder.LayerNorm.bias.add_(1)


@pytest.mark.parametrize("change", [step, load, assign, round_weights, change_norm])
def test_no_projection_outlives_its_weights(change):
    theirs, ours = make_pair()
    for _ in range(3):
        assert is_equal(theirs, ours, 12, 5)
        change(ours, theirs)
    assert is_equal(theirs, ours, 12, 5)


def count_projections(ours, monkeypatch):
    """How many vectors the first layer projects to queries, for each call."""
    rows = []
    projection = ours.encoder.layer[0].attention.self.query_proj
    projection.register_forward_hook(lambda module, inputs, output: rows.append(inputs[0].shape[:-1].numel()))
    return rows


def test_positions_are_projected_once_for_the_same_weights(monkeypatch):
    _, ours = make_pair()
    rows = count_projections(ours, monkeypatch)
    with torch.inference_mode():
        for length in (9, 4, 30):
            read(ours, *make_ids(length))
    assert rows == [9, 2 * V3["position_buckets"], 4, 30]


def test_positions_are_projected_in_every_call_that_learns(monkeypatch):
    _, ours = make_pair()
    rows = count_projections(ours, monkeypatch)
    for _ in range(2):
        read(ours, *make_ids(9))
    assert rows == 2 * [9, 2 * V3["position_buckets"]]


def test_dropout_of_positions_is_not_kept():
    theirs, ours = make_pair()
    set_dropout(ours, 0.5)
    with torch.no_grad():
        ids, mask = make_ids(9)
        ours.train()
        assert not torch.equal(read(ours, ids, mask), read(ours, ids, mask))
        ours.eval()
    assert is_equal(theirs, ours, 9)


def test_attention_probabilities_are_dropped_out_in_training():
    """With nothing left to attend to, only the biases of values are gone: contexts are zero."""
    _, ours = make_pair()
    attention = ours.encoder.layer[0].attention.self
    set_dropout(attention, 1.0)
    seen = []
    attention.register_forward_hook(lambda module, inputs, output: seen.append(output[0]))
    read(ours.train(), *make_ids(6))
    read(ours.eval(), *make_ids(6))
    assert not seen[0].any() and seen[1].all()


def test_copies_have_projections_of_their_own():
    theirs, ours = make_pair()
    assert is_equal(theirs, ours, 9)
    twin = copy.deepcopy(ours)
    with torch.no_grad():
        ours.encoder.rel_embeddings.weight.zero_()
    assert is_equal(theirs, twin, 9)
    assert not is_equal(theirs, ours, 9)


def test_precision_may_change_from_call_to_call():
    theirs, ours = make_pair()
    ids, mask = make_ids(9, 4)
    for _ in range(2):
        assert is_equal(theirs, ours, 9, 4)
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            rough = read(ours, ids, mask)
        torch.testing.assert_close(rough.float(), read(theirs, ids, mask), rtol=0, atol=0.2)


def test_weights_keep_their_names():
    theirs, ours = make_pair(share_att_key=False)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert [id(module) for module in ours.modules()] != [id(module) for module in theirs.modules()]


@pytest.mark.parametrize("name", ENCODERS)
def test_only_deberta_is_changed(name):
    transformer = build_transformer({**ENCODERS[name].to_dict(), "vocab_size": VOCABULARY})
    before = {type(module) for module in transformer.modules()}
    fuse_attention(transformer)
    after = {type(module) for module in transformer.modules()}
    assert after - before == ({DisentangledAttention} if name == "deberta-v2" else set())


def test_what_the_fused_kernel_does_not_give_is_refused():
    _, ours = make_pair()
    ids, mask = make_ids(5)
    with pytest.raises(NotImplementedError, match="transformers"):
        ours(input_ids=ids, attention_mask=mask.long(), output_attentions=True)


@pytest.mark.parametrize("fuse_layers", [False, True])
def test_an_encoder_reads_what_it_read_before(fuse_layers):
    theirs, ours = make_pair()
    torch.manual_seed(0)
    encoder = Encoder(theirs, 8, fuse_layers=fuse_layers).eval()
    ids, mask = make_ids(40, 33, 2)
    expected = encoder(ids, mask)
    encoder.transformer = ours
    torch.testing.assert_close(encoder(ids, mask)[mask], expected[mask], **TOLERANCE)
