"""Summary: what is asked for, and which of the spans found are kept."""

import pytest
from spacy.tokens import Span

from spacy_gliner_mt.errors import QueryError
from spacy_gliner_mt.settings import Settings
from spacy_gliner_mt.tasks.summary import SummaryTask
from spacy_gliner_mt.types import Answer

from .util import make_doc, make_spans

# Sentences of 2, 3, 4 and 1 tokens.
TEXT = "One . Two two . Three three three . Four"
STARTS = (0, 2, 5, 9)


def make_text(with_sentences=True):
    doc = make_doc(TEXT)
    if with_sentences:
        for token in doc:
            token.is_sent_start = token.i in STARTS
    return doc


def summarize(*found, **settings):
    """What is kept of spans: start, end and score."""
    doc, task = make_text(), SummaryTask(Settings(summarize=True, **settings))
    (query,) = task.queries(doc, {})
    task.annotate(doc, [Answer(query, make_spans(*((start, end, 0, score) for start, end, score in found)))])
    group = doc.spans["summary"]
    assert {span.label_ for span in group} <= {"summary"}
    scores = [round(float(score), 4) for score in group.attrs["scores"]]
    return [(span.start, span.end, score) for span, score in zip(group, scores, strict=True)]


def test_nothing_is_asked_unless_wanted():
    assert SummaryTask(Settings()).queries(make_text(), {}) is None


def test_the_threshold_is_that_of_the_paper():
    (query,) = SummaryTask(Settings(summarize=True).with_thresholds({})).queries(make_text(), {})
    assert query.thresholds.round(4).tolist() == pytest.approx([0.1])
    assert query.instruction.startswith("Summarize the given text")


def test_the_summary_is_in_the_order_of_the_text():
    found = [(9, 10, 0.5), (0, 2, 0.25), (5, 9, 0.75)]
    assert summarize(*found) == sorted(found)


def test_a_summary_may_be_empty():
    assert summarize() == summarize(summary_sentences=True) == []


@pytest.mark.parametrize(
    "found, sentences",
    [
        ([(0, 1, 0.5)], [(0, 2, 0.5)]),
        ([(3, 4, 0.5)], [(2, 5, 0.5)]),
        ([(9, 10, 0.5)], [(9, 10, 0.5)]),
        # The better of two in one sentence.
        ([(5, 6, 0.25), (7, 8, 0.5)], [(5, 9, 0.5)]),
        ([(5, 6, 0.5), (7, 8, 0.25)], [(5, 9, 0.5)]),
        # One that reaches over several sentences.
        ([(1, 6, 0.5)], [(0, 2, 0.5), (2, 5, 0.5), (5, 9, 0.5)]),
        # One that ends where a sentence does.
        ([(0, 5, 0.5)], [(0, 2, 0.5), (2, 5, 0.5)]),
    ],
)
def test_spans_are_widened_to_sentences(found, sentences):
    assert summarize(*found, summary_sentences=True) == sentences


def test_sentences_must_have_been_found():
    task = SummaryTask(Settings(summarize=True, summary_sentences=True))
    with pytest.raises(QueryError, match="GM056.*'sentencizer'"):
        task.queries(make_text(with_sentences=False), {})


def test_spans_need_no_sentences():
    assert SummaryTask(Settings(summarize=True).with_thresholds({})).queries(
        make_text(with_sentences=False), {}
    )


@pytest.mark.parametrize(
    "limit, kept",
    [
        ({}, [0, 2, 5, 9]),
        ({"sentences": 0}, []),
        ({"sentences": 1}, [5]),
        ({"sentences": 2}, [2, 5]),
        ({"sentences": 9}, [0, 2, 5, 9]),
        ({"words": 3}, []),
        ({"words": 4}, [5]),
        ({"words": 7}, [2, 5]),
        ({"words": 100}, [0, 2, 5, 9]),
        ({"share": 0.4}, [5]),
        ({"share": 0.7}, [2, 5]),
        ({"share": 1}, [0, 2, 5, 9]),
        ({"sentences": 3, "words": 8}, [2, 5]),
        ({"words": 9, "share": 0.4}, [5]),
    ],
)
def test_the_best_that_fit_are_kept(limit, kept):
    found = [(0, 2, 0.2), (2, 5, 0.3), (5, 9, 0.4), (9, 10, 0.1)]
    assert [start for start, _, _ in summarize(*found, summary_limit=limit)] == kept


def test_limits_count_whole_sentences():
    found = [(0, 1, 0.5), (5, 6, 0.25)]
    limited = summarize(*found, summary_sentences=True, summary_limit={"words": 5})
    assert limited == [(0, 2, 0.5)]


class TestGold:
    @pytest.mark.parametrize("with_sentences", [True, False])
    def test_spans_of_the_group(self, with_sentences):
        doc = make_text(with_sentences)
        doc.spans["summary"] = [Span(doc, 0, 2, "summary"), Span(doc, 5, 9, "summary")]
        task = SummaryTask(Settings(summarize=True, summary_sentences=True))
        (gold,) = task.gold(doc)
        assert (gold.spans.start.tolist(), gold.spans.end.tolist()) == ([0, 16], [5, 35])
        assert gold.query.instruction.startswith("Summarize")
