"""Sizes: checkpoints of random weights, made once, whose logits look trained."""

import pytest
import torch

from benchmarks import sizes
from benchmarks.methods import MINI
from benchmarks.sizes import find_checkpoint, make_checkpoint
from spacy_gliner_mt.models.bundle import Bundle
from spacy_gliner_mt.models.checkpoint import Checkpoint
from spacy_gliner_mt.models.collate import collate

from ..models.util import make_inputs


@pytest.fixture
def models(tmp_path, monkeypatch):
    """A folder for what is made, and sizes that are no trouble to make."""
    monkeypatch.setattr(sizes, "MODELS", tmp_path)
    monkeypatch.setattr(sizes, "SHAPES", {name: (16, 2, 2) for name in sizes.SHAPES})
    return tmp_path


def test_the_embedded_checkpoint_is_a_size():
    assert find_checkpoint("MiniLM") == MINI


def test_others_are_made_once(models):
    folder = find_checkpoint("DeBERTa-v3-small")
    assert [path.name for path in models.iterdir()] == ["DeBERTa-v3-small"]
    made = (models / "DeBERTa-v3-small" / "model.safetensors").stat().st_mtime_ns
    assert find_checkpoint("DeBERTa-v3-small") == folder
    assert (models / "DeBERTa-v3-small" / "model.safetensors").stat().st_mtime_ns == made
    assert Checkpoint.from_folder(models / "DeBERTa-v3-small").config.hidden_size == 16


def test_what_failed_halfway_is_made_again(models, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "to_folder", lambda self, folder: folder.mkdir() or 1 / 0)
        with pytest.raises(ZeroDivisionError):
            find_checkpoint("DeBERTa-v3-large")
    assert Checkpoint.from_folder(type(models)(find_checkpoint("DeBERTa-v3-large"))).state


def test_weights_are_always_the_same():
    one, other = (make_checkpoint(16, 2, 2).state for _ in range(2))
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_words_that_begin_an_entity_tend_to_end_it():
    bundle = Bundle.from_checkpoint(make_checkpoint(16, 2, 2)).eval()
    inputs = make_inputs(bundle)
    with torch.inference_mode():
        logits = bundle(collate(inputs, bundle.pad_id, torch.device("cpu")))
    kinds = torch.cat([some.flatten(0, 1) for some in logits]).T  # (3, pairs)
    assert 0.5 < kinds.std() < 6
    assert torch.corrcoef(kinds).min() > 0.5
