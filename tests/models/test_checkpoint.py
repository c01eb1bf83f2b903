"""Checkpoint: three published layouts, and what is written reads back bit for bit."""

import json

import pytest
import torch
from safetensors.torch import load_file, save

from spacy_gliner_mt.models.bundle import Bundle
from spacy_gliner_mt.models.checkpoint import CONFIG_NAME, Checkpoint

from ..util import ENCODERS, TOKENIZER_FILES, TOKENIZER_JSON, make_bundle, read_bundle, write_checkpoint
from .util import assert_same_logits, make_inputs

# A training config as gliner before 0.2.3 dumped it.
FLAT_CONFIG = {
    "span_mode": "token_level",
    "name": "token level gliner",
    "max_width": 100,
    "hidden_size": 16,
    "dropout": 0.3,
    "fine_tune": True,
    "subtoken_pooling": "first",
    "has_rnn": True,
    "fuse_layers": False,
    "max_len": 64,
    "num_steps": 30000,
    "lr_encoder": "1e-5",
    "size_sup": -1,
    "root_dir": "logs",
    "token_splitter": "spacy",
}
MARKERS = ("[FLERT]", "<<ENT>>", "<<SEP>>")


def without_markers(tokenizer_json):
    content = json.loads(tokenizer_json)
    content["added_tokens"] = [token for token in content["added_tokens"] if token["content"] not in MARKERS]
    return json.dumps(content)


def write_encoder(folder, encoder="bert"):
    """A folder as of a bare encoder: its config, and its tokenizer without markers."""
    folder.mkdir()
    vocabulary = len(json.loads(TOKENIZER_JSON)["model"]["vocab"])
    config = {**ENCODERS[encoder].to_dict(), "vocab_size": vocabulary}
    (folder / "config.json").write_text(json.dumps(config))
    for name, content in TOKENIZER_FILES.items():
        (folder / name).write_text(without_markers(content) if name == "tokenizer.json" else content)
    return folder


def write_flat(folder, encoder="bert"):
    """Layout A: a flat config, a pickle, and an encoder that is only named."""
    source = write_encoder(folder.with_name("encoder"), encoder)
    folder.mkdir()
    (folder / CONFIG_NAME).write_text(json.dumps({**FLAT_CONFIG, "model_name": str(source)}))
    torch.save(dict(make_bundle(encoder).to_checkpoint().state), folder / "pytorch_model.bin")


def write_pickled(folder, encoder="bert"):
    """Layout B with a pickle: all that is in the checkpoint, and the encoder's config nested."""
    write_checkpoint(folder, encoder)
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()


def write_slow_tokenizer(folder, encoder="bert"):
    """Layout B with the tokenizer files of before tokenizer.json."""
    write_checkpoint(folder, encoder)
    content = json.loads(TOKENIZER_JSON)
    vocabulary = content["model"]["vocab"]
    (folder / "tokenizer.json").unlink()
    (folder / "vocab.txt").write_text("\n".join(sorted(vocabulary, key=vocabulary.get)) + "\n")
    added = {
        token["content"]: token["id"] for token in content["added_tokens"] if token["content"] in MARKERS
    }
    (folder / "added_tokens.json").write_text(json.dumps(added))
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "BertTokenizer", "do_lower_case": True})
    )


@pytest.fixture
def folder(tmp_path):
    """A folder yet to be written."""
    return tmp_path / "checkpoint"


def assert_equal(one, other):
    """Same settings, same files, same bits."""
    assert one.config == other.config
    assert one.tokenizer == other.tokenizer
    assert one.state.keys() == other.state.keys()
    for name, tensor in one.state.items():
        assert tensor.dtype == other.state[name].dtype
        assert torch.equal(tensor, other.state[name])


@pytest.mark.parametrize("encoder", ["bert", "deberta-v2", "roberta", "modernbert"])
@pytest.mark.parametrize("write", [write_flat, write_pickled, write_checkpoint, write_slow_tokenizer])
def test_all_layouts_give_the_same_network(folder, write, encoder):
    write(folder, encoder)
    expected, bundle = make_bundle(encoder), read_bundle(folder)
    assert bundle.tokenizer.markers == expected.tokenizer.markers
    assert (bundle.config.max_words, bundle.config.pooling) == (64, "first")
    assert bundle.config.contradictions == ()
    for item, other in zip(make_inputs(bundle), make_inputs(expected), strict=True):
        assert item.ids.tolist() == other.ids.tolist()
    assert_same_logits(bundle, expected)


@pytest.mark.parametrize("write", [write_flat, write_pickled, write_checkpoint, write_slow_tokenizer])
def test_a_checkpoint_read_from_any_layout_is_written_whole(folder, write):
    write(folder)
    bundle = read_bundle(folder)
    copy = folder.with_name("copy")
    bundle.to_checkpoint().to_folder(copy)
    assert {CONFIG_NAME, "model.safetensors", "tokenizer.json", "tokenizer_config.json"} <= {
        path.name for path in copy.iterdir()
    }
    # Nothing of the source is needed any more.
    for path in [*folder.parent.glob("encoder/*"), *folder.iterdir()]:
        path.unlink()
    assert_same_logits(read_bundle(copy), bundle)


def test_settings_of_the_flat_config_survive(folder):
    write_flat(folder)
    written = read_bundle(folder).to_checkpoint().config.raw
    expected = {**FLAT_CONFIG, "num_rnn_layers": 1, "vocab_size": make_bundle().config.vocab_size}
    assert {name: written[name] for name in expected} == expected


@pytest.mark.parametrize("encoder", ENCODERS)
def test_round_trips_are_equal_bit_for_bit(folder, encoder):
    first = Checkpoint.from_folder(write_checkpoint(folder, encoder, hidden_size=8, fuse_layers=True))
    first.to_folder(folder.with_name("copy"))
    assert_equal(Checkpoint.from_folder(folder.with_name("copy")), first)
    assert_equal(Checkpoint.from_bytes(first.to_bytes()), first)
    assert Checkpoint.from_bytes(first.to_bytes()).to_bytes() == first.to_bytes()


def test_files_keep_what_is_not_ascii(folder):
    checkpoint = Checkpoint.from_folder(write_checkpoint(folder))
    files = {**checkpoint.tokenizer, "special_tokens_map.json": '{"mask_token": "〖ø〗"}'}
    changed = Checkpoint(checkpoint.config, files, checkpoint.state)
    changed.to_folder(folder)
    assert_equal(Checkpoint.from_folder(folder), changed)
    assert_equal(Checkpoint.from_bytes(changed.to_bytes()), changed)


def test_writing_makes_folders_and_replaces_files(folder):
    deep = folder / "a" / "b"
    write_checkpoint(deep, "deberta-v2")
    (deep / "README.md").write_text("mine")
    write_checkpoint(deep, "bert")
    assert Checkpoint.from_folder(deep).config.encoder["model_type"] == "bert"
    assert (deep / "README.md").read_text() == "mine"


def test_a_folder_without_config_is_no_checkpoint(folder):
    write_checkpoint(folder)
    (folder / CONFIG_NAME).unlink()
    with pytest.raises(ValueError, match=rf"GM035.*{folder}.*{CONFIG_NAME}"):
        Checkpoint.from_folder(folder)


@pytest.mark.parametrize("content", [b"", b"{", b'{"a": 1', b"span_mode: token_level", b'{"a": "\xff"}'])
def test_a_config_that_is_no_json_is_refused(folder, content):
    write_checkpoint(folder)
    (folder / CONFIG_NAME).write_bytes(content)
    with pytest.raises(ValueError, match=rf"GM036.*{folder / CONFIG_NAME}"):
        Checkpoint.from_folder(folder)


@pytest.mark.parametrize("content", ["[]", "null", "3", '"token_level"'])
def test_a_config_that_is_no_object_is_refused(folder, content):
    write_checkpoint(folder)
    (folder / CONFIG_NAME).write_text(content)
    with pytest.raises(ValueError, match=rf"GM03\d.*{folder}"):
        Checkpoint.from_folder(folder)


@pytest.mark.parametrize("name", ["missing/encoder/folder", ""])
def test_a_tokenizer_that_cannot_be_had_is_refused(folder, monkeypatch, tmp_path, name):
    monkeypatch.chdir(tmp_path)
    write_flat(folder)
    (folder / CONFIG_NAME).write_text(json.dumps({**FLAT_CONFIG, "model_name": name}))
    with pytest.raises(OSError, match=rf"GM037.*{folder}.*'{name}'"):
        Checkpoint.from_folder(folder)


def test_an_encoder_without_tokenizer_is_refused(folder):
    write_flat(folder)
    for path in folder.parent.glob("encoder/tokenizer*"):
        path.unlink()
    with pytest.raises(OSError, match=r"GM037.*tokenizer.json into the folder"):
        Checkpoint.from_folder(folder)


def damage(data, kind):
    if kind == "nothing":
        return b""
    if kind == "something else":
        return b"\x80\x04]\x94."
    if kind == "cut off":
        return data[:-1]
    if kind == "cut off in the header":
        return data[:100]
    if kind == "other tensors":
        return save({"a": torch.ones(1)})
    if kind == "files that are no json":
        return save({"a": torch.ones(1)}, {"files": "{"})
    return save(dict(make_bundle().to_checkpoint().state), {"files": "{}"})


@pytest.mark.parametrize(
    "kind",
    [
        "nothing",
        "something else",
        "cut off",
        "cut off in the header",
        "other tensors",
        "files that are no json",
        "no config among the files",
    ],
)
def test_damaged_bytes_are_refused(kind):
    data = make_bundle().to_checkpoint().to_bytes()
    with pytest.raises(ValueError, match="GM034"):
        Checkpoint.from_bytes(damage(data, kind))


def test_a_bundle_is_built_from_bytes_alone(folder):
    write_checkpoint(folder)
    data = Checkpoint.from_folder(folder).to_bytes()
    for path in folder.iterdir():
        path.unlink()
    bundle = Bundle.from_checkpoint(Checkpoint.from_bytes(data)).eval()
    assert_same_logits(bundle, make_bundle())
