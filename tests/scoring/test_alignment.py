"""Alignment: spans move to the reference by the characters they share."""

import pytest
from spacy.tokens import Doc
from spacy.training import Example

from spacy_gliner_mt.scoring.alignment import align_span

from .util import VOCAB


@pytest.mark.parametrize(
    ("start", "end", "bounds"),
    [
        (0, 1, (0, 2)),  # "NewYork" is two tokens there
        (1, 3, (2, 3)),  # "is" and "n't" are one
        (2, 3, (2, 3)),  # a part of a token is all of it
        (0, 4, (0, 4)),
        (3, 3, None),
    ],
)
def test_spans_move_to_the_tokens_they_touch(start, end, bounds):
    predicted = Doc(VOCAB, words=["NewYork", "is", "n't", "big"], spaces=[True, False, True, False])
    reference = Doc(VOCAB, words=["New", "York", "isn't", "big"], spaces=[False, True, True, False])
    assert align_span(predicted[start:end], Example(predicted, reference)) == bounds
