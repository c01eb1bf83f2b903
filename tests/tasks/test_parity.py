"""Parity: what a task finds is what gliner finds when it is prompted the same way by hand."""

import pytest
from gliner import GLiNER

from benchmarks.parity import find_with_gliner, find_with_ours
from spacy_gliner_mt.models.architecture import build_gliner_multitask_v1
from spacy_gliner_mt.settings import Settings
from spacy_gliner_mt.tasks.answers import AnswerTask
from spacy_gliner_mt.tasks.classes import ClassTask
from spacy_gliner_mt.tasks.prompts import PromptTask
from spacy_gliner_mt.tasks.relations import RelationTask
from spacy_gliner_mt.tasks.summary import SummaryTask

from ..util import write_checkpoint
from .util import answer_entities, make_doc

TEXTS = [
    "Ada Lovelace met Charles Babbage in London.",
    "They built 3 engines (well-known ones) for 1,500 pounds; none was finished...",
    "Züge fahren \n\tnach Köln",
    "!",
]
TASKS = {
    "question": AnswerTask(Settings(questions=["Who met whom, and where?"])),
    "question of gliner": AnswerTask(Settings(questions=["Who?"], templates="gliner")),
    "summary": SummaryTask(Settings(summarize=True)),
    "prompt": PromptTask(Settings(prompts={"verbs": "Find all verbs (of any kind):"})),
    "classes": ClassTask(Settings(classes=["history", "team sports"], class_threshold=0.4)),
    "relation": RelationTask(Settings(relations=["met"])),
    "relation without instruction": RelationTask(Settings(relations=["met"], templates="card")),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_checkpoint(tmp_path_factory.mktemp("parity") / "checkpoint", "deberta-v2")


@pytest.fixture(scope="module")
def model(folder):
    return build_gliner_multitask_v1(checkpoint=str(folder))


@pytest.fixture(scope="module")
def reference(folder):
    return GLiNER.from_pretrained(str(folder), local_files_only=True).eval()


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
@pytest.mark.parametrize("text", TEXTS)
def test_spans_are_those_of_gliner(model, reference, task, text):
    (query,) = task.queries(make_doc(text), answer_entities((0, 1, "person")))
    assert find_with_gliner(reference, query, text) == [
        (start, found, pytest.approx(score, abs=1e-5))
        for start, found, score in find_with_ours(model, query, text, task.settings)
    ]
