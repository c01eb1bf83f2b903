"""Answers: which questions are asked, and how what was found is written."""

import pytest
from spacy.tokens import Span

from spacy_gliner_mt.settings import Settings
from spacy_gliner_mt.tasks.answers import AnswerTask

from .util import annotate, make_doc

TEXT = "Ada left Bonn in May ."
WHO, WHEN = "Who left?", "When?"


def test_nothing_is_asked_without_questions():
    assert AnswerTask(Settings()).queries(make_doc(TEXT), {}) is None


@pytest.mark.parametrize(
    "templates, instruction",
    [("paper", WHO), ("card", WHO), ("gliner", f"Answer the following question: {WHO}")],
)
def test_a_question_is_an_instruction(templates, instruction):
    settings = Settings(questions=[WHO], templates=templates, answer_threshold=0.25, span_score="mean")
    (query,) = AnswerTask(settings).queries(make_doc(TEXT), {})
    assert (query.instruction, query.labels, query.thresholds.tolist()) == (instruction, ("answer",), [0.25])
    assert (query.read_instruction, query.span_score) == (False, "mean")


def test_a_question_may_spell_a_place_holder():
    settings = Settings(questions=["What is {question} or {0}?"])
    (query,) = AnswerTask(settings).queries(make_doc(TEXT), {})
    assert query.instruction == "What is {question} or {0}?"


def test_answers_are_by_question_and_best_first():
    doc = make_doc(TEXT)
    annotate(
        AnswerTask(Settings(questions=[WHO, WHEN])),
        doc,
        [(0, 1, "answer", 0.5), (2, 3, "answer", 0.75)],
        [(4, 5, "answer", 0.875)],
    )
    group = doc.spans["answers"]
    answers = [(span.text, span.label_, span.id_) for span in group]
    assert answers == [("Bonn", "answer", WHO), ("Ada", "answer", WHO), ("May", "answer", WHEN)]
    assert list(group.attrs["scores"]) == [0.75, 0.5, 0.875]
    assert group.attrs["questions"] == [WHO, WHO, WHEN]
    assert [span._.score for span in group] == [0.75, 0.5, 0.875]


def test_answers_that_are_as_good_are_in_the_order_of_the_text():
    doc = make_doc(TEXT)
    annotate(AnswerTask(Settings(questions=[WHO])), doc, [(i, i + 1, "answer", 0.5) for i in (0, 2, 4)])
    assert [span.start for span in doc.spans["answers"]] == [0, 2, 4]


def test_one_span_may_answer_two_questions():
    doc = make_doc(TEXT)
    found = [(0, 1, "answer", 0.5)], [(0, 1, "answer", 0.75)]
    annotate(AnswerTask(Settings(questions=[WHO, WHEN])), doc, *found)
    assert [(span.id_, span._.score) for span in doc.spans["answers"]] == [(WHO, 0.5), (WHEN, 0.75)]


def test_a_question_without_answer_is_kept_as_asked():
    doc = make_doc(TEXT)
    annotate(AnswerTask(Settings(questions=[WHO, WHEN])), doc, [], [(4, 5, "answer", 0.5)])
    group = doc.spans["answers"]
    assert [span.text for span in group] == ["May"]
    assert group.attrs["questions_asked"] == [WHO, WHEN]


def test_no_answers_are_an_empty_group():
    doc = make_doc(TEXT)
    annotate(AnswerTask(Settings(questions=[WHO])), doc, [])
    assert (len(doc.spans["answers"]), len(doc.spans["answers"].attrs["scores"])) == (0, 0)


class TestGold:
    def read(self, *answers, questions=(WHO, WHEN)):
        doc = make_doc(TEXT)
        doc.spans["answers"] = [Span(doc, start, end, "answer", span_id=id_) for start, end, id_ in answers]
        return AnswerTask(Settings(questions=list(questions))).gold(doc)

    def test_each_question_has_its_answers(self):
        who, when = self.read((0, 1, WHO), (3, 5, WHEN), (4, 5, WHEN))
        assert (who.spans.start.tolist(), who.spans.end.tolist()) == ([0], [3])
        assert (when.spans.start.tolist(), when.spans.end.tolist()) == ([14, 17], [20, 20])
        assert who.query.instruction == WHO and when.query.instruction == WHEN

    def test_a_question_may_have_no_answer(self):
        who, when = self.read((0, 1, WHO))
        assert (len(who.spans), len(when.spans)) == (1, 0)

    def test_answers_to_other_questions_are_counted(self):
        who, when = self.read((0, 1, WHO), (2, 3, "Where?"), (4, 5, "How?"))
        assert who.left_out + when.left_out == 2

    def test_an_answer_must_say_to_what(self):
        with pytest.raises(ValueError, match=r"\[GM060\].*Ada"):
            self.read((0, 1, ""))
