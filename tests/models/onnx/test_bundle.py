"""Bundle of a graph: what the component knows of it besides its scores."""

import json
import shutil

import pytest
import transformers

from spacy_gliner_mt.models.onnx.bundle import OnnxBundle
from spacy_gliner_mt.models.onnx.checkpoint import OnnxCheckpoint

from ...util import ENCODERS, make_bundle
from ..util import make_inputs
from .util import GRAPH_NAME, write_export, write_graph


def read(folder):
    return OnnxBundle(OnnxCheckpoint.from_folder(folder, GRAPH_NAME))


def write_stub(folder, bundle):
    """The checkpoint of a bundle with a graph that is quick to make, and returns zeros."""
    bundle.to_checkpoint().to_folder(folder)
    (folder / "model.safetensors").unlink()
    write_graph(folder / GRAPH_NAME)
    return folder


@pytest.mark.parametrize("encoder", ENCODERS)
def test_it_knows_what_the_network_knows(tmp_path, encoder):
    bundle = make_bundle(encoder, hidden_size=8, n_rnn_layers=2, fuse_layers=True, tasks=["entities"])
    exported = read(write_stub(tmp_path / "stub", bundle))
    assert exported.max_subtokens == bundle.max_subtokens
    assert exported.encoder_config.to_dict() == bundle.encoder_config.to_dict()
    assert exported.tokenizer.markers == bundle.tokenizer.markers
    for field in ("hidden_size", "n_rnn_layers", "fuse_layers", "max_words", "vocab_size"):
        assert getattr(exported.config, field) == getattr(bundle.config, field)
    assert exported.config.tasks == ("entities",)


def edit_config(folder, **fields):
    path = folder / "gliner_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


def test_a_vocabulary_of_another_size_is_refused(tmp_path):
    folder = write_stub(tmp_path / "stub", make_bundle())
    edit_config(folder, vocab_size=5)
    with pytest.raises(ValueError, match="GM044.* 5 rows"):
        read(folder)


def test_the_encoder_may_only_be_named_and_is_kept_then(tmp_path):
    bundle = make_bundle("roberta")
    folder = write_stub(tmp_path / "stub", bundle)
    named = tmp_path / "encoder"
    transformers.RobertaConfig(**{**ENCODERS["roberta"].to_dict(), "vocab_size": 7}).save_pretrained(named)
    edit_config(folder, encoder_config=None, vocab_size=-1, model_name=str(named))
    exported = read(folder)
    shutil.rmtree(named)
    assert exported.max_subtokens == bundle.max_subtokens
    exported.to_checkpoint().to_folder(tmp_path / "copy")
    assert read(tmp_path / "copy").max_subtokens == bundle.max_subtokens
    assert read(tmp_path / "copy").encoder_config.vocab_size == 7


def test_each_input_is_scored_alone(tmp_path, monkeypatch):
    bundle = make_bundle()
    exported = read(write_export(tmp_path / "export", bundle))
    inputs = make_inputs(bundle)
    seen = []
    monkeypatch.setattr(exported.session, "score", lambda item: seen.append(item) or len(seen))
    assert exported.score(inputs) == [1, 2, 3, 4]
    assert seen == inputs
