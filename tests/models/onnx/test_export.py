"""Export: for inputs of any size, a graph scores as the network it was made of."""

import importlib.util

import numpy as np
import onnx
import onnxruntime
import pytest

from spacy_gliner_mt.models.checkpoint import CONFIG_NAME
from spacy_gliner_mt.models.onnx import export
from spacy_gliner_mt.models.onnx.bundle import OnnxBundle
from spacy_gliner_mt.models.onnx.checkpoint import OnnxCheckpoint
from spacy_gliner_mt.models.onnx.export import export_onnx

from ...util import ENCODERS, make_bundle
from ..util import enliven, make_inputs, score
from .util import pad_inputs, write_export

VARIANTS = [
    *((encoder, {}) for encoder in ENCODERS),
    *((encoder, {"hidden_size": 8, "fuse_layers": True, "n_rnn_layers": 2}) for encoder in ENCODERS),
    ("bert", {"n_rnn_layers": 0}),
    ("bert", {"subtoken_pooling": "last"}),
    ("bert", {"subtoken_pooling": "mean"}),
    ("bert", {"subtoken_pooling": "max"}),
]
# What rounding makes of it; the logits spread by 1.
TOLERANCE = {"rtol": 1e-5, "atol": 1e-5}


def make_lively_bundle(encoder="bert", **variant):
    bundle = make_bundle(encoder, **variant)
    bundle.network.pooling = bundle.config.pooling
    return enliven(bundle)


@pytest.mark.parametrize("encoder, variant", VARIANTS, ids=str)
def test_texts_alone_score_as_in_the_network(tmp_path, encoder, variant):
    bundle = make_lively_bundle(encoder, **variant)
    folder = write_export(tmp_path / "export", bundle)
    exported = OnnxBundle(OnnxCheckpoint.from_folder(folder, "model.onnx"))
    inputs = make_inputs(bundle)
    for logits, expected in zip(exported.score(inputs), score(bundle, inputs), strict=True):
        np.testing.assert_allclose(logits, expected, **TOLERANCE)


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("n_rnn_layers", [0, 1, 2])
def test_batches_of_any_size_score_as_in_the_network(tmp_path, encoder, n_rnn_layers):
    bundle = make_lively_bundle(encoder, n_rnn_layers=n_rnn_layers)
    folder = write_export(tmp_path / "export", bundle)
    session = onnxruntime.InferenceSession(folder / "model.onnx")
    inputs = make_inputs(bundle)
    expected = score(bundle, inputs)
    for some in ([0], [3], [1, 2], [3, 0, 1], [0, 1, 2, 3], [2, 2, 1, 0, 1]):
        (logits,) = session.run(["logits"], pad_inputs([inputs[i] for i in some]))
        n_words = max(len(inputs[i].word_positions) for i in some)
        n_labels = max(len(inputs[i].label_positions) for i in some)
        assert logits.shape == (len(some), n_words, n_labels, 3)
        for row, index in zip(logits, some, strict=True):
            words, labels, _ = expected[index].shape
            np.testing.assert_allclose(row[:words, :labels], expected[index], **TOLERANCE)


def test_words_without_subtokens_score_as_in_the_network(tmp_path):
    bundle = make_lively_bundle()
    folder = write_export(tmp_path / "export", bundle)
    exported = OnnxBundle(OnnxCheckpoint.from_folder(folder, "model.onnx"))
    whole = make_inputs(bundle)[2]
    lengths = whole.word_lengths.copy()
    lengths[[0, 4, -1]] = 0
    item = type(whole)(whole.ids, whole.label_positions, whole.word_positions, lengths)
    (logits,), (expected,) = exported.score([item]), score(bundle, [item])
    np.testing.assert_allclose(logits, expected, **TOLERANCE)
    assert np.abs(expected - score(bundle, [whole])[0]).max() > 0.1


def test_it_tells_by_how_much_the_logits_differ(tmp_path):
    (tmp_path / "export").mkdir()
    assert 0 <= export_onnx(make_lively_bundle().to_checkpoint(), tmp_path / "export") < 1e-5


def test_inputs_and_outputs_are_named_as_gliner_names_them(tmp_path):
    model = onnx.load(write_export(tmp_path / "export", make_lively_bundle()) / "model.onnx")
    axes = {
        value.name: [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim]
        for value in (*model.graph.input, *model.graph.output)
    }
    subtokens = dict.fromkeys(("input_ids", "attention_mask", "words_mask"), ["batch", "subtokens"])
    assert axes == {**subtokens, "text_lengths": ["batch", 1], "logits": ["batch", "words", "labels", 3]}


def test_a_folder_has_a_graph_config_and_tokenizer(tmp_path):
    folder = write_export(tmp_path / "export", make_lively_bundle())
    files = {path.name for path in folder.iterdir()}
    assert files == {"model.onnx", CONFIG_NAME, "tokenizer.json", "tokenizer_config.json"}


def test_a_graph_that_scores_otherwise_is_refused(tmp_path, monkeypatch):
    gather = export._gather

    def gather_and_spoil(source, target):
        gather(source, target)
        model = onnx.load(target)
        (bias,) = (tensor for tensor in model.graph.initializer if tensor.name.endswith("output.bias"))
        bias.CopyFrom(
            onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(bias) + np.float32(0.5), bias.name)
        )
        onnx.save(model, target)

    monkeypatch.setattr(export, "_gather", gather_and_spoil)
    (tmp_path / "export").mkdir()
    with pytest.raises(ValueError, match=r"GM095.* 0\.5\."):
        export_onnx(make_lively_bundle().to_checkpoint(), tmp_path / "export")


@pytest.mark.parametrize("package", ["onnx", "onnxruntime"])
def test_missing_packages_are_told(tmp_path, monkeypatch, package):
    find = importlib.util.find_spec
    monkeypatch.setattr(export, "find_spec", lambda name: None if name == package else find(name))
    with pytest.raises(ImportError, match=rf"GM096.*'{package}'.*spacy-gliner-mt\[export\]"):
        export_onnx(make_bundle().to_checkpoint(), tmp_path)
    assert not list(tmp_path.iterdir())


def test_weights_that_the_exporter_scattered_are_gathered(tmp_path):
    whole = write_export(tmp_path / "export", make_lively_bundle()) / "model.onnx"
    scattered = tmp_path / "scattered" / "model.onnx"
    scattered.parent.mkdir()
    options = {"save_as_external_data": True, "all_tensors_to_one_file": False, "size_threshold": 0}
    onnx.save(onnx.load(whole), scattered, **options)
    assert len(list(scattered.parent.iterdir())) > 20
    target = tmp_path / "gathered" / "model.onnx"
    target.parent.mkdir()
    export._gather(scattered, target)
    assert {path.name for path in target.parent.iterdir()} == {"model.onnx", "model.onnx_data"}
    tensors, others = (onnx.load(path).graph.initializer for path in (whole, target))
    assert [(t.name, onnx.numpy_helper.to_array(t).tobytes()) for t in tensors] == [
        (t.name, onnx.numpy_helper.to_array(t).tobytes()) for t in others
    ]
