"""Types: the ragged and parallel arrays whose methods do arithmetic."""

from itertools import combinations_with_replacement

import numpy as np
import pytest

from spacy_gliner_mt.types import Markers, Pieces, Spans


def make_pieces(*strings):
    return Pieces(np.array([i for string in strings for i in string], dtype=np.int64), offsets_of(strings))


def offsets_of(strings):
    return np.cumsum([0, *map(len, strings)])


def strings_of(pieces):
    """The subtokens of each string, and that nothing else is there."""
    assert pieces.offsets[0] == 0 and pieces.offsets[-1] == len(pieces.ids)
    return [
        pieces.ids[start:end].tolist() for start, end in zip(pieces.offsets, pieces.offsets[1:], strict=False)
    ]


STRINGS = [[1, 2, 3], [], [4], [], [5, 6]]


@pytest.mark.parametrize("start, end", combinations_with_replacement(range(6), 2))
def test_a_slice_of_pieces_holds_those_strings(start, end):
    pieces = make_pieces(*STRINGS).slice(start, end)
    assert strings_of(pieces) == STRINGS[start:end]
    assert len(pieces) == end - start


@pytest.mark.parametrize("length", range(5))
def test_shortened_pieces_keep_the_first_subtokens_of_each_string(length):
    pieces = make_pieces(*STRINGS).shorten(length)
    assert strings_of(pieces) == [string[:length] for string in STRINGS]
    assert pieces.lengths.tolist() == [min(len(string), length) for string in STRINGS]


def test_pieces_of_no_strings():
    pieces = make_pieces()
    assert (len(pieces), pieces.lengths.tolist(), strings_of(pieces.shorten(3))) == (0, [], [])


def test_markers_count_what_frames_every_prompt():
    assert len(Markers(prefix=(1, 2), suffix=(3,), label=4, separator=5)) == 4


def make_spans(*rows):
    start, end, label, score = zip(*rows, strict=True)
    return Spans(np.array(start), np.array(end), np.array(label), np.array(score, dtype=np.float32))


def rows_of(spans):
    arrays = (spans.start, spans.end, spans.label, spans.score)
    return list(zip(*(array.tolist() for array in arrays), strict=True))


def test_spans_concatenate_in_order():
    first, second = make_spans((0, 1, 0, 0.5), (3, 4, 1, 0.25)), make_spans((2, 3, 0, 0.75))
    joined = Spans.concatenate([first, Spans.empty(), second])
    assert rows_of(joined) == rows_of(first) + rows_of(second)
    assert (joined.start.dtype, joined.score.dtype) == (np.int64, np.float32)


def test_no_spans_concatenate_to_none():
    assert rows_of(Spans.concatenate([])) == []


def test_spans_are_taken_by_mask_or_indices():
    spans = make_spans((0, 1, 0, 0.5), (3, 4, 1, 0.25), (2, 3, 0, 0.75))
    assert rows_of(spans.take(np.array([True, False, True]))) == [(0, 1, 0, 0.5), (2, 3, 0, 0.75)]
    assert rows_of(spans.take(np.array([2, 0]))) == [(2, 3, 0, 0.75), (0, 1, 0, 0.5)]


def test_shifted_spans_keep_length_and_score():
    assert rows_of(make_spans((0, 2, 1, 0.5)).shift(10, 5)) == [(10, 12, 6, 0.5)]
