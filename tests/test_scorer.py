"""The scorer: exact spans and labels, where gold is annotated."""

from __future__ import annotations

import pytest
import spacy
from spacy.tokens import Doc, Span
from spacy.training import Example
from spacy.util import registry
from spacy_gliner_mt.scorer import make_scorer, score

VOCAB = spacy.blank("en").vocab
Ent = tuple[int, int, str]


def _doc(*ents: Ent) -> Doc:
    doc = Doc(VOCAB, words=["Anna", "Smith", "met", "Bob", "in", "New", "York"])
    doc.set_ents([Span(doc, start, end, label=label) for start, end, label in ents])
    return doc


GOLD: tuple[Ent, ...] = ((0, 2, "PER"), (3, 4, "PER"), (5, 7, "GPE"))


@pytest.mark.parametrize(
    ("predicted", "precision", "recall"),
    [
        (GOLD, 1, 1),
        (GOLD[:1], 1, 1 / 3),
        ((*GOLD, (2, 3, "PER")), 3 / 4, 1),
        # Neither a part of the span nor the span with another label is a hit.
        (((0, 1, "PER"), (3, 4, "PER"), (5, 7, "GPE")), 2 / 3, 2 / 3),
        (((0, 2, "GPE"), (3, 4, "PER")), 1 / 2, 1 / 3),
        ((), 0, 0),
    ],
)
def test_score(predicted: tuple[Ent, ...], precision: float, recall: float):
    scores = score([Example(_doc(*predicted), _doc(*GOLD))])
    assert scores["ents_p"] == pytest.approx(precision)
    assert scores["ents_r"] == pytest.approx(recall)
    f_score = 2 * precision * recall / (precision + recall) if precision else 0
    assert scores["ents_f"] == pytest.approx(f_score)


def test_score_counts_over_all_examples():
    examples = [Example(_doc(*GOLD[:2]), _doc(*GOLD)), Example(_doc((0, 1, "PER")), _doc())]
    scores = score(examples)
    assert (scores["ents_p"], scores["ents_r"]) == pytest.approx((2 / 3, 2 / 3))


def test_score_of_each_label():
    scores = score([Example(_doc(GOLD[0], (3, 4, "ORG")), _doc(*GOLD))])["ents_per_type"]
    assert set(scores) == {"PER", "GPE", "ORG"}
    assert (scores["PER"]["p"], scores["PER"]["r"]) == (1, 0.5)
    assert (scores["GPE"]["r"], scores["ORG"]["p"]) == (0, 0)


def test_gold_without_annotation_is_not_scored():
    unknown = Doc(VOCAB, words=[token.text for token in _doc()])
    scores = score([Example(_doc(*GOLD), unknown)])
    assert scores["ents_f"] is None
    scores = score([Example(_doc(*GOLD), unknown), Example(_doc(*GOLD), _doc(*GOLD))])
    assert scores["ents_f"] == 1


def test_gold_of_other_tokens():
    """Gold counts where its characters are tokens of the prediction too."""
    gold = Doc(VOCAB, words=["Anna Smith", "met", "Bob", "in", "New", "York"])
    gold.set_ents([Span(gold, 0, 1, label="PER"), Span(gold, 4, 6, label="GPE")])
    assert score([Example(_doc(GOLD[0], GOLD[2]), gold)])["ents_f"] == 1


def test_settings_of_the_component_are_ignored():
    examples = [Example(_doc(*GOLD), _doc(*GOLD))]
    assert score(examples, threshold=0.5, labels=["PER"], spans_key="entities") == score(examples)


def test_scorer_is_registered():
    make = registry.scorers.get("spacy-gliner-mt.scorer.v1")
    assert make is make_scorer
    assert make() is score
