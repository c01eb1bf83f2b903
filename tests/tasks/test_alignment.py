"""Alignment: what `Doc.char_span` does for one span, for all of them."""

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc

from spacy_gliner_mt.encoding.words import split_words
from spacy_gliner_mt.tasks.alignment import align_spans, read_words
from spacy_gliner_mt.types import Spans

VOCAB = spacy.blank("xx").vocab  # which knows what is a space
MODES = ["strict", "contract", "expand"]
# Tokens whose borders are those of the model's words, or lie within one, or hold several.
TOKENS = ["New", "York", "ab", "-", "don't", "x.y", "...", "  ", "\n", "東京", "e\u0301", "\u200b", "$5"]


def make_doc(*words, spaces=None):
    return Doc(VOCAB, words=words, spaces=spaces)


def random_doc(seed):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 30))
    return make_doc(*rng.choice(TOKENS, count).tolist(), spaces=(rng.random(count) < 0.5).tolist())


def all_spans(n_words):
    """Every span, its label and score told by its place."""
    start, last = np.triu_indices(n_words)
    index = np.arange(len(start))
    return Spans(start, last + 1, index, (index / max(len(index), 1)).astype(np.float32))


def make_spans(*bounds):
    start, end = np.array(bounds, dtype=np.int64).reshape(-1, 2).T
    return Spans(start, end, np.zeros(len(start), dtype=np.int64), np.ones(len(start), dtype=np.float32))


def rows_of(spans):
    arrays = (spans.start, spans.end, spans.label, spans.score)
    return list(zip(*(array.tolist() for array in arrays), strict=True))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("seed", range(25))
def test_aligned_spans_equal_those_of_char_span(seed, mode):
    doc = random_doc(seed)
    words = split_words(doc.text)
    spans = all_spans(len(words))
    expected = []
    for start, end, label, score in rows_of(spans):
        chars = int(words.starts[start]), int(words.ends[end - 1])
        span = doc.char_span(*chars, alignment_mode=mode)
        if span is not None:
            expected.append((span.start, span.end, label, score))
    aligned, n_missed = align_spans(spans, words, doc, mode)
    assert rows_of(aligned) == expected
    assert n_missed == len(spans) - len(expected)


def test_the_random_docs_have_spans_of_every_kind():
    """Or the comparison above would show little."""
    missed = dict.fromkeys(MODES, 0)
    for seed in range(25):
        doc = random_doc(seed)
        words = split_words(doc.text)
        for mode in MODES:
            missed[mode] += align_spans(all_spans(len(words)), words, doc, mode)[1]
    assert missed["strict"] > missed["contract"] > missed["expand"] == 0


@pytest.mark.parametrize(
    "mode, aligned, n_missed",
    [
        ("strict", [(0, 1), (0, 3)], 3),
        ("contract", [(0, 1), (0, 1), (0, 3), (2, 3)], 1),
        ("expand", [(0, 1), (0, 2), (1, 2), (0, 3), (1, 3)], 0),
    ],
)
def test_modes(mode, aligned, n_missed):
    doc = make_doc("a", "b.c", "d")  # whose words are: a, b, ., c, d
    words = split_words(doc.text)
    spans = make_spans((0, 1), (0, 2), (2, 3), (0, 5), (2, 5))
    found, missed = align_spans(spans, words, doc, mode)
    assert list(zip(found.start.tolist(), found.end.tolist(), strict=True)) == aligned
    assert missed == n_missed


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("seed", range(8))
def test_words_that_are_tokens_lose_nothing(seed, mode):
    doc = random_doc(seed)
    words = read_words(doc, "spacy")
    tokens = [token.i for token in doc if not token.is_space]
    spans = all_spans(len(words))
    aligned, n_missed = align_spans(spans, words, doc, mode)
    assert n_missed == 0
    assert rows_of(aligned) == [
        (tokens[start], tokens[end - 1] + 1, label, score) for start, end, label, score in rows_of(spans)
    ]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("words", [[], ["\n"], [" ", "\t"]])
def test_a_doc_without_words_has_no_spans(words, mode):
    doc = make_doc(*words)
    for splitter in ("regex", "spacy"):
        read = read_words(doc, splitter)
        assert len(read) == 0
        aligned, n_missed = align_spans(Spans.empty(), read, doc, mode)
        assert (rows_of(aligned), n_missed) == ([], 0)


@pytest.mark.parametrize("seed", range(8))
def test_regex_words_are_those_of_the_text(seed):
    doc = random_doc(seed)
    read, expected = read_words(doc, "regex"), split_words(doc.text)
    assert read.texts == expected.texts
    assert (read.starts.tolist(), read.ends.tolist()) == (expected.starts.tolist(), expected.ends.tolist())


def test_spacy_words_are_the_tokens_that_are_no_space():
    doc = make_doc("don't", "\n", "東京", "  ", "a b", "x-y", spaces=[True, False, False, True, True, False])
    read = read_words(doc, "spacy")
    assert read.texts == ("don't", "東京", "a b", "x-y")
    found = [doc.text[start:end] for start, end in zip(read.starts, read.ends, strict=True)]
    assert tuple(found) == read.texts
