"""Weights: every published format of the tensors, and none of the code a pickle may carry."""

import pickle

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from spacy_gliner_mt.models.weights import read_weights

STATE = {"rnn.a": torch.arange(6.0).reshape(2, 3), "scorer.b": torch.tensor([1.5]), "c.d": torch.tensor([7])}
SAFE, PICKLED = "model.safetensors", "pytorch_model.bin"


def write(folder, state, name):
    path = folder / name
    if name == SAFE:
        save_file(state, path)
    else:
        torch.save(state, path)
    return path


def assert_equal(state, expected):
    assert state.keys() == expected.keys()
    for name, tensor in expected.items():
        assert state[name].dtype == tensor.dtype
        assert torch.equal(state[name], tensor)


@pytest.fixture(params=[SAFE, PICKLED])
def name(request):
    """The file of each format."""
    return request.param


def test_tensors_are_read(tmp_path, name):
    write(tmp_path, STATE, name)
    assert_equal(read_weights(tmp_path), STATE)


def test_files_of_the_format_before_zip_are_read(tmp_path):
    torch.save(STATE, tmp_path / PICKLED, _use_new_zipfile_serialization=False)
    assert_equal(read_weights(tmp_path), STATE)


def test_safetensors_are_preferred(tmp_path):
    write(tmp_path, STATE, SAFE)
    (tmp_path / PICKLED).write_bytes(b"never opened")
    assert_equal(read_weights(tmp_path), STATE)


@pytest.mark.parametrize("prefix", ["model.", "_orig_mod.", "_orig_mod.model.", "model._orig_mod."])
def test_wrapper_prefixes_are_stripped(tmp_path, name, prefix):
    write(tmp_path, {prefix + key: tensor for key, tensor in STATE.items()}, name)
    assert_equal(read_weights(tmp_path), STATE)


def test_a_prefix_of_some_names_is_part_of_them(tmp_path, name):
    state = {"model.a": torch.ones(1), "b": torch.zeros(1)}
    write(tmp_path, state, name)
    assert_equal(read_weights(tmp_path), state)


def test_the_prefix_of_a_compiled_inner_module_is_stripped(tmp_path, name):
    # What torch.compile(model.token_rep_layer) leaves.
    write(tmp_path, {f"token_rep_layer._orig_mod.{key}": tensor for key, tensor in STATE.items()}, name)
    assert_equal(read_weights(tmp_path), {f"token_rep_layer.{key}": tensor for key, tensor in STATE.items()})


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_floating_tensors_become_float32(tmp_path, name, dtype):
    state = {key: tensor.to(dtype) if tensor.is_floating_point() else tensor for key, tensor in STATE.items()}
    write(tmp_path, state, name)
    assert_equal(read_weights(tmp_path), STATE)


def test_tied_tensors_are_given_every_name(tmp_path):
    metadata = {"format": "pt", "scorer.tied": "scorer.b", "gone": "nowhere"}
    save_file(STATE, tmp_path / SAFE, metadata=metadata)
    assert_equal(read_weights(tmp_path), {**STATE, "scorer.tied": STATE["scorer.b"]})


def test_tied_tensors_may_have_a_prefix(tmp_path):
    state = {f"model.{key}": tensor for key, tensor in STATE.items()}
    save_file(state, tmp_path / SAFE, metadata={"model.scorer.tied": "model.scorer.b"})
    assert_equal(read_weights(tmp_path), {**STATE, "scorer.tied": STATE["scorer.b"]})


def write_raw(path, format):
    if format == "safetensors":
        save_file(STATE, path)
    else:
        torch.save(STATE, path, _use_new_zipfile_serialization=format == "zip")
    return path.read_bytes()


FORMATS = [(SAFE, "safetensors"), (PICKLED, "zip"), (PICKLED, "before zip")]


@pytest.mark.parametrize("name, format", FORMATS)
@pytest.mark.parametrize("share", [0, 0.001, 0.01, 0.03, *np.arange(0.05, 1, 0.05).round(2), 0.999])
def test_truncated_files_are_damaged(tmp_path, name, format, share):
    path = tmp_path / name
    content = write_raw(path, format)
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(ValueError, match=rf"GM03[23].*{path}.*damaged"):
        read_weights(tmp_path)


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
@pytest.mark.parametrize("name, format", FORMATS)
@pytest.mark.parametrize("seed", range(10))
def test_files_whose_names_are_overwritten_are_damaged(tmp_path, name, format, seed):
    path = tmp_path / name
    content = bytearray(write_raw(path, format))
    start = content.index(b"rnn.a") - 4
    content[start : start + 40] = np.random.default_rng(seed).bytes(40)
    path.write_bytes(content)
    with pytest.raises(ValueError, match=rf"GM03[23].*{path}.*damaged"):
        read_weights(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 51954486\n",
        b"<!doctype html><title>404</title>",
        b"\xff" * 64,
        b"\x00" * 64,
        b"PK\x03\x04" + b"\x00" * 60,
    ],
    ids=["git-lfs pointer", "web page", "ones", "zeros", "broken zip"],
)
def test_files_of_something_else_are_damaged(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=rf"GM03[23].*{tmp_path / name}"):
        read_weights(tmp_path)


class Canary:
    """Unpickling it writes a file."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return open, (self.path, "w")


@pytest.mark.parametrize("zipped", [True, False, None])
def test_code_in_a_pickle_is_not_run(tmp_path, zipped):
    canary, path = tmp_path / "canary", tmp_path / PICKLED
    state = {**STATE, "evil": Canary(canary)}
    if zipped is None:
        path.write_bytes(pickle.dumps(state))
    else:
        torch.save(state, path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(ValueError, match=r"GM033.*carries code, which is not run.*safetensors"):
        read_weights(tmp_path)
    assert not canary.exists()
    if zipped:
        torch.load(path, weights_only=False)["evil"].close()
        assert canary.exists()  # so it would have been written


@pytest.mark.parametrize(
    "content", [STATE["rnn.a"], [STATE["rnn.a"]], {"epoch": 3, **STATE}, {"model": STATE}, 5, None]
)
def test_a_pickle_of_something_else_than_named_tensors_is_refused(tmp_path, content):
    path = write(tmp_path, content, PICKLED)
    with pytest.raises(ValueError, match=rf"GM032.*{path}.*tensors by name"):
        read_weights(tmp_path)


@pytest.mark.parametrize("path", ["model.onnx", "onnx/model_quantized.onnx", "openvino/openvino_model.xml"])
def test_exported_graphs_alone_are_refused(tmp_path, path):
    (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / path).touch()
    with pytest.raises(ValueError, match=rf"GM031.*{tmp_path}.*ONNX"):
        read_weights(tmp_path)


def test_a_folder_without_weights_is_refused(tmp_path):
    (tmp_path / "model.bf16.safetensors").touch()
    with pytest.raises(ValueError, match=rf"GM030.*{tmp_path}.*{SAFE}.*{PICKLED}"):
        read_weights(tmp_path)
