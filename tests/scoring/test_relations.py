"""Relations: triples and tails counted by hand."""

import pytest
from spacy.tokens import Doc
from spacy.training import Example

from spacy_gliner_mt.scoring.relations import score_relations

from .util import VOCAB, make_doc

TEXT = "Ada married Will Lovelace and Ada wrote to Charles Babbage of London"
TRIPLES = ("relations_p", "relations_r", "relations_f")
TAILS = ("relations_tails_em", "relations_tails_f")
ADA, WILL, CHARLES, LONDON = (0, 3), (12, 25), (43, 58), (62, 68)
ADA_AGAIN, LOVELACE, BABBAGE = (30, 33), (17, 25), (51, 58)


def add_relations(doc, relations):
    """Add relations as (head, label, tail) or (head, label, tail, score), in characters."""

    def to_data(bounds):
        return {"start": bounds[0], "end": bounds[1], "text": doc.text[slice(*bounds)], "label": ""}

    doc._.relation_data = [
        {"head": to_data(head), "label": label, "tail": to_data(tail), "score": score[0] if score else 1.0}
        for head, label, tail, *score in relations
    ]


def make_example(found, gold):
    predicted, reference = make_doc(TEXT), make_doc(TEXT)
    add_relations(predicted, found)
    add_relations(reference, gold)
    return Example(predicted, reference)


def score(keys, *examples):
    scores = score_relations(examples)
    return [scores[key] for key in keys]


@pytest.mark.parametrize(
    ("found", "prf"),
    [
        ([(ADA, "spouse", WILL)], [1, 1 / 2, 2 / 3]),
        ([(ADA, "spouse", WILL), (ADA_AGAIN, "friend", CHARLES)], [1, 1, 1]),
        # all three parts must be right
        ([(ADA, "friend", WILL)], [0, 0, 0]),
        ([(ADA, "spouse", LOVELACE)], [0, 0, 0]),
        ([(ADA_AGAIN, "spouse", WILL)], [0, 0, 0]),
        ([(WILL, "spouse", ADA)], [0, 0, 0]),
        # what is found twice counts once
        ([(ADA, "spouse", WILL), (ADA, "spouse", WILL)], [1, 1 / 2, 2 / 3]),
        ([(ADA, "spouse", WILL), (CHARLES, "home", LONDON)], [1 / 2, 1 / 2, 1 / 2]),
        ([], [0, 0, 0]),
    ],
)
def test_triples_are_right_as_a_whole(found, prf):
    gold = [(ADA, "spouse", WILL), (ADA_AGAIN, "friend", CHARLES)]
    assert score(TRIPLES, make_example(found, gold)) == pytest.approx(prf)


def test_triples_are_counted_by_label():
    found = [(ADA, "spouse", WILL), (ADA, "friend", CHARLES)]
    gold = [(ADA, "spouse", WILL), (CHARLES, "home", LONDON), (ADA, "spouse", LONDON)]
    (per_type,) = score(["relations_per_type"], make_example(found, gold))
    assert per_type == {
        "spouse": pytest.approx({"p": 1, "r": 1 / 2, "f": 2 / 3}),
        "home": {"p": 0, "r": 0, "f": 0},
        "friend": {"p": 0, "r": 0, "f": 0},
    }


def test_counts_add_up_over_docs():
    """An empty list of gold relations says that there are none."""
    examples = [make_example([(ADA, "spouse", WILL)], gold) for gold in ([(ADA, "spouse", WILL)], [])]
    assert score(TRIPLES, *examples) == pytest.approx([1 / 2, 1, 2 / 3])


@pytest.mark.parametrize(
    ("found", "em", "f"),
    [
        ([(ADA, "spouse", WILL)], 1, 1),
        ([(ADA, "spouse", LOVELACE)], 0, 2 * 1 / (1 + 2)),
        ([(ADA, "spouse", LONDON)], 0, 0),
        ([], 0, 0),
        # only the best tail counts
        ([(ADA, "spouse", WILL, 0.6), (ADA, "spouse", LONDON, 0.7)], 0, 0),
        ([(ADA, "spouse", WILL, 0.7), (ADA, "spouse", LONDON, 0.6)], 1, 1),
        # of this head and this relation
        ([(ADA, "friend", WILL)], 0, 0),
        ([(ADA_AGAIN, "spouse", WILL)], 0, 0),
        # others are not asked for, and do no harm
        ([(ADA, "spouse", WILL, 0.6), (ADA, "friend", CHARLES, 0.9)], 1, 1),
    ],
)
def test_best_tail_is_compared_with_the_gold_one(found, em, f):
    assert score(TAILS, make_example(found, [(ADA, "spouse", WILL)])) == pytest.approx([em, f])


def test_gold_tails_of_one_head_and_relation_are_alternatives():
    gold = [(ADA, "friend", WILL), (ADA, "friend", CHARLES), (CHARLES, "home", LONDON)]
    assert score(TAILS, make_example([(ADA, "friend", CHARLES)], gold)) == [1 / 2, 1 / 2]


def test_docs_may_be_tokenized_otherwise():
    predicted = Doc(VOCAB, words=["Ada", "of", "Lon", "don"], spaces=[True, True, False, False])
    reference = make_doc("Ada of London")
    add_relations(predicted, [((0, 3), "home", (7, 13))])
    add_relations(reference, [((0, 3), "home", (7, 13))])
    assert score(TRIPLES + TAILS, Example(predicted, reference)) == [1] * 5


def test_docs_without_gold_do_not_count():
    example = make_example([(ADA, "spouse", WILL)], [])
    example.reference._.relation_data = None
    assert set(score_relations([example]).values()) == set(score_relations([]).values()) == {None}


def test_docs_that_were_not_asked_do_count():
    example = make_example([], [(ADA, "spouse", WILL)])
    example.predicted._.relation_data = None
    assert score(TRIPLES + TAILS, example) == [0] * 5
