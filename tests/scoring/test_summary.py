"""Summary: ROUGE by hand."""

import pytest
from spacy.training import Example

from spacy_gliner_mt.scoring.summary import score_summary

from .util import add_group, find, make_doc

TEXT = "the cat sat on the mat while it was raining all day"


def make_example(found, gold):
    """Spans found, and those that are right or the text of a summary."""
    predicted, reference = make_doc(TEXT), make_doc(TEXT)
    add_group(predicted, "summary", [find(predicted, text) for text in found])
    if isinstance(gold, list):
        add_group(reference, "summary", [find(reference, text) for text in gold])
    else:
        reference.user_data["summary"] = gold
    return Example(predicted, reference)


def score(*examples):
    scores = score_summary(examples)
    return [scores[f"summary_{name}"] for name in ("rouge1", "rouge2", "rougeL")]


@pytest.mark.parametrize(
    ("found", "gold", "scores"),
    [
        (["the cat sat"], ["the cat sat"], [1, 1, 1]),
        # words "the" and "cat", the pair of them, and both in this order
        (["the cat sat"], "The cat ran.", [2 / 3, 1 / 2, 2 / 3]),
        # all words, but no pair, and any two in the wrong order
        (["the cat", "it was"], "was it cat the", [1, 0, 1 / 4]),
        # parts are joined in order, as one text
        (["the cat", "raining all"], "the cat raining all", [1, 1, 1]),
        # other forms of a word are the same word
        (["raining"], "rains", [1, 0, 1]),
        (["the cat sat"], "a dog", [0, 0, 0]),
        ([], "a dog", [0, 0, 0]),
        (["the cat sat"], [], [0, 0, 0]),
    ],
)
def test_rouge(found, gold, scores):
    assert score(make_example(found, gold)) == pytest.approx(scores)


def test_text_of_a_summary_comes_before_spans():
    example = make_example(["the cat"], ["the cat"])
    example.reference.user_data["summary"] = "a dog"
    assert score(example) == [0, 0, 0]


def test_scores_are_means_over_docs_with_a_summary():
    unknown = Example(make_example(["the cat"], []).predicted, make_doc(TEXT))
    examples = [make_example(["the cat"], "the cat"), make_example(["the cat"], "a dog"), unknown]
    assert score(*examples) == [1 / 2, 1 / 2, 1 / 2]
    assert score(unknown) == score() == [None] * 3


def test_docs_that_were_not_summarised_count():
    assert score(Example(make_doc(TEXT), make_example([], "a dog").reference)) == [0, 0, 0]


def test_summary_must_be_one_text():
    with pytest.raises(ValueError, match=r"GM061.*'One\.', 'Two\.'"):
        score(make_example([], ("One.", "Two.")))
