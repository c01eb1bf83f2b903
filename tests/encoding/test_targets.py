"""Targets: the cells that are 1, and those that are not known."""

import numpy as np
import pytest

from spacy_gliner_mt.encoding.plan import plan_query
from spacy_gliner_mt.encoding.targets import align_gold, find_held, make_targets
from spacy_gliner_mt.encoding.words import split_words
from spacy_gliner_mt.gold import Gold
from spacy_gliner_mt.tasks.gold import mark_spans
from spacy_gliner_mt.types import Budget

from ..util import make_bundle, make_query

TEXT = "Ada Byron met Mr. Babbage in rainy London"
#       0   4     10  14  18      26 29    35      (the full stop after Mr is a word: 16)
ENCODER = make_bundle().tokenizer
WIDE = Budget(words=100, subtokens=500, labels=30, overlap=0)
PERSON, CITY = 0, 1


def make_gold(*spans, labels=("person", "city"), wrong=(), unknown=(), **query):
    return Gold(
        make_query(labels, **query),
        mark_spans(spans),
        wrong=mark_spans(wrong),
        unknown=np.array(unknown, dtype=np.int64).reshape(-1, 2),
    )


def plan(gold, text=TEXT, budget=WIDE):
    words = split_words(text)
    parts = plan_query(gold.query, words, ENCODER.encode(words.texts), ENCODER, budget).parts
    return words, list(parts)


def targets_of(gold, text=TEXT, budget=WIDE):
    words, parts = plan(gold, text, budget)
    aligned = align_gold(gold, words)
    return [make_targets(aligned, part) for part in parts], aligned


def cells(targets):
    """The cells that are 1: word, label and kind."""
    return {tuple(cell) for cell in np.argwhere(targets.values).tolist()}


def masked(targets):
    """The words and labels that are masked, all three kinds together."""
    hidden = np.argwhere(~targets.mask).tolist()
    pairs = {(word, label) for word, label, _ in hidden}
    assert len(hidden) == 3 * len(pairs)
    return pairs


def test_start_end_and_inside():
    (targets,), aligned = targets_of(make_gold((0, 9, PERSON), (35, 41, CITY)))
    assert targets.values.shape == targets.mask.shape == (9, 2, 3)
    assert cells(targets) == {
        (0, PERSON, 0),
        (1, PERSON, 1),
        (0, PERSON, 2),
        (1, PERSON, 2),
        *((8, CITY, kind) for kind in range(3)),
    }
    assert targets.mask.all()
    assert aligned.misaligned == 0


def test_nothing_annotated_is_all_negative():
    (targets,), _ = targets_of(make_gold())
    assert not targets.values.any()
    assert targets.mask.all()


def test_spans_may_overlap_and_share_words():
    (targets,), _ = targets_of(make_gold((0, 9, PERSON), (0, 3, PERSON), (0, 9, CITY)))
    assert {cell for cell in cells(targets) if cell[1] == PERSON} == {
        (0, 0, 0),
        (0, 0, 1),
        (1, 0, 1),
        (0, 0, 2),
        (1, 0, 2),
    }
    assert sum(cell[1] == CITY for cell in cells(targets)) == 4


@pytest.mark.parametrize("start, end", [(35, 41), (34, 41), (34, 42)])
def test_white_space_around_a_span_makes_no_difference(start, end):
    (targets,), aligned = targets_of(make_gold((start, end, CITY)), TEXT + " ")
    assert cells(targets) == {(8, CITY, kind) for kind in range(3)}
    assert aligned.misaligned == 0


@pytest.mark.parametrize(
    "start, end, words",
    [
        (0, 2, [0]),  # ends inside a word
        (1, 3, [0]),  # begins inside one
        (5, 12, [1, 2]),  # both
        (14, 15, [3]),  # "M" of "Mr"
        (29, 39, [7, 8]),  # fits at its start only
    ],
)
def test_spans_that_do_not_fit_the_words_are_masked(start, end, words):
    (targets,), aligned = targets_of(make_gold((start, end, PERSON)))
    assert not cells(targets)
    assert masked(targets) == {(word, PERSON) for word in words}
    assert aligned.misaligned == 1


def test_what_is_known_is_not_masked_by_a_misfit():
    (targets,), _ = targets_of(make_gold((0, 9, PERSON), (1, 12, PERSON)))
    assert cells(targets) == {(0, 0, 0), (1, 0, 1), (0, 0, 2), (1, 0, 2)}
    # Words 0 to 2 are touched; the four cells that are right stay.
    known = np.argwhere(targets.mask[:3, PERSON]).tolist()
    assert known == [[0, 0], [0, 2], [1, 1], [1, 2]]


@pytest.mark.parametrize("start, end", [(9, 10), (60, 70)])
def test_spans_without_words_are_counted(start, end):
    (targets,), aligned = targets_of(make_gold((start, end, PERSON)))
    assert aligned.misaligned == 1
    assert not cells(targets)
    assert targets.mask.all()


def test_unknown_words_are_masked_for_all_labels():
    (targets,), _ = targets_of(make_gold((35, 41, CITY), unknown=[(0, 12), (29, 41)]))
    # What is annotated there all the same is known.
    right = {(8, CITY, kind) for kind in range(3)}
    assert cells(targets) == right
    mask = np.ones((9, 2, 3), dtype=bool)
    mask[[0, 1, 2, 7, 8]] = False
    mask[8, CITY] = True
    assert (targets.mask == mask).all()


def test_wrong_spans_are_negative_where_nothing_else_is_known():
    (targets,), _ = targets_of(make_gold(wrong=[(0, 13, PERSON)], unknown=[(0, len(TEXT))]))
    assert not cells(targets)
    known = {tuple(cell) for cell in np.argwhere(targets.mask).tolist()}
    assert known == {(0, 0, 0), (2, 0, 1), (0, 0, 2), (1, 0, 2), (2, 0, 2)}


def test_right_spans_win_over_wrong_ones_that_share_words():
    (targets,), _ = targets_of(make_gold((0, 9, PERSON), wrong=[(0, 13, PERSON)], unknown=[(0, len(TEXT))]))
    assert cells(targets) == {(0, 0, 0), (1, 0, 1), (0, 0, 2), (1, 0, 2)}
    negative = {tuple(cell) for cell in np.argwhere(targets.mask & (targets.values == 0)).tolist()}
    assert negative == {(2, 0, 1), (2, 0, 2)}


def test_wrong_spans_that_do_not_fit_are_counted():
    (targets,), aligned = targets_of(make_gold(wrong=[(0, 2, PERSON)], unknown=[(0, len(TEXT))]))
    assert aligned.misaligned == 1
    assert not targets.mask.any()


def test_words_of_the_instruction_are_negatives():
    gold = make_gold((0, 3, 0), labels=["answer"], instruction="Who met Babbage?")
    (targets,), _ = targets_of(gold)
    assert targets.values.shape == (4 + 9, 1, 3)
    assert cells(targets) == {(4, 0, kind) for kind in range(3)}
    assert targets.mask.all()


def test_an_instruction_that_is_read():
    gold = make_gold(
        (8, 13, 0),
        labels=["match"],
        instruction="Classes sport, politics",
        read_instruction=True,
        unknown=[(15, 23)],
    )
    (targets,), _ = targets_of(gold)
    assert cells(targets) == {(1, 0, kind) for kind in range(3)}
    assert masked(targets) == {(3, 0)}
    # The words of the text are negatives.
    assert targets.mask[4:].all()


class TestWindows:
    BUDGET = Budget(words=5, subtokens=500, labels=30, overlap=1)  # words 0-4 and 4-8

    def test_windows(self):
        _, parts = plan(make_gold(), budget=self.BUDGET)
        assert [(part.window.start, part.window.end) for part in parts] == [(0, 5), (4, 9)]

    def test_each_has_its_own_words(self):
        (first, second), _ = targets_of(make_gold((0, 9, PERSON), (35, 41, CITY)), budget=self.BUDGET)
        assert cells(first) == {(0, 0, 0), (1, 0, 1), (0, 0, 2), (1, 0, 2)}
        assert cells(second) == {(4, CITY, kind) for kind in range(3)}
        assert first.mask.all() and second.mask.all()

    def test_a_span_that_two_windows_hold_is_in_both(self):
        (first, second), _ = targets_of(make_gold((16, 17, PERSON)), budget=self.BUDGET)
        assert cells(first) == {(4, PERSON, kind) for kind in range(3)}
        assert cells(second) == {(0, PERSON, kind) for kind in range(3)}

    def test_spans_that_a_window_cuts_are_masked(self):
        gold = make_gold((14, 25, PERSON))  # words 3 to 5
        (first, second), aligned = targets_of(gold, budget=self.BUDGET)
        assert not cells(first) and not cells(second)
        assert masked(first) == {(3, PERSON), (4, PERSON)}
        assert masked(second) == {(0, PERSON), (1, PERSON)}
        assert not find_held(aligned.spans, plan(gold, budget=self.BUDGET)[1]).any()

    def test_unknown_words_are_those_of_the_window(self):
        (first, second), _ = targets_of(make_gold(unknown=[(26, 41)]), budget=self.BUDGET)
        assert first.mask.all()
        assert masked(second) == {(word, label) for word in (2, 3, 4) for label in (0, 1)}

    def test_the_instruction_moves_all_words(self):
        budget = Budget(words=7, subtokens=500, labels=30, overlap=1)
        gold = make_gold((35, 41, 0), labels=["answer"], instruction="Where now")
        (first, second), _ = targets_of(gold, budget=budget)
        assert not cells(first)
        assert cells(second) == {(6, 0, kind) for kind in range(3)}


def test_labels_are_those_of_the_pass():
    budget = Budget(words=100, subtokens=500, labels=1, overlap=0)
    gold = make_gold((0, 3, PERSON), (35, 41, CITY), (1, 3, CITY))
    (first, second), aligned = targets_of(gold, budget=budget)
    assert cells(first) == {(0, 0, kind) for kind in range(3)}
    assert cells(second) == {(8, 0, kind) for kind in range(3)}
    assert masked(first) == set() and masked(second) == {(0, 0)}
    assert find_held(aligned.spans, plan(gold, budget=budget)[1]).all()


def test_labels_that_are_not_asked_have_no_targets():
    gold = make_gold((0, 3, 0), (35, 41, 1), labels=["a", "b"], anchors=((0,), (99,)))
    (targets,), aligned = targets_of(gold)
    assert targets.values.shape == (9, 1, 3)
    assert find_held(aligned.spans, plan(gold)[1]).tolist() == [True, False]


@pytest.mark.parametrize("seed", range(20))
def test_targets_decode_to_the_gold(seed):
    """What the network should answer, read back by the decoder, is what is annotated."""
    rng = np.random.default_rng(seed)
    text = " ".join(f"w{i}" for i in range(40))
    words = split_words(text)
    firsts = rng.choice(19, size=6, replace=False) * 2
    spans = [
        (int(words.starts[first]), int(words.ends[first + rng.integers(2)]), int(rng.integers(2)))
        for first in firsts.tolist()
    ]
    gold = make_gold(*spans)
    budget = Budget(words=int(rng.integers(6, 50)), subtokens=500, labels=int(rng.integers(1, 3)), overlap=3)
    _, parts = plan(gold, text, budget)
    aligned = align_gold(gold, words)
    found = set()
    for part in parts:
        read = part.read(make_targets(aligned, part).values * 20 - 10)
        starts, ends = words.starts[read.start].tolist(), words.ends[read.end - 1].tolist()
        found.update(zip(starts, ends, read.label.tolist(), strict=True))
    held = find_held(aligned.spans, parts)
    assert held.any()
    assert found >= {span for span, is_held in zip(spans, held.tolist(), strict=True) if is_held}
