"""Scores: kept with a span group, and found again for any span that equals one of it."""

import numpy as np
import pytest
from spacy.tokens import Doc, DocBin, Span, SpanGroup
from spacy.tokens.underscore import Underscore
from spacy.vocab import Vocab

from spacy_gliner_mt.pipeline.extensions import register_extensions
from spacy_gliner_mt.tasks.scores import find_score, write_group


@pytest.fixture
def doc():
    return Doc(Vocab(), words=["a", "b", "c", "d"])


@pytest.fixture(params=["getter", "attribute"])
def extension(request, monkeypatch):
    """`span._.score` as this package registers it, or as gliner-spacy does wherever it is installed."""
    monkeypatch.setattr(Underscore, "span_extensions", {})
    if request.param == "attribute":
        Span.set_extension("score", default=None)
    register_extensions()


@pytest.fixture
def getter(monkeypatch):
    monkeypatch.setattr(Underscore, "span_extensions", {})
    register_extensions()


def write(doc, *rows, key="found"):
    spans = [Span(doc, start, end, label) for start, end, label, _ in rows]
    write_group(doc, key, spans, np.array([row[3] for row in rows], dtype=np.float32))


def test_each_span_has_its_score(doc, extension):
    write(doc, (0, 2, "x", 0.5), (0, 3, "y", 0.25), (1, 2, "x", 0.75))
    assert [span._.score for span in doc.spans["found"]] == [0.5, 0.25, 0.75]


def test_labels_of_the_same_tokens_have_scores_of_their_own(doc, getter):
    write(doc, (0, 2, "x", 0.5), (0, 2, "y", 0.25))
    assert [span._.score for span in doc.spans["found"]] == [0.5, 0.25]


def test_scores_stand_where_spancat_puts_them(doc, getter):
    write(doc, (0, 2, "x", 0.5), (3, 4, "y", 0.25))
    scores = doc.spans["found"].attrs["scores"]
    assert (scores.dtype, scores.tolist()) == (np.float32, [0.5, 0.25])
    assert doc.spans["found"].name == "found"


def test_a_group_of_no_spans(doc, getter):
    write(doc)
    assert (len(doc.spans["found"]), doc.spans["found"].attrs["scores"].shape) == (0, (0,))


def test_a_group_is_replaced(doc, getter):
    write(doc, (0, 2, "x", 0.5), (3, 4, "y", 0.25))
    write(doc, (0, 2, "x", 0.75))
    assert len(doc.spans["found"]) == 1
    assert find_score(Span(doc, 0, 2, "x")) == 0.75
    assert find_score(Span(doc, 3, 4, "y")) is None


@pytest.mark.parametrize(
    "start, end, label, score",
    [(0, 2, "x", 0.5), (0, 2, "y", 0.25), (0, 2, "z", None), (0, 1, "x", None), (1, 2, "x", None)],
)
def test_a_score_belongs_to_tokens_and_label(doc, getter, start, end, label, score):
    write(doc, (0, 2, "x", 0.5), (0, 2, "y", 0.25))
    assert find_score(Span(doc, start, end, label)) == score


def test_a_score_is_a_plain_number(doc, getter):
    write(doc, (0, 2, "x", 0.5))
    assert type(find_score(Span(doc, 0, 2, "x"))) is float


def test_scores_are_looked_for_in_every_group(doc, getter):
    doc.spans["plain"] = SpanGroup(doc, spans=[Span(doc, 0, 2, "x")])
    write(doc, (3, 4, "y", 0.25), key="first")
    write(doc, (0, 2, "x", 0.5), key="second")
    assert [find_score(Span(doc, *row)) for row in ((0, 2, "x"), (3, 4, "y"))] == [0.5, 0.25]


def test_a_group_that_has_grown_since_tells_no_score(doc, getter):
    """Its scores may no longer be those of its spans."""
    write(doc, (0, 2, "x", 0.5))
    doc.spans["found"].append(Span(doc, 3, 4, "y"))
    assert find_score(Span(doc, 0, 2, "x")) is None


def test_a_doc_without_groups_has_no_scores(doc):
    assert find_score(Span(doc, 0, 2, "x")) is None


@pytest.mark.parametrize(
    "copy",
    [
        lambda doc: Doc(doc.vocab).from_bytes(doc.to_bytes()),
        lambda doc: next(iter(DocBin().from_bytes(DocBin(docs=[doc]).to_bytes()).get_docs(doc.vocab))),
    ],
    ids=["to_bytes", "DocBin"],
)
def test_scores_survive_serialisation(doc, getter, copy):
    write(doc, (0, 2, "x", 0.5), (3, 4, "y", 0.25))
    read = copy(doc)
    assert [find_score(span) for span in read.spans["found"]] == [0.5, 0.25]
