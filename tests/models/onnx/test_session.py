"""Session: graphs that are none, what they run in, and whose threads."""

import multiprocessing
import os
import sys

import numpy as np
import pytest
import torch

from spacy_gliner_mt.models.onnx.session import Session

from ...util import make_bundle
from ..util import enliven, make_inputs, score
from .util import keep_weights_apart, write_export, write_graph


@pytest.fixture(scope="module")
def bundle():
    return enliven(make_bundle())


@pytest.fixture(scope="module")
def path(tmp_path_factory, bundle):
    return write_export(tmp_path_factory.mktemp("session") / "export", bundle) / "model.onnx"


def assert_scores(session, bundle):
    for item, expected in zip(make_inputs(bundle), score(bundle, make_inputs(bundle)), strict=True):
        np.testing.assert_allclose(session.score(item), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("read", [lambda path: path, lambda path: path.read_bytes()], ids=["path", "bytes"])
@pytest.mark.parametrize("apart", [False, True], ids=["whole", "weights apart"])
def test_graphs_are_run_from_files_and_from_memory(path, bundle, tmp_path, read, apart):
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())
    if apart:
        keep_weights_apart(copy)
        assert copy.stat().st_size < path.stat().st_size
    files = {f"onnx/{file.name}": read(file) for file in sorted(tmp_path.iterdir())}
    assert len(files) == 1 + apart
    session = Session(files, "first")
    assert session.name == "onnx/model.onnx"
    assert_scores(session, bundle)


def test_weights_may_be_links_as_in_the_hubs_cache(path, bundle, tmp_path):
    blobs, snapshot = tmp_path / "blobs", tmp_path / "snapshot"
    blobs.mkdir()
    snapshot.mkdir()
    (blobs / path.name).write_bytes(path.read_bytes())
    keep_weights_apart(blobs / path.name)
    for number, file in enumerate(sorted(blobs.iterdir())):
        (snapshot / file.name).symlink_to(file.rename(blobs / str(number)))
    assert_scores(Session({file.name: file for file in sorted(snapshot.iterdir())}, "first"), bundle)


def test_without_onnxruntime_it_is_told_how_to_install_it(monkeypatch, path):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ImportError, match=r"GM090.*'model.onnx'.*pip install spacy-gliner-mt\[onnxruntime\]"):
        Session({path.name: path}, "first")


def test_damaged_files_are_told(path, tmp_path):
    (tmp_path / "model.onnx").write_bytes(path.read_bytes()[:1000])
    for content in (tmp_path / "model.onnx", tmp_path / "missing.onnx", b"nonsense"):
        with pytest.raises(ValueError, match="GM091.*'model.onnx'"):
            Session({"model.onnx": content}, "first")


@pytest.mark.parametrize(
    "inputs, output",
    [
        # A span-level GLiNER, a bi-encoder, another encoder's plain graph, and another's output.
        (["input_ids", "attention_mask", "words_mask", "text_lengths", "span_idx", "span_mask"], "logits"),
        (["input_ids", "attention_mask", "words_mask", "text_lengths", "labels_embeds"], "logits"),
        (["input_ids", "attention_mask"], "logits"),
        (["input_ids", "attention_mask", "words_mask", "text_lengths"], "last_hidden_state"),
    ],
)
def test_graphs_of_other_networks_are_refused(tmp_path, inputs, output):
    write_graph(tmp_path / "model.onnx", inputs, output)
    with pytest.raises(ValueError, match="GM092.*'model.onnx'.*'text_lengths'.*'logits'") as caught:
        Session({"model.onnx": tmp_path / "model.onnx"}, "first")
    assert repr(inputs) in str(caught.value) and output in str(caught.value)


def test_graphs_that_return_something_else_are_refused(tmp_path, bundle):
    write_graph(tmp_path / "model.onnx")
    session = Session({"model.onnx": tmp_path / "model.onnx"}, "first")
    with pytest.raises(ValueError, match=r"GM093.*\(1, 1, 1, 1\).*\(1, 5, 2, 3\)"):
        session.score(make_inputs(bundle)[0])


def _n_threads(session):
    return session._session.get_session_options().intra_op_num_threads


def test_it_uses_as_many_threads_as_torch(monkeypatch, path):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 3)
    assert _n_threads(Session({path.name: path}, "first")) == 3


def _score_in_child(session, item, queue):
    logits = session.score(item)
    queue.put((os.getpid(), _n_threads(session), logits))


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork on this system")
def test_a_forked_process_uses_one_thread_of_its_own(monkeypatch, path, bundle):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    session, item = Session({path.name: path}, "first"), make_inputs(bundle)[2]
    expected = session.score(item)
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    process = context.Process(target=_score_in_child, args=(session, item, queue))
    process.start()
    process.join(30)
    assert process.exitcode == 0
    child, n_threads, logits = queue.get()
    assert (child != os.getpid(), n_threads, _n_threads(session)) == (True, 1, 2)
    np.testing.assert_allclose(logits, expected, rtol=0, atol=1e-6)
