"""Int8: a graph of 8-bit integers scores nearly as the network, for inputs of any size."""

import numpy as np
import onnx
import pytest

from spacy_gliner_mt.models.checkpoint import Checkpoint
from spacy_gliner_mt.models.locate import BUILT_IN, DEFAULT
from spacy_gliner_mt.models.onnx.bundle import OnnxBundle
from spacy_gliner_mt.models.onnx.checkpoint import OnnxCheckpoint
from spacy_gliner_mt.models.onnx.export import export_onnx

from ...util import ENCODERS, make_bundle
from ..util import enliven, make_inputs, score
from .util import GRAPH_NAME, write_export

VARIANTS = [
    *((encoder, {}) for encoder in ENCODERS),
    *((encoder, {"hidden_size": 8, "fuse_layers": True, "n_rnn_layers": 2}) for encoder in ENCODERS),
]


def load(folder):
    return OnnxBundle(OnnxCheckpoint.from_folder(folder, GRAPH_NAME))


@pytest.mark.parametrize("encoder, variant", VARIANTS, ids=str)
def test_logits_are_nearly_those_of_the_network(tmp_path, encoder, variant):
    bundle = enliven(make_bundle(encoder, **variant))
    exported = load(write_export(tmp_path / "export", bundle, int8=True))
    inputs = make_inputs(bundle)
    pairs = zip(exported.score(inputs), score(bundle, inputs), strict=True)
    errors = np.concatenate([np.abs(logits - expected).ravel() for logits, expected in pairs])
    # Integers make some difference; the logits spread by 1.
    assert 0 < errors.mean() < 0.15


def test_products_are_of_integers_but_for_the_last_and_the_attention(tmp_path):
    folder = write_export(tmp_path / "export", enliven(make_bundle()), int8=True)
    nodes = onnx.load(folder / GRAPH_NAME).graph.node
    integers = [node.name for node in nodes if node.op_type == "MatMulInteger"]
    others = [node.name for node in nodes if node.op_type == "MatMul"]
    for part in ("query", "key", "value", "attention/output/dense", "intermediate/dense", "output/dense"):
        assert any(f"{part}/MatMul" in name for name in integers), part
    assert sum("scorer" in name for name in integers) == 5
    assert [name for name in others if "attention/self/MatMul" not in name] == ["/scorer/output/MatMul"]


def test_keys_queries_and_values_are_rounded_once(tmp_path):
    folder = write_export(tmp_path / "export", enliven(make_bundle()), int8=True)
    nodes = onnx.load(folder / GRAPH_NAME).graph.node
    read = {
        part: next(n.input[0] for n in nodes if n.op_type == "MatMulInteger" and f"layer.0/{part}" in n.name)
        for part in ("attention/self/query", "attention/self/key", "attention/self/value")
    }
    assert len(set(read.values())) == 1


def test_nothing_else_is_left_in_the_folder(tmp_path):
    bundle = enliven(make_bundle())
    folders = [write_export(tmp_path / name, bundle, int8=name == "int8") for name in ("int8", "float")]
    names = [{path.name for path in folder.iterdir()} for folder in folders]
    assert names[0] == names[1]


def test_the_embedded_model_becomes_smaller(tmp_path):
    (tmp_path / "int8").mkdir()
    export_onnx(Checkpoint.from_folder(BUILT_IN / DEFAULT), tmp_path / "int8", int8=True)
    # 104 MB with 4 bytes for each number, of which 47 are embeddings and stay.
    assert (tmp_path / "int8" / GRAPH_NAME).stat().st_size < 70e6
