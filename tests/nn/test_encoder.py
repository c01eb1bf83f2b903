"""Encoder: projection and fusion, what padding may not change, and how much it reads."""

import pytest
import torch
from gliner.modeling.layers import LayersFuser
from transformers import BertConfig, DebertaV2Config

from spacy_gliner_mt.nn.encoder import RELATIVE_POSITION_LIMIT, Encoder, LayerFusion, build_transformer

from ..util import ENCODERS, SIZES

VOCABULARY = 50


def make_encoder(name, hidden_size=16, **options):
    torch.manual_seed(0)
    transformer = build_transformer({**ENCODERS[name].to_dict(), "vocab_size": VOCABULARY})
    return Encoder(transformer, hidden_size, **options).eval()


def make_ids(*lengths, pad_id=1):
    """Random subtokens, padded, and their mask."""
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(5, VOCABULARY, (len(lengths), max(lengths)), generator=generator)
    mask = torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]
    return ids.where(mask, pad_id), mask


@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize("hidden_size, projected", [(16, False), (8, True), (24, True)])
def test_vectors_are_projected_where_the_widths_differ(name, hidden_size, projected):
    encoder = make_encoder(name, hidden_size)
    ids, mask = make_ids(6, 3)
    vectors = encoder(ids, mask)
    assert vectors.shape == (2, 6, hidden_size)
    hidden = encoder.transformer(ids, attention_mask=mask.long()).last_hidden_state
    expected = encoder.projection(hidden) if projected else hidden
    torch.testing.assert_close(vectors, expected)
    assert (encoder.projection is not None) == projected


@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize("fuse_layers", [False, True])
def test_padding_changes_nothing(name, fuse_layers):
    encoder = make_encoder(name, 8, fuse_layers=fuse_layers)
    ids, mask = make_ids(40, 3, 17)
    together = encoder(ids, mask)
    for row, length in enumerate([40, 3, 17]):
        alone = encoder(ids[row : row + 1, :length], mask[row : row + 1, :length])[0]
        torch.testing.assert_close(together[row, :length], alone, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", ENCODERS)
def test_fusion_reads_all_layers_but_the_embeddings(name):
    encoder = make_encoder(name, fuse_layers=True)
    ids, mask = make_ids(7, 7)
    states = encoder.transformer(ids, attention_mask=mask.long(), output_hidden_states=True).hidden_states
    assert len(states) == SIZES["num_hidden_layers"] + 1
    fused = encoder.fusion(torch.stack(states[1:], dim=1), mask)
    torch.testing.assert_close(encoder(ids, mask), fused)


@pytest.mark.parametrize("n_layers", [2, 5, 12])
def test_fusion_without_padding_is_that_of_gliner(n_layers):
    torch.manual_seed(0)
    ours, theirs = LayerFusion(n_layers, 8), LayersFuser(n_layers, 8)
    for name, part in {
        "squeeze": "squeeze",
        "reduce": "W1",
        "expand": "W2",
        "output": "output_projection",
    }.items():
        ours.get_submodule(name).load_state_dict(theirs.get_submodule(part).state_dict())
    layers = torch.randn(3, n_layers, 6, 8)
    embeddings = torch.full((3, 6, 8), torch.nan)
    expected = theirs([embeddings, *layers.unbind(dim=1)])
    torch.testing.assert_close(ours(layers, torch.ones(3, 6, dtype=torch.bool)), expected)


def test_fusion_does_not_read_padding():
    torch.manual_seed(0)
    fusion = LayerFusion(4, 8)
    layers = torch.randn(1, 4, 6, 8)
    mask = torch.tensor([[True, True, True, True, False, False]])
    noisy = layers.clone()
    noisy[:, :, 4:] = 1e6
    torch.testing.assert_close(fusion(layers, mask)[:, :4], fusion(noisy, mask)[:, :4])
    torch.testing.assert_close(fusion(layers, mask)[:, :4], fusion(layers[:, :, :4], mask[:, :4]))


@pytest.mark.parametrize(
    "config, limit",
    [
        (ENCODERS["bert"], 128),
        (ENCODERS["roberta"], 128),  # two of its 130 positions stand before the first
        (ENCODERS["modernbert"], 128),
        (ENCODERS["deberta-v2"], RELATIVE_POSITION_LIMIT),
        (DebertaV2Config(**SIZES, relative_attention=False), 128),
        (BertConfig(**{**SIZES, "max_position_embeddings": 77}), 77),
    ],
    ids=lambda value: getattr(value, "model_type", value),
)
def test_max_subtokens(config, limit):
    transformer = build_transformer({**config.to_dict(), "vocab_size": VOCABULARY})
    assert Encoder(transformer, 16).max_subtokens == limit


@pytest.mark.parametrize("name", ENCODERS)
def test_as_many_subtokens_as_allowed_can_be_read(name):
    encoder = make_encoder(name)
    ids, mask = make_ids(encoder.max_subtokens, 2)
    assert encoder(ids, mask).isfinite().all()


@pytest.mark.parametrize("name", ["bert", "roberta"])
def test_one_subtoken_more_cannot_be_read(name):
    encoder = make_encoder(name)
    with pytest.raises((IndexError, RuntimeError)):
        encoder(*make_ids(encoder.max_subtokens + 1))


@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize("field", ["torch_dtype", "dtype"])
def test_transformers_compute_in_float32_whatever_they_were_stored_in(name, field):
    transformer = build_transformer({**ENCODERS[name].to_dict(), "vocab_size": VOCABULARY, field: "float16"})
    assert {parameter.dtype for parameter in transformer.parameters()} == {torch.float32}
    assert not transformer.training
    assert transformer.config.model_type == name


@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize("n_layers", [0, 1, 2])
def test_frozen_layers_are_the_lowest(name, n_layers):
    encoder = make_encoder(name, hidden_size=8)
    assert len(encoder.layers) == 2
    encoder.freeze(n_layers)
    frozen = {id(tensor) for tensor in encoder.parameters() if not tensor.requires_grad}
    parts = [encoder.transformer.embeddings, *list(encoder.layers)[:n_layers]]
    assert frozen == {id(tensor) for part in parts for tensor in part.parameters()}
    assert encoder.projection.weight.requires_grad
