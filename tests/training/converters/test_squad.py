"""SQuAD: questions with an answer, several, and none."""

import pytest

from .util import read, spell, write

TEXT = "The ferry to Rhum leaves at nine. The ferry to Eigg leaves at noon."


def make(*questions, text=TEXT, **fields):
    qas = [{"id": str(number), **question} for number, question in enumerate(questions)]
    return {"data": [{"title": "Ferry", "paragraphs": [{"context": text, "qas": qas}]}], **fields}


def answer(text, start=None):
    return {"text": text, "answer_start": TEXT.index(text) if start is None else start}


def test_answers_have_the_place_they_are_said_to_have(tmp_path):
    second = TEXT.rindex("The ferry")
    question = {"question": " What goes to Eigg? ", "answers": [answer("The ferry", second)]}
    ((record,), counts) = read("squad", write(tmp_path / "x.json", make(question)))
    assert (record.task, record.prompt, record.text) == ("qa", "What goes to Eigg?", TEXT)
    assert record.spans[0][:2] == (second, second + 9)
    assert record.answers == ("The ferry",)
    assert counts == {}


def test_the_most_frequent_answer_has_the_span(tmp_path):
    answers = [answer("at nine"), answer("nine"), answer("nine"), answer("nine", TEXT.index("nine"))]
    question = {"question": "When?", "answers": answers}
    ((record,), _) = read("squad", write(tmp_path / "x.json", make(question)))
    assert spell(record) == [("nine", "answer")]
    assert record.answers == ("at nine", "nine")


def test_questions_without_an_answer(tmp_path):
    impossible = {
        "question": "Who?",
        "answers": [],
        "plausible_answers": [answer("Rhum")],
        "is_impossible": True,
    }
    ((record,), _) = read("squad", write(tmp_path / "x.json", make(impossible, version="v2.0")))
    assert record.spans == () and record.answers == ()


def test_what_does_not_fit_is_counted(tmp_path):
    moved = {"question": "When?", "answers": [answer("nine", 3), answer("noon", -4)]}
    blank = {"question": "  ", "answers": [answer("nine")]}
    ((record,), counts) = read("squad", write(tmp_path / "x.json", make(moved, blank)))
    assert record.spans == () and record.answers == ("nine", "noon")
    assert counts == {
        "answers that are not where they are said to be": 2,
        "blank questions or paragraphs": 1,
    }


def test_other_json_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"GM222.*data\.0\.paragraphs\.0\.qas\.0\.question"):
        read("squad", write(tmp_path / "x.json", make({"answers": []})))
