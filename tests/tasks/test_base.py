"""Task: what all built-in tasks have in common."""

import pytest

from spacy_gliner_mt.settings import Settings
from spacy_gliner_mt.tasks.registry import BUILT_IN, load_tasks, make_tasks

from .util import answer_entities, make_doc

# Settings that switch on one task each.
ON = {
    "entities": {"labels": ["person"]},
    "relations": {"relations": ["left"]},
    "questions": {"questions": ["Who?"]},
    "summary": {"summarize": True},
    "prompts": {"prompts": {"verbs": "Find verbs"}},
    "classes": {"classes": ["sport"]},
}


def tasks_of(**settings):
    return {task.name: task for task in make_tasks(Settings(**settings), load_tasks())}


def test_tasks_are_registered_under_their_names():
    assert tuple(tasks_of()) == BUILT_IN == tuple(ON)


def test_tasks_that_others_need_need_none_themselves():
    tasks = tasks_of()
    assert {need for task in tasks.values() for need in task.needs} == {"entities"}
    assert tasks["entities"].needs == ()


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_setting_switches_on_one_task_and_no_other(name):
    doc = make_doc("Ada left .")
    queries = {
        task.name: task.queries(doc, answer_entities((0, 1, "person")))
        for task in tasks_of(**ON[name]).values()
    }
    assert [task for task, asked in queries.items() if asked is not None] == [name]
    assert len(queries[name]) == 1


@pytest.mark.parametrize("name", BUILT_IN)
def test_asking_leaves_the_doc_alone(name):
    doc = make_doc("Ada left .")
    before = doc.to_bytes()
    tasks_of(**ON[name])[name].queries(doc, answer_entities((0, 1, "person")))
    assert doc.to_bytes() == before


@pytest.mark.parametrize("score", ["min", "mean"])
@pytest.mark.parametrize("name", BUILT_IN)
def test_every_query_follows_the_span_score(name, score):
    task = tasks_of(**ON[name], span_score=score)[name]
    (query,) = task.queries(make_doc("Ada left ."), answer_entities((0, 1, "person")))
    assert query.span_score == score
