"""Answers: which questions count, and with which answers."""

import pytest
from spacy.training import Example

from spacy_gliner_mt.scoring.answers import score_answers

from .util import add_group, find, make_doc

TEXT = "the bridge was built by Taddeo Gaddi in 1345 for the city of Florence"
KEYS = ("answers_em", "answers_f", "answers_has_em", "answers_has_f", "answers_no_acc")


def add_answers(doc, answers, **attrs):
    """Add answers as (question, text)."""
    add_group(doc, "answers", [find(doc, text, span_id=question) for question, text in answers], **attrs)


def make_example(found, gold, *, asked=None, gold_asked=None):
    predicted, reference = make_doc(TEXT), make_doc(TEXT)
    add_answers(predicted, found, **({} if asked is None else {"questions_asked": asked}))
    add_answers(reference, gold, **({} if gold_asked is None else {"questions_asked": gold_asked}))
    return Example(predicted, reference)


def score(*examples):
    scores = score_answers(examples)
    return [scores[key] for key in KEYS]


@pytest.mark.parametrize(
    ("found", "em", "f"),
    [
        ([("Who?", "Taddeo Gaddi")], 1, 1),
        ([("Who?", "Gaddi")], 0, 2 * 1 / (2 + 1)),
        ([("Who?", "by Taddeo Gaddi")], 0, 2 * 2 / (2 + 3)),
        ([("Who?", "Florence")], 0, 0),
        ([], 0, 0),
        # only the best answer counts, and it stands first
        ([("Who?", "Florence"), ("Who?", "Taddeo Gaddi")], 0, 0),
        ([("Who?", "Taddeo Gaddi"), ("Who?", "Florence")], 1, 1),
        # an answer to something else does not
        ([("When?", "Taddeo Gaddi")], 0, 0),
    ],
)
def test_answer_is_compared_with_the_gold_one(found, em, f):
    assert score(make_example(found, [("Who?", "Taddeo Gaddi")])) == pytest.approx([em, f, em, f, None])


def test_gold_answers_to_one_question_are_alternatives():
    gold = [("For whom?", "the city of Florence"), ("For whom?", "Florence")]
    assert score(make_example([("For whom?", "Florence")], gold)) == [1, 1, 1, 1, None]
    assert score(make_example([("For whom?", "city")], gold))[1] == pytest.approx(2 * 1 / (1 + 3))


def test_questions_without_an_answer_are_right_without_one():
    asked = ["Who?", "How long?", "How high?"]
    found = [("Who?", "Gaddi"), ("How long?", "1345")]
    example = make_example(found, [("Who?", "Gaddi")], gold_asked=asked)
    assert score(example) == pytest.approx([2 / 3, 2 / 3, 1, 1, 1 / 2])


def test_gold_group_says_which_questions_count():
    """The predicted Doc was asked more, for which no answers are known."""
    example = make_example([("When?", "1345")], [], asked=["When?", "How long?"], gold_asked=["How long?"])
    assert score(example) == [1, 1, None, None, 1]


def test_otherwise_those_the_doc_was_asked_count():
    example = make_example([("When?", "1345")], [("Who?", "Gaddi")], asked=["When?", "How long?"])
    assert score(example) == pytest.approx([1 / 3, 1 / 3, 0, 0, 1 / 2])


def test_means_are_over_questions_rather_than_docs():
    two = make_example([], [("Who?", "Gaddi"), ("When?", "1345")])
    one = make_example([("Who?", "Gaddi")], [("Who?", "Gaddi")])
    assert score(two, one) == pytest.approx([1 / 3] * 4 + [None])


def test_docs_without_gold_do_not_count():
    example = make_example([("Who?", "Gaddi")], [])
    del example.reference.spans["answers"]
    assert score(example) == score() == [None] * 5


def test_docs_that_were_not_asked_do_count():
    example = make_example([], [("Who?", "Gaddi")], gold_asked=["Who?", "How long?"])
    del example.predicted.spans["answers"]
    assert score(example) == pytest.approx([1 / 2, 1 / 2, 0, 0, 1])


def test_gold_answers_need_a_question():
    with pytest.raises(ValueError, match=r"GM060.*Taddeo Gaddi"):
        score(make_example([], [("", "Taddeo Gaddi")]))


def test_right_texts_that_no_span_has_are_alternatives():
    example = make_example([("For whom?", "Florence")], [("For whom?", "the city of Florence")])
    example.reference.user_data["answers"] = {"For whom?": ["the city of Florence", "Florence"], "Why?": []}
    # The second question has no answer, and got none.
    assert score(example) == [1, 1, 1, 1, 1]


def test_right_texts_need_no_span():
    example = make_example([("For whom?", "Florence")], [])
    del example.reference.spans["answers"]
    example.reference.user_data["answers"] = {"For whom?": ["Florence"]}
    assert score(example) == [1, 1, 1, 1, None]
