"""Checkpoint of a graph: nothing is lost on any way, and nothing in the folder is taken for it."""

import json
import shutil

import numpy as np
import pytest

from spacy_gliner_mt.models.onnx.bundle import OnnxBundle
from spacy_gliner_mt.models.onnx.checkpoint import MAGIC, OnnxCheckpoint

from ...util import make_bundle
from ..util import enliven, make_inputs
from .util import keep_weights_apart, write_export


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    return write_export(tmp_path_factory.mktemp("checkpoint") / "export", enliven(make_bundle()))


@pytest.fixture(params=["model.onnx", "onnx/model_fp32.onnx", "weights apart"])
def published(request, exported, tmp_path):
    """A folder as it may be published, and the name of its graph."""
    folder = shutil.copytree(exported, tmp_path / "published")
    name = "model.onnx" if request.param == "weights apart" else request.param
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / "model.onnx").rename(folder / name)
    if request.param == "weights apart":
        keep_weights_apart(folder / name)
    # Files of others do not matter.
    (folder / "onnx").mkdir(exist_ok=True)
    (folder / "onnx" / "model_quantized.onnx").touch()
    (folder / "README.md").touch()
    return folder, name


def files_in(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def score(checkpoint):
    return OnnxBundle(checkpoint).score(make_inputs(make_bundle()))


def assert_equal(one, other):
    for logits, others in zip(one, other, strict=True):
        np.testing.assert_array_equal(logits, others)


def through_bytes(checkpoint, folder):
    return OnnxCheckpoint.from_bytes(checkpoint.to_bytes())


def through_folder(checkpoint, folder):
    checkpoint.to_folder(folder / "copy")
    return OnnxCheckpoint.from_folder(folder / "copy", next(iter(checkpoint.files)))


@pytest.mark.parametrize("way", [through_bytes, through_folder])
def test_nothing_is_lost(published, exported, tmp_path, way):
    folder, name = published
    checkpoint = OnnxCheckpoint.from_folder(folder, name)
    again = way(checkpoint, tmp_path)
    shutil.rmtree(folder)
    assert_equal(score(again), score(OnnxCheckpoint.from_folder(exported, "model.onnx")))
    assert again.config == checkpoint.config
    assert again.tokenizer == checkpoint.tokenizer
    assert list(again.files) == list(checkpoint.files)
    assert again.to_bytes() == way(again, tmp_path / "again").to_bytes()
    assert again.to_bytes().startswith(MAGIC)


def test_only_what_belongs_to_it_is_written(published, tmp_path):
    folder, name = published
    OnnxCheckpoint.from_folder(folder, name).to_folder(tmp_path / "copy")
    data = {file for file in files_in(folder) if file == "model.onnx_data"}
    texts = {"gliner_config.json", "tokenizer.json", "tokenizer_config.json"}
    assert files_in(tmp_path / "copy").keys() == {name, *data, *texts}


def test_it_may_be_written_where_it_is_read_from(published):
    folder, name = published
    before = files_in(folder)
    checkpoint = OnnxCheckpoint.from_folder(folder, name)
    bundle = OnnxBundle(checkpoint)
    checkpoint.to_folder(folder)
    assert_equal(bundle.score(make_inputs(make_bundle())), score(checkpoint))
    assert files_in(folder) == before


def test_weights_that_were_there_are_removed(exported, tmp_path):
    for name in ("model.safetensors", "pytorch_model.bin", "notes.txt"):
        (tmp_path / name).touch()
    OnnxCheckpoint.from_folder(exported, "model.onnx").to_folder(tmp_path)
    assert files_in(tmp_path).keys() == {*files_in(exported), "notes.txt"}


def edit_config(folder, **fields):
    path = folder / "gliner_config.json"
    config = {**json.loads(path.read_text()), **fields}
    path.write_text(json.dumps({name: value for name, value in config.items() if value is not None}))


@pytest.mark.parametrize(
    "fields, message",
    [
        ({"span_mode": "markerV0"}, "GM040.*'markerV0'"),
        ({"subtoken_pooling": "sum"}, "GM007.*'sum'"),
    ],
)
def test_other_kinds_are_refused(exported, tmp_path, fields, message):
    folder = shutil.copytree(exported, tmp_path / "copy")
    edit_config(folder, **fields)
    with pytest.raises(ValueError, match=message):
        OnnxCheckpoint.from_folder(folder, "model.onnx")


def test_a_missing_config_is_told(exported, tmp_path):
    folder = shutil.copytree(exported, tmp_path / "copy")
    (folder / "gliner_config.json").unlink()
    with pytest.raises(ValueError, match=rf"GM035.*{folder}"):
        OnnxCheckpoint.from_folder(folder, "model.onnx")


@pytest.mark.parametrize("data", [b"", b"nonsense", b"\x80", b"\x82\xa5texts\x80\xa5files\x80"])
def test_damaged_bytes_are_told(data):
    with pytest.raises(ValueError, match="GM034"):
        OnnxCheckpoint.from_bytes(MAGIC + data)
