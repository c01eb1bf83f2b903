"""Lessons: what a reference is annotated for."""

import pickle

import pytest
from spacy.tokens import DocBin

from spacy_gliner_mt.settings import Settings
from spacy_gliner_mt.training.lessons import CORPUS_KEY, NO_TASKS

from .util import NLP, make_lesson, make_reference, mark

TEXT = "Ada Byron met Bob in Rome."


def test_the_components_settings_apply():
    lesson = make_lesson(make_reference(TEXT, ("Rome", "city")), labels=["city"], questions=["Who?"])
    assert list(lesson.golds) == ["entities"]
    assert lesson.words.texts[:2] == ("Ada", "Byron")
    assert lesson.settings.labels == ["city"]


def test_a_docs_own_settings_come_first():
    doc = make_reference(TEXT, ("Rome", "town"), gliner={"labels": ["town", "sea"], "questions": ["Who?"]})
    mark(doc, "answers", "Bob", "answer", "Who?")
    lesson = make_lesson(doc, labels=["city"])
    assert list(lesson.golds) == ["entities", "questions"]
    assert [gold.query.labels for gold in lesson.all_golds] == [("town", "sea"), ("answer",)]


def test_a_doc_with_settings_is_annotated_for_nothing_else():
    doc = make_reference(TEXT, ("Rome", "city"), gliner={"questions": ["Who?"]})
    mark(doc, "answers", "Bob", "answer", "Who?")
    mark(doc, "summary", "Bob", "summary")
    settings = {name: True if value is False else ["city"] for name, value in NO_TASKS.items()}
    settings |= {"prompts": {"a": "b"}, "tasks": {}, "thresholds": {"city": 0.3}}
    lesson = make_lesson(doc, **settings)
    assert list(lesson.golds) == ["questions"]


def test_all_switches_are_known():
    assert Settings(**NO_TASKS).asks_nothing
    on = {"questions": ["?"], "labels": ["a"], "relations": ["b"], "classes": ["c"], "prompts": {"d": "e"}}
    for name, value in NO_TASKS.items():
        switched = {name: on.get(name, {"entities": {}} if name == "tasks" else True)}
        assert not Settings(**{**NO_TASKS, **switched}).asks_nothing
        assert value == Settings.defaults()[name]


def test_settings_and_annotation_survive_a_docbin():
    doc = make_reference(TEXT, ("Rome", "town"), gliner={"labels": ["town"]})
    data = DocBin(docs=[doc], store_user_data=True).to_bytes()
    (read,) = DocBin().from_bytes(data).get_docs(NLP.vocab)
    (gold,) = make_lesson(read, labels=["city"]).all_golds
    assert (gold.query.labels, gold.spans.start.tolist()) == (("town",), [21])


def test_nothing_annotated_is_no_gold():
    lesson = make_lesson(NLP.make_doc(TEXT), labels=["city"])
    assert lesson.golds == {}
    assert lesson.all_golds == ()


def test_the_corpus_is_known():
    doc = make_reference(TEXT, ("Rome", "city"))
    assert make_lesson(doc, labels=["city"]).corpus is None
    doc.user_data[CORPUS_KEY] = "wnut"
    assert make_lesson(doc, labels=["city"]).corpus == "wnut"


def test_words_may_be_tokens():
    lesson = make_lesson(NLP.make_doc("Don't."), labels=["city"], word_splitter="spacy")
    assert lesson.words.texts == ("Do", "n't", ".")


@pytest.mark.parametrize(
    "gliner, code", [({"labels": "city"}, "GM001"), ({"colour": 1}, "GM009"), ({"threshold": 2.0}, "GM004")]
)
def test_errors_name_the_text(gliner, code):
    with pytest.raises(ValueError, match=rf"\[GM085\].*Ada Byron.*\[{code}\]"):
        make_lesson(make_reference(TEXT, gliner=gliner))


def test_can_be_sent_to_other_processes():
    doc = make_reference(TEXT, ("Rome", "city"), ("Bob", "person"))
    doc._.relation_data = []
    lesson = make_lesson(doc, labels=["city", "person"], relations=["met"])
    copy = pickle.loads(pickle.dumps(lesson))
    assert list(copy.golds) == ["entities", "relations"]
    assert copy.all_golds[0].query.labels == ("city", "person")
