"""Extraction: every query of every text gets its own answer, however inputs are batched."""

import numpy as np
import pytest
from thinc.api import Model

from spacy_gliner_mt.decoding import find_spans, select_spans
from spacy_gliner_mt.encoding.words import split_words
from spacy_gliner_mt.models.architecture import build_gliner_multitask_v1, require_bundle
from spacy_gliner_mt.models.extraction import Request, extract, plan_request
from spacy_gliner_mt.settings import Settings
from spacy_gliner_mt.types import Report, Spans

from ..util import make_bundle, make_query
from .util import enliven, make_input, score

TEXTS = [
    "The keeper of Marrow Light, Hedda Quist, rowed to Stavholm on Friday.",
    "Nobody came.",
    "",
    "Two ferries - the Alk and the Lom - left Stavholm with 31 passengers, and Hedda Quist was among them.",
]
LABELS = ["person", "place", "ship", "date", "number of people"]
LONG_TEXT = " ".join(TEXTS * 6)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A model that finds something."""
    folder = tmp_path_factory.mktemp("lively") / "checkpoint"
    enliven(make_bundle()).to_checkpoint().to_folder(folder)
    return build_gliner_multitask_v1(checkpoint=str(folder)).initialize()


def make_request(text, *queries, **settings):
    return Request(split_words(text), queries, Settings(**settings))


def rows(spans):
    return list(zip(spans.start.tolist(), spans.end.tolist(), spans.label.tolist(), strict=True))


def spans_of(extraction):
    return [answer.spans for answer in extraction.answers]


def assert_close(one, other):
    assert rows(one) == rows(other)
    np.testing.assert_allclose(one.score, other.score, rtol=0, atol=1e-5)


def find_alone(model, text, query):
    """The answer from a single input, without planning and batching."""
    bundle = require_bundle(model)
    (logits,) = score(bundle, [make_input(bundle, text, query.labels)])
    return select_spans(find_spans(logits, query.thresholds, query.span_score), query)


@pytest.fixture
def batches(model, monkeypatch):
    """The inputs of each call of the network."""
    calls = []
    predict = Model.predict

    def spy(self, inputs):
        calls.append([len(item) for item in inputs])
        return predict(self, inputs)

    monkeypatch.setattr(Model, "predict", spy)
    return calls


@pytest.mark.parametrize("max_batch_tokens", [1, 150, 100_000])
def test_each_query_of_each_text_has_its_own_answer(model, monkeypatch, max_batch_tokens):
    monkeypatch.setitem(model.attrs, "max_batch_tokens", max_batch_tokens)
    asked = [
        (TEXTS[0], [make_query(LABELS[:2], 0.3), make_query(LABELS[2:], 0.2)]),
        (TEXTS[3], [make_query(LABELS, 0.4)]),
        (TEXTS[1], [make_query(LABELS[:1], 0.1), make_query(LABELS, 0.3), make_query(LABELS[3:], 0.2)]),
        (TEXTS[0], [make_query(LABELS[:2], 0.3)]),
    ]
    answers = extract(model, [make_request(text, *queries) for text, queries in asked])
    assert len(answers) == len(asked)
    found = 0
    for (text, queries), answer in zip(asked, answers, strict=True):
        for query, spans in zip(queries, spans_of(answer), strict=True):
            assert_close(spans, find_alone(model, text, query))
            found += len(spans)
    assert found > 20


@pytest.mark.parametrize(
    "options",
    [{"span_score": "mean"}, {"nested": True}, {"multi_label": True}, {"nested": True, "multi_label": True}],
)
def test_options_of_the_query_reach_decoding(model, options):
    query, plain = make_query(LABELS, 0.15, **options), make_query(LABELS, 0.15)
    (answer,) = extract(model, [make_request(TEXTS[3], query, plain)])
    assert_close(spans_of(answer)[0], find_alone(model, TEXTS[3], query))
    differs = not np.array_equal(spans_of(answer)[0].score, spans_of(answer)[1].score)
    assert differs or rows(spans_of(answer)[0]) != rows(spans_of(answer)[1])


@pytest.mark.parametrize("budget, n_calls", [(1, 4), (10_000, 1)])
def test_batches_keep_the_budget(model, monkeypatch, batches, budget, n_calls):
    monkeypatch.setitem(model.attrs, "max_batch_tokens", budget)
    extract(model, [make_request(TEXTS[0], make_query(LABELS)) for _ in range(4)])
    assert len(batches) == n_calls
    assert sum(map(len, batches)) == 4


def test_every_batch_of_a_long_text_keeps_the_budget(model, monkeypatch, batches):
    monkeypatch.setitem(model.attrs, "max_batch_tokens", 300)
    extract(model, [make_request(LONG_TEXT, make_query(LABELS), max_labels_per_pass=2, window_overlap=8)])
    assert len(batches) > 2
    assert max(len(lengths) * max(lengths) for lengths in batches) <= 300


@pytest.mark.parametrize(
    "requests, expected",
    [
        ([], []),
        ([("", [])], [(0, Report())]),
        ([(TEXTS[1], [])], [(0, Report(words=3))]),
        ([("", [make_query(["ship"])])], [(1, Report())]),
        ([("  \n", [make_query(["ship"]), make_query(["person"])])], [(2, Report())]),
    ],
)
def test_nothing_is_read_where_there_is_nothing(model, batches, requests, expected):
    answers = extract(model, [make_request(text, *queries) for text, queries in requests])
    assert [(len(answer.answers), answer.report) for answer in answers] == expected
    assert all(rows(spans) == [] for answer in answers for spans in spans_of(answer))
    assert batches == []


def test_empty_texts_do_not_shift_the_others(model):
    query = make_query(LABELS, 0.3)
    answers = extract(model, [make_request(text, query) for text in TEXTS])
    for text, answer in zip(TEXTS, answers, strict=True):
        expected = find_alone(model, text, query) if text else Spans.empty()
        assert_close(spans_of(answer)[0], expected)
    assert len(spans_of(answers[0])[0]) and len(spans_of(answers[3])[0])


@pytest.mark.parametrize("text", ["\u200b", "\u200b \ufeff \u200d"])
def test_a_text_of_words_without_subtokens_is_read(model, text):
    (answer,) = extract(model, [make_request(text, make_query(LABELS, 0.0))])
    assert answer.report.words == len(split_words(text)) > 0
    assert np.isfinite(spans_of(answer)[0].score).all()


@pytest.mark.parametrize(
    "max_labels, passes",
    [
        (1, [[0], [1], [2], [3], [4]]),
        (2, [[0], [1, 2], [3, 4]]),
        (3, [[0, 1], [2, 3, 4]]),
        (5, [[0, 1, 2, 3, 4]]),
        (30, [[0, 1, 2, 3, 4]]),
    ],
)
def test_labels_are_split_over_passes_that_are_merged(model, max_labels, passes):
    bundle = require_bundle(model)
    query = make_query(LABELS, 0.3, multi_label=True, nested=True)
    (answer,) = extract(model, [make_request(TEXTS[0], query, max_labels_per_pass=max_labels)])
    parts = []
    for some in passes:
        (logits,) = score(bundle, [make_input(bundle, TEXTS[0], [LABELS[i] for i in some])])
        parts.append(find_spans(logits, query.thresholds[some]).shift(0, some[0]))
    assert_close(spans_of(answer)[0], select_spans(Spans.concatenate(parts), query))
    assert (answer.report.passes, answer.report.windows) == (len(passes), 1)


def test_windows_of_a_long_text_are_merged(model):
    query = make_query(LABELS[:2], 0.1)
    request = make_request(LONG_TEXT, query, window_overlap=10)
    (answer,) = extract(model, [request])
    bundle, (plan,) = require_bundle(model), plan_request(model, request)
    parts = [part.read(*score(bundle, [part.input])) for part in plan.parts]
    assert_close(spans_of(answer)[0], select_spans(Spans.concatenate(parts), query))
    assert answer.report == Report(len(split_words(LONG_TEXT)), len(plan.parts), 1, 0)
    assert len(plan.parts) > 3
    for part in plan.parts:  # each window found something
        own = (spans_of(answer)[0].start >= part.window.own_start) & (
            spans_of(answer)[0].end <= part.window.own_end
        )
        assert own.any()


def test_windows_keep_the_budgets_of_words_and_of_subtokens(model):
    bundle = require_bundle(model)
    assert (bundle.config.max_words, bundle.max_subtokens) == (64, 128)
    for text, words, subtokens in (("a " * 200, 64, 128), ("abcdefghij " * 60, 64, 128)):
        (plan,) = plan_request(model, make_request(text, make_query(LABELS[:2])))
        assert len(plan.parts) > 1
        assert max(len(part.input.word_positions) for part in plan.parts) <= words
        assert max(len(part.input) for part in plan.parts) <= subtokens
    assert max(len(part.input) for part in plan.parts) > 100  # the window is filled


@pytest.mark.parametrize("overflow, truncated", [("warn", True), ("window", False)])
def test_the_report_counts_words_that_were_not_read(model, overflow, truncated):
    n_words = len(split_words(LONG_TEXT))
    request = make_request(LONG_TEXT, make_query(LABELS[:2], 0.1), on_overflow=overflow)
    (answer,) = extract(model, [request])
    (plan,) = plan_request(model, request)
    end = max(part.window.end for part in plan.parts)
    assert answer.report.truncated_words == n_words - end
    assert (answer.report.truncated_words > 0) == truncated
    assert (answer.report.windows == 1) == truncated
    assert spans_of(answer)[0].end.max() <= end


def test_words_cut_to_fit_the_encoder_are_reported(model):
    (answer,) = extract(model, [make_request("x" * 90 + " and " + "y" * 99, make_query(LABELS))])
    assert (answer.report.words, answer.report.truncated_words) == (3, 2)


def test_a_text_that_is_too_long_is_told_before_anything_is_read(model, batches):
    requests = [
        make_request(TEXTS[0], make_query(LABELS)),
        make_request(LONG_TEXT, make_query(LABELS), on_overflow="raise"),
    ]
    with pytest.raises(ValueError, match="GM012"):
        extract(model, requests)
    assert batches == []


@pytest.mark.parametrize(
    "query, message",
    [
        (make_query(["label " * 40]), "GM010"),
        (make_query(LABELS, instruction="find " * 50), "GM011"),
    ],
)
def test_what_cannot_be_asked_is_told_and_the_rest_is_answered(model, query, message):
    possible = make_query(LABELS)
    with pytest.warns(UserWarning, match=message):
        (found,) = extract(model, [make_request(TEXTS[3], query, possible)])
    assert found.report.skipped_queries == 1
    assert len(found.answers[0].spans) == 0
    assert_close(found.answers[1].spans, find_alone(model, TEXTS[3], possible))


def test_spans_of_the_instruction_are_never_returned(model):
    query = make_query(LABELS, 0.2, instruction="Find all that the keeper saw:")
    (answer,) = extract(model, [make_request(TEXTS[0], query)])
    bundle, n = require_bundle(model), len(split_words(query.instruction))
    (logits,) = score(bundle, [make_input(bundle, f"{query.instruction} {TEXTS[0]}", LABELS)])
    assert_close(spans_of(answer)[0], select_spans(find_spans(logits[n:], query.thresholds), query))
    assert len(find_spans(logits[:n], query.thresholds)) > 0  # some would have been found there
    assert len(spans_of(answer)[0]) > 0
