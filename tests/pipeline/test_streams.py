"""Streams: batches, failures, processes and threads change nothing of what is found."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from spacy.language import Language
from spacy.tokens import Doc

from spacy_gliner_mt.models import architecture
from spacy_gliner_mt.models.locate import locate_checkpoint

from .conftest import MakeNlp
from .util import LABELS, LONG_TEXT, TEXTS, assert_same, bounds

NAME = "gliner_multitask"


@pytest.mark.parametrize("batch_size", [1, 2, 5, 1000])
def test_stream_equals_single_texts(get_nlp: MakeNlp, batch_size: int):
    nlp = get_nlp()
    texts = [*TEXTS, LONG_TEXT, *reversed(TEXTS)]
    assert_same(nlp.pipe(texts, batch_size=batch_size), [nlp(text) for text in texts])


def test_batches_of_the_network_change_nothing(
    make_nlp: MakeNlp, get_nlp: MakeNlp, model_config: dict[str, Any]
):
    for max_batch_tokens in (1, 100_000):
        nlp = make_nlp(model={**model_config, "max_batch_tokens": max_batch_tokens})
        assert_same(nlp.pipe(TEXTS), get_nlp().pipe(TEXTS))


def test_component_pipe(get_nlp: MakeNlp):
    nlp = get_nlp()
    docs = [nlp.make_doc(text) for text in TEXTS]
    found = list(nlp.get_pipe(NAME).pipe(iter(docs), batch_size=4))
    assert all(one is other for one, other in zip(found, docs, strict=True))
    assert_same(found, nlp.pipe(TEXTS))


def test_component_pipe_is_lazy(get_nlp: MakeNlp):
    nlp = get_nlp()
    read = []

    def stream() -> Iterable[Doc]:
        for text in TEXTS:
            read.append(text)
            yield nlp.make_doc(text)

    docs = nlp.get_pipe(NAME).pipe(stream(), batch_size=2)
    assert read == []
    next(docs)
    assert len(read) == 2


def test_empty_stream(get_nlp: MakeNlp):
    assert list(get_nlp().pipe([])) == []
    assert get_nlp().get_pipe(NAME).predict([]) == []


def test_predicting_does_not_touch_docs(get_nlp: MakeNlp):
    nlp = get_nlp()
    docs = [nlp.make_doc(text) for text in TEXTS]
    before = [doc.to_bytes() for doc in docs]
    predictions = nlp.get_pipe(NAME).predict(docs)
    assert [doc.to_bytes() for doc in docs] == before
    nlp.get_pipe(NAME).set_annotations(docs, predictions)
    assert_same(docs, nlp.pipe(TEXTS))


def test_stream_with_contexts(get_nlp: MakeNlp):
    nlp = get_nlp()
    pairs = list(nlp.pipe(((text, {"id": i}) for i, text in enumerate(TEXTS)), as_tuples=True, batch_size=3))
    assert [context["id"] for _, context in pairs] == list(range(len(TEXTS)))
    assert_same([doc for doc, _ in pairs], nlp.pipe(TEXTS))


# --- failures --------------------------------------------------------------------------------


def _stream(nlp: Language, bad: Any) -> list[Doc]:
    docs = [nlp.make_doc(text) for text in TEXTS]
    for index in (1, 4):
        docs[index]._.gliner = bad
    return docs


@pytest.mark.parametrize("batch_size", [1, 3, 100])
@pytest.mark.parametrize(
    "bad", [{"labels": "city"}, {"labels": []}, ["city"], {"labels": ["city", "city"]}], ids=repr
)
def test_error_handler_sees_the_bad_docs_and_only_them(make_nlp: MakeNlp, batch_size: int, bad: Any):
    nlp = make_nlp()
    seen = []
    nlp.set_error_handler(lambda name, component, docs, error: seen.append((name, [*docs], error)))
    docs = _stream(nlp, bad)
    done = list(nlp.pipe(docs, batch_size=batch_size))
    assert [name for name, _, _ in seen] == [NAME, NAME]
    assert [
        [doc is docs[index] for doc in failed] for (_, failed, _), index in zip(seen, (1, 4), strict=True)
    ] == [
        [True],
        [True],
    ]
    assert all("GM0" in str(error) for _, _, error in seen)
    neighbours = [doc for index, doc in enumerate(docs) if index not in (1, 4)]
    assert all(one is other for one, other in zip(done, neighbours, strict=True))
    texts = [text for index, text in enumerate(TEXTS) if index not in (1, 4)]
    assert_same(done, [nlp(text) for text in texts])


def test_failed_docs_keep_their_annotation(make_nlp: MakeNlp):
    nlp = make_nlp()
    nlp.set_error_handler(lambda *_: None)
    docs = _stream(nlp, {"labels": ""})
    docs[4].set_ents([], blocked=[docs[4][0:1]])
    docs[4].spans["entities"] = [docs[4][2:3]]
    list(nlp.pipe(docs))
    assert docs[4][0].ent_iob_ == "B"
    assert bounds(docs[4].spans["entities"]) == [(2, 3, "")]
    assert docs[4]._.gliner_report is None


def test_error_is_raised_by_default(make_nlp: MakeNlp):
    nlp = make_nlp()
    docs = nlp.pipe(_stream(nlp, {"labels": "city"}), batch_size=100)
    # What comes before the bad one still comes.
    assert next(docs).text == TEXTS[0]
    with pytest.raises(ValueError, match="GM001"):
        next(docs)


def test_long_text_that_is_refused_spares_the_others(make_nlp: MakeNlp):
    nlp = make_nlp(on_overflow="raise")
    failed = []
    nlp.set_error_handler(lambda name, component, docs, error: failed.extend(doc.text for doc in docs))
    short = TEXTS[:3]
    assert_same(nlp.pipe([*short, LONG_TEXT, *short]), nlp.pipe([*short, *short]))
    assert failed == [LONG_TEXT]


# --- processes and threads -------------------------------------------------------------------

_PROCESSES = """
import multiprocessing
import sys

import catalogue
import spacy

# Other plugins, here and in the processes that are spawned, would take many seconds to import.
_groups = {group: catalogue.AVAILABLE_ENTRY_POINTS.select(group=group)
           for group in catalogue.AVAILABLE_ENTRY_POINTS.groups if group.startswith("spacy_")}
catalogue.AVAILABLE_ENTRY_POINTS = {
    group: [point for point in points if point.value.startswith("spacy_gliner_mt.")]
    for group, points in _groups.items()
}

def main(folder):
    nlp = spacy.load(folder)
    with open(folder + "/texts.txt", encoding="utf8") as file:
        docs = [nlp.make_doc(text) for text in file.read().split("|")]
    docs[0]._.gliner = {"labels": ["river"], "threshold": 0.0}
    # The parent uses the model before its children do.
    expected = [describe(doc) for doc in nlp.pipe([doc.copy() for doc in docs])]
    assert {label for _, _, label, _ in expected[0][0]} == {"river"}
    for method in ("fork", "spawn"):
        multiprocessing.set_start_method(method, force=True)
        found = [describe(doc) for doc in nlp.pipe(docs, n_process=2, batch_size=4)]
        assert found == expected, (method, found, expected)
        print(method, "equals one process", flush=True)

def describe(doc):
    group = doc.spans["entities"]
    scores = [round(float(score), 4) for score in group.attrs["scores"]]
    spans = [(span.start, span.end, span.label_, score) for span, score in zip(group, scores)]
    assert [ent.start for ent in doc.ents] == [span.start for span in group]
    return spans, doc._.gliner_report

if __name__ == "__main__":
    main(sys.argv[1])
"""


def test_two_processes_equal_one(make_nlp: MakeNlp, tmp_path: Path):
    """Forked and spawned; in a process of its own, so that one that hangs is a failure and no more."""
    make_nlp().to_disk(tmp_path)
    (tmp_path / "texts.txt").write_text("|".join(TEXTS * 2), encoding="utf8")
    script = tmp_path / "script.py"
    script.write_text(_PROCESSES, encoding="utf8")
    command = [sys.executable, "-W", "ignore", str(script), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    lines = done.stdout.splitlines()
    assert lines == ["fork equals one process", "spawn equals one process"], done.stderr[-3000:]


@pytest.mark.parametrize("loaded", [True, False])
def test_threads_share_a_pipeline(
    make_nlp: MakeNlp, get_nlp: MakeNlp, monkeypatch: pytest.MonkeyPatch, loaded: bool
):
    """Even where the first of them has to load the weights: the others wait for it."""
    n_loads = []

    def locate_slowly(*arguments: Any) -> Path:
        n_loads.append(1)
        time.sleep(0.1)
        return locate_checkpoint(*arguments)

    monkeypatch.setattr(architecture, "locate_checkpoint", locate_slowly)
    nlp = make_nlp()
    if loaded:
        nlp.initialize()
    texts = TEXTS * 4
    with ThreadPoolExecutor(max_workers=4) as pool:
        docs = list(pool.map(nlp, texts))
    assert len(n_loads) == 1
    expected = {text: get_nlp()(text) for text in TEXTS}
    assert_same(docs, [expected[text] for text in texts])


def test_threads_with_settings_of_their_own(make_nlp: MakeNlp, get_nlp: MakeNlp):
    nlp = make_nlp()
    docs = [nlp.make_doc(TEXTS[4]) for _ in range(16)]
    settings = [{}, {"labels": ["river", "lake"], "threshold": 0.0}, {"nested": True}, {"threshold": 0.6}]
    for index, doc in enumerate(docs):
        doc._.gliner = settings[index % 4]
    with ThreadPoolExecutor(max_workers=4) as pool:
        found = list(pool.map(nlp, docs))
    assert_same(found, [get_nlp(**of_doc)(TEXTS[4]) for of_doc in settings] * 4)


def test_memory_zone(make_nlp: MakeNlp, get_nlp: MakeNlp):
    nlp = make_nlp(threshold=0.0)
    expected = [bounds(doc.spans["entities"]) for doc in get_nlp(threshold=0.0).pipe(TEXTS)]
    n_strings = len(nlp.vocab.strings)
    for _ in range(2):
        with nlp.memory_zone():
            docs = list(nlp.pipe(TEXTS))
            docs.append(nlp.make_doc(TEXTS[4]))
            docs[-1]._.gliner = {"labels": ["a label of this zone"]}
            nlp(docs[-1])
            assert [bounds(doc.spans["entities"]) for doc in docs[:-1]] == expected
            assert "a label of this zone" in nlp.vocab.strings
            del docs
        assert len(nlp.vocab.strings) == n_strings
    # The labels of the first zone are gone, and are written anew.
    assert [bounds(doc.spans["entities"]) for doc in nlp.pipe(TEXTS)] == expected
    assert nlp.get_pipe(NAME).labels == tuple(LABELS)
