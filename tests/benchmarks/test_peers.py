"""Peers: every way to run gliner reads the same texts with the same weights."""

import logging

import pytest

from benchmarks import peers
from benchmarks.methods import ours_on_words
from benchmarks.peers import PEERS, missing_packages

from ..models.util import enliven
from ..util import make_bundle

LABELS = ("person", "city", "ship", "date")
TEXTS = ("Rosa Weber left Bremen.", "No ship of that name came to Leith in 1921.")
THRESHOLD = 0.2
# Eight bits find others, which is theirs to answer for.
EXACT = [name for name in PEERS if not name.endswith("int8")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("peers") / "checkpoint"
    enliven(make_bundle()).to_checkpoint().to_folder(folder)
    return str(folder)


@pytest.fixture(autouse=True)
def models(tmp_path_factory, monkeypatch):
    """A folder for exports; loggers and warnings of theirs are silenced."""
    logging.disable(logging.WARNING)
    monkeypatch.setattr(peers, "MODELS", tmp_path_factory.getbasetemp() / "exports")
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", PEERS)
def test_peers_extract_entities(name, folder):
    load, packages = PEERS[name]
    if missing := missing_packages(packages):
        pytest.skip(f"{missing} are not installed.")
    found = load(folder, LABELS, THRESHOLD)(TEXTS)
    assert len(found) == 2
    for text, entities in zip(TEXTS, found, strict=True):
        assert all(0 <= start < end <= len(text) and label in LABELS for start, end, label in entities)
    if name in EXACT:
        assert any(found) and found == ours_on_words(folder, LABELS, THRESHOLD)(TEXTS)


def test_missing_packages_are_named(monkeypatch):
    monkeypatch.setattr(peers, "find_spec", lambda name: None if "onnx" in name else object())
    assert missing_packages(("gliner", "onnxruntime", "onnx")) == ["onnxruntime", "onnx"]
    assert missing_packages(()) == []
