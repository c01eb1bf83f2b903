"""Registry: the built-in tasks, and one of another package."""

from dataclasses import dataclass

import catalogue
import pytest
import spacy

from spacy_gliner_mt.settings import Settings
from spacy_gliner_mt.tasks.groups import make_spans, write_group
from spacy_gliner_mt.tasks.registry import BUILT_IN, load_tasks, make_tasks, registry

from ..util import make_query

TEXT = "Ada left Bonn in May."


@dataclass(frozen=True)
class DateTask:
    """What another package might add."""

    settings: Settings
    name = "dates"
    needs = ()

    def queries(self, doc, answers):
        labels = self.settings.tasks[self.name]["labels"]
        return [make_query(labels, 0.25, targets=tuple(labels))]

    def annotate(self, doc, answers):
        (answer,) = answers
        spans = make_spans(doc, answer.spans, answer.query.targets)
        write_group(doc, "dates", spans, answer.spans.score)


@dataclass(frozen=True)
class CountTask:
    """One that asks once for each entity that was found."""

    settings: Settings
    name = "count"
    needs = ("entities",)

    def queries(self, doc, answers):
        (answer,) = answers["entities"]
        return [make_query(["entity"]) for _ in range(len(answer.spans))]

    def annotate(self, doc, answers):
        doc.user_data["count"] = len(answers)


@pytest.fixture
def others(monkeypatch):
    """Register two tasks, until the test is over."""
    monkeypatch.setattr(catalogue, "REGISTRY", dict(catalogue.REGISTRY))
    registry.register("dates", func=DateTask)
    registry.register("count", func=CountTask)


@pytest.fixture
def make_nlp(model_config):
    def make(**config):
        nlp = spacy.blank("en")
        nlp.add_pipe("gliner_multitask", config={"model": model_config, **config})
        return nlp

    return make


def test_the_built_in_tasks_are_entry_points():
    assert set(BUILT_IN) <= set(registry.get_entry_points())


def test_built_in_tasks_come_first_and_others_as_named(others):
    tasks = make_tasks(Settings(tasks={"dates": {}, "count": {}}), load_tasks())
    assert [task.name for task in tasks] == [*BUILT_IN, "dates", "count"]


def test_a_task_must_be_asked_for(others):
    assert [task.name for task in make_tasks(Settings(), load_tasks())] == list(BUILT_IN)


def test_an_unknown_task_is_refused_with_those_that_are_there(others):
    with pytest.raises(ValueError, match=r"GM055.*\['events'\].*'classes', 'count', 'dates'"):
        make_tasks(Settings(tasks={"dates": {}, "events": {}}), load_tasks())


def test_a_component_refuses_an_unknown_task(make_nlp):
    with pytest.raises(ValueError, match=r"GM055.*\['dates'\]"):
        make_nlp(tasks={"dates": {}})


def found(doc, key):
    return [(span.start, span.end, span.label_) for span in doc.spans[key]]


def test_a_task_of_another_package_runs_by_itself(others, make_nlp):
    doc = make_nlp(tasks={"dates": {"labels": ["person", "city"]}})(TEXT)
    same = make_nlp(labels=["person", "city"], threshold=0.25)(TEXT)
    assert list(doc.spans) == ["dates"]
    assert found(doc, "dates") == found(same, "entities") != []


def test_a_task_has_the_answers_it_needs(others, make_nlp):
    doc = make_nlp(labels=["person", "city"], tasks={"count": {}})(TEXT)
    assert doc.user_data["count"] == len(doc.spans["entities"]) > 0


def test_a_doc_may_change_the_settings_of_a_task(others, make_nlp):
    nlp = make_nlp(tasks={"dates": {"labels": ["person", "city"]}})
    doc = nlp.make_doc(TEXT)
    doc._.gliner = {"tasks": {"dates": {"labels": ["date"]}}}
    same = make_nlp(tasks={"dates": {"labels": ["date"]}})(TEXT)
    assert found(nlp(doc), "dates") == found(same, "dates") != found(nlp(TEXT), "dates")


def test_a_doc_may_ask_for_a_task(others, make_nlp):
    nlp = make_nlp(labels=["person"])
    doc = nlp.make_doc(TEXT)
    doc._.gliner = {"tasks": {"dates": {"labels": ["city"]}}}
    assert "dates" in nlp(doc).spans


def test_a_doc_must_not_ask_for_an_unknown_task(make_nlp):
    nlp = make_nlp(labels=["person"])
    doc = nlp.make_doc(TEXT)
    doc._.gliner = {"tasks": {"dates": {}}}
    with pytest.raises(ValueError, match=r"GM055.*\['dates'\]"):
        nlp(doc)
