"""Decoding: the spans, scores and choices of gliner 0.2.29, and of plain loops where it has no option."""

import numpy as np
import pytest
import torch
from gliner.decoding.decoder import Span as GlinerSpan
from gliner.decoding.decoder import TokenDecoder

from spacy_gliner_mt.decoding import find_spans, select_spans
from spacy_gliner_mt.types import Spans

from .util import make_query

REFERENCE = TokenDecoder(config=None)


def random_logits(seed, kind):
    """Logits of a few words and labels: continuous, or of few values so that many scores are equal."""
    rng = np.random.default_rng(seed)
    shape = (rng.integers(1, 30), rng.integers(1, 5), 3)
    if kind == "ties":
        return rng.choice([-1.0, 0.0, 0.5, 2.0], size=shape).astype(np.float32)
    if kind == "saturated":
        return rng.choice([-200.0, -30.0, 30.0, 200.0], size=shape, p=[0.1, 0.1, 0.4, 0.4]).astype(np.float32)
    return rng.normal(1, 2, size=shape).astype(np.float32)


def decode(logits, query):
    return select_spans(find_spans(logits, query.thresholds, query.span_score), query)


def rows_of(spans):
    bounds = (array.tolist() for array in (spans.start, spans.end, spans.label))
    return list(zip(*bounds, strict=True))


def scores_of(spans):
    return dict(zip(rows_of(spans), spans.score.tolist(), strict=True))


def reference_scores(found):
    return {(span.start, span.end + 1, int(span.entity_type)): span.score for span in found}


def reference_decode(logits, threshold, nested, multi_label):
    n_words, n_labels, _ = logits.shape
    (found,) = REFERENCE.decode(
        tokens=[["word"] * n_words],
        id_to_classes={i + 1: str(i) for i in range(n_labels)},
        model_output=torch.from_numpy(logits)[None],
        flat_ner=not nested,
        threshold=threshold,
        multi_label=multi_label,
    )
    return reference_scores(found)


@pytest.mark.parametrize("kind", ["continuous", "ties", "saturated"])
@pytest.mark.parametrize("threshold", [0.05, 0.3, 0.5, 0.8])
@pytest.mark.parametrize("multi_label", [False, True])
@pytest.mark.parametrize("nested", [False, True])
def test_decoding_equals_the_reference(nested, multi_label, threshold, kind):
    n_found = 0
    for seed in range(15):
        logits = random_logits(seed, kind)
        query = make_query(
            ["x"] * logits.shape[1], threshold=threshold, nested=nested, multi_label=multi_label
        )
        found = scores_of(decode(logits, query))
        assert found == pytest.approx(reference_decode(logits, threshold, nested, multi_label), rel=1e-5)
        n_found += len(found)
    assert n_found > 10  # so that it is no comparison of nothing


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("multi_label", [False, True])
@pytest.mark.parametrize("nested", [False, True])
def test_selection_among_arbitrary_spans_equals_the_reference(nested, multi_label, seed):
    """Also those that no logits give: any bounds with any score, many of them equal."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 80))
    start = rng.integers(0, 25, count)
    bounds = {
        (int(a), int(label), int(a + length))
        for a, label, length in zip(start, rng.integers(0, 3, count), rng.integers(1, 8, count), strict=True)
    }
    rows = sorted(bounds)  # in the reference's order of candidates: by start, label and end
    scores = rng.choice([0.5, 0.6, 0.75, 0.9], len(rows)).astype(np.float32)
    first, label, end = np.array(rows, dtype=np.int64).T
    shuffled = rng.permutation(len(rows))
    spans = Spans(first, end, label, scores).take(shuffled)
    selected = select_spans(spans, make_query(["x"] * 3, nested=nested, multi_label=multi_label))
    candidates = [
        GlinerSpan(start=a, end=b - 1, entity_type=str(of), score=float(score))
        for (a, of, b), score in zip(rows, scores, strict=True)
    ]
    expected = REFERENCE.greedy_search(candidates, flat_ner=not nested, multi_label=multi_label)
    assert scores_of(selected) == reference_scores(expected)
    assert rows_of(selected) == sorted(rows_of(selected), key=lambda row: (row[0], row[1], row[2]))


def sigmoid(logits):
    return 1 / (1 + np.exp(-logits.astype(np.float64)))


def all_spans(logits, thresholds, span_score):
    """Every span that the rule allows, by trying all of them: (start, label, end, score)."""
    start, end, inside = np.moveaxis(sigmoid(logits), 2, 0)
    n_words, n_labels, _ = logits.shape
    for first in range(n_words):
        for label in range(n_labels):
            for last in range(first, n_words):
                within = inside[first : last + 1, label]
                ends_exceed = min(start[first, label], end[last, label]) > thresholds[label]
                if ends_exceed and within.min() >= thresholds[label]:
                    lowest = min(within.min(), start[first, label], end[last, label])
                    yield first, label, last + 1, within.mean() if span_score == "mean" else lowest


@pytest.mark.parametrize("seed", range(15))
@pytest.mark.parametrize("span_score", ["min", "mean"])
def test_all_spans_are_found_in_order_with_a_threshold_for_each_label(span_score, seed):
    logits = random_logits(seed, "continuous")
    thresholds = np.random.default_rng(seed).uniform(0.1, 0.9, logits.shape[1]).astype(np.float32)
    expected = list(all_spans(logits, thresholds, span_score))
    found = find_spans(logits, thresholds, span_score)
    assert [(start, label, end) for start, end, label in rows_of(found)] == [row[:3] for row in expected]
    assert found.score.tolist() == pytest.approx([row[3] for row in expected], rel=1e-5)
    assert found.score.dtype == np.float32


def test_a_long_span_has_the_mean_and_the_minimum_of_all_its_words():
    inside = np.linspace(0.5, 3, 1000, dtype=np.float32)
    logits = np.full((1000, 1, 3), -5, dtype=np.float32)
    logits[:, 0, 2] = inside
    logits[0, 0, 0] = logits[-1, 0, 1] = 5
    thresholds = np.array([0.5], dtype=np.float32)
    for span_score, expected in (("min", sigmoid(inside).min()), ("mean", sigmoid(inside).mean())):
        found = find_spans(logits, thresholds, span_score)
        assert scores_of(found) == pytest.approx({(0, 1000, 0): expected}, rel=1e-5)


@pytest.mark.parametrize(
    "start, end, inside, found",
    [
        (0.1, 0.1, 0.1, True),
        # Starts and ends must exceed the threshold, words inside may equal it.
        (0.1, 0.1, 0.0, True),
        (0.0, 0.1, 0.1, False),
        (0.1, 0.0, 0.1, False),
        (0.1, 0.1, -0.1, False),
    ],
)
def test_a_score_that_equals_the_threshold(start, end, inside, found):
    logits = np.array([[[start, end, inside]]], dtype=np.float32)
    assert rows_of(find_spans(logits, np.array([0.5], dtype=np.float32))) == [(0, 1, 0)] * found


def test_a_run_of_inside_words_stays_within_its_label():
    """The last word of one label and the first of the next are no neighbours."""
    logits = np.full((2, 2, 3), -5, dtype=np.float32)
    logits[..., 2] = 5
    logits[1, 0, 0] = 5  # the first label starts at its last word
    logits[0, 1, 1] = 5  # the second label ends at its first word
    assert rows_of(find_spans(logits, np.full(2, 0.5, dtype=np.float32))) == []


@pytest.mark.parametrize("span_score", ["min", "mean"])
def test_huge_and_infinite_logits_give_probabilities(span_score):
    logits = np.full((3, 1, 3), 1e30, dtype=np.float32)
    logits[1, 0, :2] = -np.inf
    with np.errstate(all="raise"):
        found = find_spans(logits, np.array([0.5], dtype=np.float32), span_score)
    assert scores_of(found) == {(0, 1, 0): 1.0, (0, 3, 0): 1.0, (2, 3, 0): 1.0}


def test_no_spans_are_selected_of_none():
    for nested in (False, True):
        assert len(select_spans(Spans.empty(), make_query(["x"], nested=nested))) == 0


@pytest.mark.parametrize(
    "spans, nested, multi_label, kept",
    [
        # Overlap, containment, the same bounds, and mere neighbours: (start, end, label, score).
        ([(0, 3, 0, 0.5), (2, 4, 0, 0.9)], False, False, [1]),
        ([(0, 3, 0, 0.9), (3, 4, 0, 0.5)], False, False, [0, 1]),
        ([(0, 3, 0, 0.5), (1, 2, 1, 0.9)], False, False, [1]),
        ([(0, 3, 0, 0.5), (1, 2, 1, 0.9)], True, False, [0, 1]),
        ([(0, 3, 0, 0.5), (2, 4, 1, 0.9)], True, False, [1]),
        ([(0, 3, 0, 0.5), (0, 3, 1, 0.9)], False, False, [1]),
        ([(0, 3, 0, 0.5), (0, 3, 1, 0.9)], True, False, [1]),
        ([(0, 3, 0, 0.5), (0, 3, 1, 0.9)], False, True, [0, 1]),
        ([(0, 3, 0, 0.5), (1, 3, 1, 0.9)], False, True, [1]),
        ([(0, 3, 0, 0.5), (1, 3, 1, 0.9), (0, 3, 1, 0.4)], True, True, [0, 2, 1]),
        # A span that lost excludes no other.
        ([(0, 2, 0, 0.9), (1, 4, 0, 0.8), (3, 5, 0, 0.7)], False, False, [0, 2]),
        # Of equals the first.
        ([(1, 3, 0, 0.5), (0, 2, 0, 0.5)], False, False, [1]),
        ([(0, 2, 1, 0.5), (0, 2, 0, 0.5)], False, False, [1]),
        ([(0, 3, 0, 0.5), (0, 2, 0, 0.5)], False, False, [1]),
    ],
)
def test_which_spans_exclude_each_other(spans, nested, multi_label, kept):
    start, end, label, score = (np.array(column) for column in zip(*spans, strict=True))
    query = make_query(["x", "y"], nested=nested, multi_label=multi_label)
    selected = select_spans(Spans(start, end, label, score.astype(np.float32)), query)
    assert rows_of(selected) == [spans[index][:3] for index in kept]


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("seed", range(10))
def test_selecting_again_changes_nothing(seed, nested):
    logits = random_logits(seed, "continuous")
    query = make_query(["x"] * logits.shape[1], nested=nested)
    once = decode(logits, query)
    assert scores_of(select_spans(once, query)) == scores_of(once)
