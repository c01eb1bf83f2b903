"""Entities: counts by hand, for exact and partial matches."""

import pytest
from spacy.scorer import get_ner_prf
from spacy.tokens import Doc, Span
from spacy.training import Example

from spacy_gliner_mt.scoring.entities import score_entities

from .util import VOCAB, make_doc

TEXT = "Ada Lovelace met Charles Babbage in London"


def make_example(found, gold):
    """One text with the entities found, and those that are right, as (start, end, label)."""
    predicted, reference = make_doc(TEXT), make_doc(TEXT)
    predicted.set_ents([Span(predicted, *ent) for ent in found])
    reference.set_ents([Span(reference, *ent) for ent in gold])
    return Example(predicted, reference)


def read_prf(scores, prefix):
    return [scores[f"{prefix}_{key}"] for key in "prf"]


@pytest.mark.parametrize(
    ("found", "gold", "exact", "partial"),
    [
        # the same
        ([(0, 2, "person")], [(0, 2, "person")], [1, 1, 1], [1, 1, 1]),
        # an overlap counts half, but only with the right label
        ([(0, 1, "person")], [(0, 2, "person")], [0, 0, 0], [1 / 2, 1 / 2, 1 / 2]),
        ([(0, 1, "city")], [(0, 2, "person")], [0, 0, 0], [0, 0, 0]),
        ([(0, 2, "city")], [(0, 2, "person")], [0, 0, 0], [0, 0, 0]),
        # neighbours do not overlap
        ([(0, 1, "person")], [(1, 2, "person")], [0, 0, 0], [0, 0, 0]),
        ([(1, 2, "person")], [(0, 1, "person")], [0, 0, 0], [0, 0, 0]),
        # each entity is matched once
        ([(0, 2, "person")], [(0, 1, "person"), (1, 2, "person")], [0, 0, 0], [1 / 2, 1 / 4, 1 / 3]),
        ([(0, 1, "person"), (1, 2, "person")], [(0, 2, "person")], [0, 0, 0], [1 / 4, 1 / 2, 1 / 3]),
        # the first found overlaps both, and leaves the second to the other
        (
            [(1, 4, "person"), (4, 5, "person")],
            [(0, 2, "person"), (3, 5, "person")],
            [0, 0, 0],
            [1 / 2, 1 / 2, 1 / 2],
        ),
        # one right, one half right, one missed
        (
            [(0, 2, "person"), (4, 5, "person")],
            [(0, 2, "person"), (3, 5, "person"), (6, 7, "city")],
            [1 / 2, 1 / 3, 2 / 5],
            [3 / 4, 1 / 2, 3 / 5],
        ),
        # nothing found, nothing there
        ([], [(0, 2, "person")], [0, 0, 0], [0, 0, 0]),
        ([(0, 2, "person")], [], [0, 0, 0], [0, 0, 0]),
    ],
)
def test_exact_and_partial_matches(found, gold, exact, partial):
    scores = score_entities([make_example(found, gold)])
    assert read_prf(scores, "ents") == pytest.approx(exact)
    assert read_prf(scores, "ents_partial") == pytest.approx(partial)


def test_macro_f1_is_the_mean_of_labels():
    found = [(0, 2, "person"), (6, 7, "country")]
    gold = [(0, 2, "person"), (3, 5, "person"), (6, 7, "city")]
    scores = score_entities([make_example(found, gold)])
    assert scores["ents_per_type"]["person"] == pytest.approx({"p": 1, "r": 1 / 2, "f": 2 / 3})
    assert scores["ents_macro_f"] == pytest.approx((2 / 3 + 0 + 0) / 3)
    assert scores["ents_f"] == pytest.approx(2 * 1 / (2 + 3))


def test_counts_add_up_over_docs():
    examples = [make_example([(0, 2, "person")], [(0, 2, "person")]), make_example([], [(0, 2, "person")])]
    assert read_prf(score_entities(examples), "ents_partial") == pytest.approx([1, 1 / 2, 2 / 3])


def test_exact_scores_are_those_of_spacy():
    examples = [make_example([(0, 2, "person"), (6, 7, "city")], [(0, 2, "person"), (3, 5, "person")])]
    assert get_ner_prf(examples).items() <= score_entities(examples).items()


def test_docs_may_be_tokenized_otherwise():
    predicted = Doc(VOCAB, words=["Ada", "Love", "lace", "met"], spaces=[True, False, True, False])
    reference = Doc(VOCAB, words=["Ada", "Lovelace", "met"], spaces=[True, True, False])
    predicted.set_ents([Span(predicted, 0, 3, "person")])
    reference.set_ents([Span(reference, 0, 2, "person")])
    assert read_prf(score_entities([Example(predicted, reference)]), "ents_partial") == [1, 1, 1]


def test_what_is_not_annotated_is_neither_right_nor_wrong():
    example = make_example([(0, 2, "person"), (3, 5, "person")], [])
    reference = example.reference
    reference.set_ents([Span(reference, 0, 2, "person")], missing=[reference[4:5]])
    scores = score_entities([example])
    assert read_prf(scores, "ents_partial") == read_prf(scores, "ents") == [1, 1, 1]


@pytest.mark.parametrize(
    "examples",
    [
        [],
        [Example(make_example([(0, 2, "person")], []).predicted, make_doc(TEXT))],
        [make_example([], [])],
    ],
    ids=["no Docs", "no annotation", "no entities"],
)
def test_without_anything_to_count_there_are_no_scores(examples):
    assert set(score_entities(examples).values()) == {None}


def test_entities_that_are_given_as_heads_are_not_scored():
    given, asked = (make_example([(0, 2, "person")], [(0, 2, "person")]) for _ in range(2))
    given.reference._.gliner = {"relations": ["met"], "relation_heads": "ents", "labels": []}
    asked.reference._.gliner = {"relations": ["met"], "relation_heads": "ents", "labels": ["person"]}
    assert score_entities([given])["ents_f"] is None
    assert score_entities([given, asked])["ents_per_type"]["person"]["f"] == 1
