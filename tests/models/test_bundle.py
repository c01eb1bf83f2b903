"""Bundle: every tensor finds its place or is named, and the tokenizer has to fit."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from spacy_gliner_mt.models.bundle import Bundle
from spacy_gliner_mt.models.checkpoint import CONFIG_NAME, Checkpoint
from spacy_gliner_mt.nn.encoder import RELATIVE_POSITION_LIMIT

from ..util import ENCODERS, TOKENIZER_JSON, make_bundle, read_bundle, write_checkpoint
from .util import assert_same_logits

VARIANTS = [
    {},
    {"hidden_size": 8},
    {"fuse_layers": True},
    {"n_rnn_layers": 0},
    {"n_rnn_layers": 2, "hidden_size": 24, "fuse_layers": True},
]
MODEL = "token_rep_layer.bert_layer.model."


@pytest.fixture
def folder(tmp_path):
    """A folder yet to be written."""
    return tmp_path / "checkpoint"


def edit_config(folder, remove=(), **fields):
    path = folder / CONFIG_NAME
    config = {**json.loads(path.read_text()), **fields}
    path.write_text(json.dumps({name: value for name, value in config.items() if name not in remove}))


def edit_tokenizer(folder, edit):
    path = folder / "tokenizer.json"
    content = json.loads(path.read_text())
    edit(content)
    path.write_text(json.dumps(content))


def edit_tensors(folder, edit, metadata=None):
    path = folder / "model.safetensors"
    state = load_file(path)
    edit(state)
    save_file(state, path, metadata)


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_what_is_written_is_read_back_bit_for_bit(folder, encoder, variant):
    bundle = make_bundle(encoder, **variant)
    bundle.to_checkpoint().to_folder(folder)
    for again in (
        read_bundle(folder),
        Bundle.from_checkpoint(Checkpoint.from_bytes(bundle.to_checkpoint().to_bytes())).eval(),
    ):
        state, expected = again.state_dict(), bundle.state_dict()
        assert state.keys() == expected.keys()
        assert all(torch.equal(state[name], tensor) for name, tensor in expected.items())
        assert_same_logits(again, bundle)


@pytest.mark.parametrize(
    "fields, remove, contradiction",
    [
        ({"hidden_size": 512}, (), "hidden_size is 512"),
        ({"num_rnn_layers": 0}, (), "num_rnn_layers is 0"),
        ({"num_rnn_layers": 4}, (), "num_rnn_layers is 4"),
        ({"has_rnn": False}, ("num_rnn_layers",), "num_rnn_layers is 0"),
        ({"fuse_layers": True}, (), "fuse_layers is True"),
        ({"vocab_size": 5}, (), "vocab_size is 5"),
        ({"span_mode": "markerV0"}, (), "span_mode is markerV0"),
        ({"span_mode": "token-level"}, (), None),
        ({"vocab_size": -1, "class_token_index": -1}, (), None),
        ({"class_token_index": 3}, (), None),
        ({"model_type": "gliner_uni_encoder_span"}, (), None),
        ({}, ("hidden_size", "num_rnn_layers", "fuse_layers", "vocab_size", "span_mode"), None),
    ],
)
def test_tensors_win_over_the_config(folder, fields, remove, contradiction):
    write_checkpoint(folder)
    edit_config(folder, remove, **fields)
    bundle = read_bundle(folder)
    found = bundle.config.contradictions
    assert [text.startswith(f"{contradiction} in the config") for text in found] == [True] * bool(
        contradiction
    )
    assert_same_logits(bundle, make_bundle())


@pytest.mark.parametrize(
    "variant, fields",
    [
        ({"fuse_layers": True}, {"fuse_layers": False}),
        ({"n_rnn_layers": 2}, {"num_rnn_layers": 1}),
        ({"n_rnn_layers": 0}, {"num_rnn_layers": 1}),
        ({"hidden_size": 8}, {"hidden_size": 16}),
    ],
)
def test_tensors_win_over_a_config_that_knows_less(folder, variant, fields):
    write_checkpoint(folder, **variant)
    edit_config(folder, **fields)
    assert_same_logits(read_bundle(folder), make_bundle(**variant))


def test_the_vocabulary_of_the_encoder_is_that_of_the_tensors(folder):
    write_checkpoint(folder)
    edit_config(folder, encoder_config={**make_bundle().config.encoder, "vocab_size": 5})
    assert_same_logits(read_bundle(folder), make_bundle())


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_weights_compute_in_float32(folder, dtype):
    write_checkpoint(folder)
    edit_tensors(folder, lambda state: state.update({name: value.to(dtype) for name, value in state.items()}))
    edit_config(folder, encoder_config={**make_bundle().config.encoder, "torch_dtype": str(dtype)[6:]})
    bundle = read_bundle(folder)
    assert {parameter.dtype for parameter in bundle.parameters()} == {torch.float32}
    for name, tensor in make_bundle().state_dict().items():
        assert torch.equal(bundle.state_dict()[name], tensor.to(dtype).float())


def test_tensors_nobody_uses_are_ignored(folder):
    write_checkpoint(folder)
    unused = {
        f"{MODEL}embeddings.position_ids": torch.arange(9),
        "cross_fuser.layers.0.weight": torch.ones(2),
    }
    edit_tensors(folder, lambda state: state.update(unused))
    assert_same_logits(read_bundle(folder), make_bundle())


def test_tied_tensors_are_restored(folder):
    write_checkpoint(folder, n_rnn_layers=0)
    kept, tied = "scorer.proj_token.weight", "scorer.proj_label.weight"
    edit_tensors(folder, lambda state: state.pop(tied), {tied: kept})
    state = read_bundle(folder).to_checkpoint().state
    assert torch.equal(state[tied], state[kept])


@pytest.mark.parametrize("prefix", ["model.", "_orig_mod.", "_orig_mod.model."])
def test_wrapped_tensors_find_their_place(folder, prefix):
    write_checkpoint(folder)
    path = folder / "model.safetensors"
    save_file({prefix + name: tensor for name, tensor in load_file(path).items()}, path)
    assert_same_logits(read_bundle(folder), make_bundle())


def shrink(name):
    return lambda state: state.update({name: state[name][:-1].clone()})


@pytest.mark.parametrize(
    "edit, message",
    [
        (
            lambda state: [state.pop("scorer.out_mlp.3.bias"), state.pop("rnn.lstm.bias_hh_l0")],
            r"Missing: \['rnn.bias_hh_l0', 'scorer.output.bias'\]. Unexpected: \[\]. Of another shape: \[\]",
        ),
        (
            lambda state: state.pop(f"{MODEL}encoder.layer.1.output.dense.bias"),
            r"Missing: \['encoder.transformer.encoder.layer.1.output.dense.bias'\]. Unexpected: \[\]",
        ),
        (
            lambda state: state.update({"scorer.extra": torch.ones(1), "adapter.x": torch.ones(1)}),
            r"Missing: \[\]. Unexpected: \['adapter.x', 'scorer.extra'\]. Of another shape: \[\]",
        ),
        (
            shrink("scorer.out_mlp.0.weight"),
            r"Missing: \[\]. Unexpected: \[\]. .*shape: \['scorer.hidden.weight \(63, 48\) for \(64, 48\)'\]",
        ),
        (
            shrink(f"{MODEL}embeddings.position_embeddings.weight"),
            r"shape: \['encoder.transformer.*position_embeddings.weight \(127, 16\) for \(128, 16\)'\]",
        ),
        (
            lambda state: state.update({"rnn.lstm.weight_ih_l1": torch.ones(32, 16)}),
            r"Missing: \['rnn.bias_hh_l1',.*'rnn.weight_ih_l1_reverse'\]",
        ),
    ],
)
def test_tensors_that_do_not_fit_are_listed(folder, edit, message):
    write_checkpoint(folder)
    edit_tensors(folder, edit)
    with pytest.raises(ValueError, match=f"GM043.*{message}"):
        read_bundle(folder)


@pytest.mark.parametrize(
    "fields, message",
    [
        ({"num_hidden_layers": 3}, r"Missing: \['encoder.transformer.encoder.layer.2.*Unexpected: \[\]"),
        ({"num_hidden_layers": 1}, r"Missing: \[\]. Unexpected: \[.*layer.1.*\]. Of another shape: \[\]"),
        ({"intermediate_size": 40}, r"Missing: \[\]. Unexpected: \[\]. Of .* \(32, 16\) for \(40, 16\)"),
        ({"model_type": "electra"}, r"Missing: \[.*embeddings_project.*Unexpected: \[.*pooler.dense.bias"),
        ({"model_type": "deberta-v2"}, r"Missing: \[.*query_proj.*Unexpected: \[.*query"),
        ({"hidden_size": 8}, r"Missing: \['encoder.projection.bias', 'encoder.projection.weight'\]"),
    ],
)
def test_an_encoder_config_of_another_encoder_is_told(folder, fields, message):
    write_checkpoint(folder)
    edit_config(folder, encoder_config={**make_bundle().config.encoder, **fields})
    with pytest.raises(ValueError, match=f"GM043.*{message}.*Check encoder_config"):
        read_bundle(folder)


def test_an_encoder_that_transformers_does_not_know_is_told(folder):
    write_checkpoint(folder)
    edit_config(folder, encoder_config={**make_bundle().config.encoder, "model_type": "nonsense"})
    with pytest.raises((ValueError, OSError), match=r"GM04\d.*nonsense"):
        read_bundle(folder)


def add_token(content):
    last = max(token["id"] for token in content["added_tokens"])
    content["added_tokens"].append({**content["added_tokens"][-1], "content": "[NEW]", "id": last + 1})


def test_a_tokenizer_with_more_tokens_than_rows_is_refused(folder):
    write_checkpoint(folder)
    edit_tokenizer(folder, add_token)
    size = make_bundle().tokenizer.vocab_size
    with pytest.raises(ValueError, match=rf"GM044.*{size + 1} tokens.*{size} rows"):
        read_bundle(folder)


def test_a_tokenizer_may_have_fewer_tokens_than_rows(folder):
    write_checkpoint(folder)
    name = f"{MODEL}embeddings.word_embeddings.weight"
    edit_tensors(folder, lambda state: state.update({name: torch.cat([state[name], torch.ones(3, 16)])}))
    assert_same_logits(read_bundle(folder), make_bundle())


@pytest.mark.parametrize(
    "lacking, fields, message",
    [
        (["<<ENT>>"], {}, r"\['<<ENT>>'\]"),
        (["<<SEP>>"], {}, r"\['<<SEP>>'\]"),
        (["<<ENT>>", "<<SEP>>"], {}, r"\['<<ENT>>', '<<SEP>>'\]"),
        ([], {"ent_token": "<<LABEL>>"}, r"\['<<LABEL>>'\]"),
        ([], {"sep_token": "<<END>>"}, r"\['<<END>>'\]"),
    ],
)
def test_a_tokenizer_without_markers_is_refused(folder, lacking, fields, message):
    write_checkpoint(folder)
    edit_config(folder, **fields)

    def remove(content):
        kept = [token for token in content["added_tokens"] if token["content"] not in lacking]
        content["added_tokens"] = kept

    edit_tokenizer(folder, remove)
    with pytest.raises(ValueError, match=f"GM047.*{message}"):
        read_bundle(folder)


@pytest.mark.parametrize("content", ["", "{}", "null", TOKENIZER_JSON[:-1]])
def test_a_damaged_tokenizer_is_refused(folder, content):
    write_checkpoint(folder)
    (folder / "tokenizer.json").write_text(content)
    with pytest.raises(ValueError, match="GM046"):
        read_bundle(folder)


@pytest.mark.parametrize("name", ["missing/encoder/folder", ""])
def test_an_encoder_config_that_cannot_be_had_is_told(folder, monkeypatch, tmp_path, name):
    monkeypatch.chdir(tmp_path)
    write_checkpoint(folder)
    edit_config(folder, encoder_config=None, model_name=name)
    with pytest.raises(OSError, match=f"GM045.*'{name}'.*gliner_config.json"):
        read_bundle(folder)


@pytest.mark.parametrize(
    "encoder, pad_id, max_subtokens",
    [
        ("bert", 0, 128),
        ("roberta", 1, 128),
        ("deberta-v2", 0, RELATIVE_POSITION_LIMIT),
        ("modernbert", 0, 128),
    ],
)
def test_limits_and_padding_come_from_the_encoder(encoder, pad_id, max_subtokens):
    bundle = make_bundle(encoder)
    assert (bundle.pad_id, bundle.max_subtokens) == (pad_id, max_subtokens)


@pytest.mark.parametrize(
    "fields, offset, pooling, dropout",
    [
        ({}, 0, "first", 0.0),
        ({"embed_ent_token": False}, 1, "first", 0.0),
        ({"subtoken_pooling": "mean"}, 0, "mean", 0.0),
        ({"dropout": 0.25}, 0, "first", 0.25),
    ],
)
def test_settings_reach_network_and_tokenizer(folder, fields, offset, pooling, dropout):
    write_checkpoint(folder)
    edit_config(folder, **fields)
    bundle = read_bundle(folder)
    assert bundle.tokenizer.markers.label_offset == offset
    assert bundle.network.pooling == pooling
    assert bundle.network.scorer.dropout.p == dropout
    written = bundle.to_checkpoint().config.raw
    assert {name: written[name] for name in fields} == fields


def test_the_written_config_names_the_label_marker(folder):
    write_checkpoint(folder)
    edit_config(folder, class_token_index=3)
    bundle = read_bundle(folder)
    assert bundle.to_checkpoint().config.raw["class_token_index"] == bundle.tokenizer.markers.label != 3


def test_tasks_it_was_trained_for_are_kept(folder):
    bundle = read_bundle(write_checkpoint(folder, tasks=["entities"]))
    bundle.add_tasks(["entities", "classes"])
    assert bundle.config.tasks == ("entities", "classes")
    bundle.to_checkpoint().to_folder(folder)
    assert read_bundle(folder).config.tasks == ("entities", "classes")


def test_a_checkpoint_that_does_not_name_its_tasks_goes_on_so(folder):
    bundle = read_bundle(write_checkpoint(folder))
    bundle.add_tasks(["entities"])
    bundle.to_checkpoint().to_folder(folder)
    assert read_bundle(folder).config.tasks is None
    assert "tasks" not in json.loads((folder / CONFIG_NAME).read_text())
