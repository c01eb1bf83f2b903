"""Groups: scores beside spans, and found again for any span."""

import numpy as np
import pytest
from spacy.tokens import Doc, Span, SpanGroup
from spacy.vocab import Vocab

from spacy_gliner_mt.tasks.groups import best_first, find_score, keep_score, make_spans, write_group

from .util import make_doc
from .util import make_spans as make_arrays

TEXT = "Ada Lovelace left Bonn"


def make_scored():
    """A Doc with one scored span, and one scored span of the same tokens but another label."""
    doc = make_doc(TEXT)
    spans = make_spans(doc, make_arrays((0, 2, 0, 0.5), (0, 2, 1, 0.75)), ["person", "author"])
    write_group(doc, "found", spans, np.array([0.5, 0.75], dtype=np.float32))
    return doc


def test_spans_have_label_and_id():
    doc = make_doc(TEXT)
    first, second = make_spans(doc, make_arrays((0, 2, 1, 0.5), (3, 4, 0, 0.5)), ["city", "person"], "Who?")
    assert (first.text, first.label_, first.id_) == ("Ada Lovelace", "person", "Who?")
    assert (second.text, second.label_, second.id_) == ("Bonn", "city", "Who?")


def test_a_group_keeps_scores_and_more():
    doc = make_doc(TEXT)
    write_group(doc, "found", [doc[0:1]], np.array([0.5], dtype=np.float32), questions=["Who?"])
    group = doc.spans["found"]
    assert (group.name, list(group.attrs["scores"]), group.attrs["questions"]) == ("found", [0.5], ["Who?"])


def test_a_group_replaces_that_of_the_last_time():
    doc = make_scored()
    write_group(doc, "found", [], np.zeros(0, dtype=np.float32))
    assert (len(doc.spans["found"]), len(doc.spans["found"].attrs["scores"])) == (0, 0)


@pytest.mark.parametrize("label, score", [("person", 0.5), ("author", 0.75), ("ship", None), ("", None)])
def test_a_score_belongs_to_tokens_and_label(label, score):
    doc = make_scored()
    assert find_score(Span(doc, 0, 2, label)) == score
    assert find_score(Span(doc, 0, 1, label)) is None


def test_a_score_belongs_to_an_id():
    doc = make_doc(TEXT)
    spans = [Span(doc, 0, 1, "answer", span_id=question) for question in ("Who?", "When?")]
    write_group(doc, "answers", spans, np.array([0.25, 0.5], dtype=np.float32))
    assert [find_score(span) for span in spans] == [0.25, 0.5]


def test_entities_have_the_scores_of_their_group():
    doc = make_scored()
    doc.ents = [Span(doc, 0, 2, "author")]
    assert find_score(doc.ents[0]) == 0.75


def test_scores_outlive_bytes():
    doc = make_scored()
    copy = Doc(Vocab()).from_bytes(doc.to_bytes())
    assert [find_score(span) for span in copy.spans["found"]] == [0.5, 0.75]


@pytest.mark.parametrize("attrs", [{}, {"scores": [0.5, 0.5]}])
def test_groups_without_a_score_for_each_span_have_none(attrs):
    doc = make_doc(TEXT)
    doc.spans["other"] = SpanGroup(doc, name="other", spans=[Span(doc, 0, 2, "person")], attrs=attrs)
    assert find_score(doc.spans["other"][0]) is None


def test_a_score_may_be_kept_without_a_group():
    doc = make_doc(TEXT)
    keep_score(Span(doc, 0, 2, "person"), 0.25)
    copy = Doc(Vocab()).from_bytes(doc.to_bytes())
    assert (find_score(Span(copy, 0, 2, "person")), find_score(Span(copy, 0, 1, "person"))) == (0.25, None)


def test_a_group_is_asked_before_what_was_kept():
    doc = make_scored()
    keep_score(Span(doc, 0, 2, "person"), 0.25)
    assert find_score(Span(doc, 0, 2, "person")) == 0.5


def test_the_best_span_is_first_and_equals_keep_their_order():
    spans = make_arrays(*((start, start + 1, 0, (0.5, 0.75)[start % 2]) for start in range(40)))
    assert best_first(spans).start.tolist() == [*range(1, 40, 2), *range(0, 40, 2)]
