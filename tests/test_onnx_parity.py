"""Graphs are exchangeable with gliner: what one has exported, the other runs with equal results."""

import numpy as np
import pytest
from gliner import GLiNER

from spacy_gliner_mt.models.architecture import require_bundle
from spacy_gliner_mt.models.locate import DEFAULT, locate_checkpoint
from spacy_gliner_mt.models.onnx.bundle import OnnxBundle

from .models.onnx.util import use_old_layout, write_export
from .models.util import enliven
from .test_parity import CASES, KINDS, load, make_reference, read_ours
from .util import make_bundle, read_bundle

pytestmark = pytest.mark.filterwarnings("ignore")  # gliner's, and the exporter's
ENCODERS = ["bert", "deberta-v2"]


def load_by_gliner(folder):
    return GLiNER.from_pretrained(str(folder), runtime="onnxruntime", local_files_only=True)


def assert_same_entities(ours, theirs, least=10):
    """Both find the same in all cases, and at least so much."""
    found = 0
    for text, labels, threshold, nested, multi_label in CASES:
        expected = theirs.predict_entities(
            text, labels, threshold=threshold, flat_ner=not nested, multi_label=multi_label
        )
        expected = sorted((e["start"], e["end"], e["label"], e["score"]) for e in expected)
        entities, _ = read_ours(ours, text, labels, threshold, nested=nested, multi_label=multi_label)
        assert [entity[:3] for entity in entities] == [entity[:3] for entity in expected]
        scores = [[entity[3] for entity in some] for some in (entities, expected)]
        np.testing.assert_allclose(*scores, rtol=0, atol=1e-5)
        found += len(entities)
    assert found >= least


@pytest.mark.parametrize("encoder", ENCODERS)
def test_gliner_runs_what_we_export(tmp_path, encoder):
    bundle = enliven(make_bundle(encoder, n_rnn_layers=2))
    bundle.to_checkpoint().to_folder(tmp_path / "checkpoint")
    exported = write_export(tmp_path / "export", bundle)
    theirs = load_by_gliner(exported)
    assert_same_entities(load(tmp_path / "checkpoint"), theirs)
    assert_same_entities(load(exported), theirs)


def test_gliner_runs_batches_of_what_we_export(tmp_path):
    theirs = load_by_gliner(write_export(tmp_path / "export", enliven(make_bundle())))
    texts = [text for text, *_ in CASES if text.strip()]
    together = theirs.inference(texts, KINDS, threshold=0.5, batch_size=4)
    assert sum(map(len, together)) > 5
    for text, entities in zip(texts, together, strict=True):
        alone = theirs.predict_entities(text, KINDS, threshold=0.5)
        assert [(e["start"], e["end"], e["label"]) for e in entities] == [
            (e["start"], e["end"], e["label"]) for e in alone
        ]


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("old_layout", [False, True])
def test_we_run_what_gliner_exports(tmp_path, encoder, old_layout):
    theirs = make_reference(encoder)
    theirs.export_to_onnx(tmp_path, opset=18)
    if old_layout:
        use_old_layout(tmp_path / "model.onnx")
    ours = load(tmp_path)
    assert isinstance(require_bundle(ours), OnnxBundle)
    assert_same_entities(ours, theirs)


def test_gliner_runs_the_built_in_checkpoint_that_we_export(tmp_path):
    folder = locate_checkpoint(DEFAULT)
    exported = write_export(tmp_path / "export", read_bundle(folder))
    assert_same_entities(load(folder), load_by_gliner(exported), least=5)
