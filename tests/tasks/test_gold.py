"""Gold: what all tasks have in common when they read references."""

import pytest
from spacy.tokens import Span

from spacy_gliner_mt.settings import Settings
from spacy_gliner_mt.tasks.gold import mark_all, mark_labels, mark_spans
from spacy_gliner_mt.tasks.registry import BUILT_IN, load_tasks, make_tasks

from .test_base import ON
from .util import make_doc

TEXT = "Ada left Bonn ."
# What each task reads, annotated on a Doc without any answer, and with one.
ADA = {"start": 0, "end": 3, "text": "Ada", "label": "person"}
BONN = {"start": 9, "end": 13, "text": "Bonn", "label": "city"}


def annotate_nothing(doc):
    doc.ents = []
    doc._.relation_data = []
    doc.spans["answers"] = doc.spans["summary"] = doc.spans["verbs"] = []
    doc.cats["sport"] = 0.0
    return doc


def annotate(doc):
    doc.ents = [Span(doc, 0, 1, "person")]
    doc._.relation_data = [{"label": "left", "score": 1.0, "head": ADA, "tail": BONN}]
    doc.spans["answers"] = [Span(doc, 0, 1, "answer", span_id="Who?")]
    doc.spans["summary"] = [Span(doc, 0, 4, "summary")]
    doc.spans["verbs"] = [Span(doc, 1, 2, "match")]
    doc.cats["sport"] = 1.0
    return doc


def task(name, **settings):
    complete = Settings(**ON[name], **settings).with_thresholds({})
    return {task.name: task for task in make_tasks(complete, load_tasks())}[name]


@pytest.mark.parametrize("name", BUILT_IN)
def test_what_is_not_annotated_is_unknown(name):
    assert task(name).gold(make_doc(TEXT)) is None


@pytest.mark.parametrize("name", BUILT_IN)
def test_what_is_switched_off_has_no_gold(name):
    tasks = make_tasks(Settings(), load_tasks())
    assert [task.gold(annotate(make_doc(TEXT))) for task in tasks] == [None] * len(BUILT_IN)


@pytest.mark.parametrize("name", [name for name in BUILT_IN if name != "relations"])
def test_annotation_without_answers_is_gold(name):
    (gold,) = task(name).gold(annotate_nothing(make_doc(TEXT)))
    assert len(gold.spans) == len(gold.wrong) == len(gold.unknown) == gold.left_out == 0


def test_relations_without_entities_ask_nothing():
    assert task("relations").gold(annotate_nothing(make_doc(TEXT))) == []


@pytest.mark.parametrize("name", BUILT_IN)
def test_an_answer_is_in_characters(name):
    (gold,) = task(name).gold(annotate(make_doc(TEXT)))
    text = gold.query.instruction if gold.query.read_instruction else TEXT
    (start,), (end,) = gold.spans.start, gold.spans.end
    answers = {
        "relations": "Bonn",
        "questions": "Ada",
        "summary": TEXT,
        "prompts": "left",
        "classes": "sport",
    }
    assert text[start:end] == answers.get(name, "Ada")
    assert gold.left_out == 0


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_query_is_that_of_inference(name):
    doc = annotate(make_doc(TEXT))
    of_task = task(name, relation_heads="ents")
    (gold,), (query,) = of_task.gold(doc), of_task.queries(doc, {})
    assert vars(gold.query) == vars(query)


@pytest.mark.parametrize("name", BUILT_IN)
def test_only_labels_that_are_names_have_a_kind(name):
    (gold,) = task(name).gold(annotate(make_doc(TEXT)))
    assert gold.kind == (name if name in ("entities", "relations") else "")
    assert len(gold.names) == len(gold.prefixes) == (len(gold.query.labels) if gold.kind else 0)


@pytest.mark.parametrize("name", BUILT_IN)
def test_reading_leaves_the_doc_alone(name):
    doc = annotate(make_doc(TEXT))
    before = doc.to_bytes()
    task(name).gold(doc)
    assert doc.to_bytes() == before


def test_marks():
    spans = mark_spans([(0, 3, 1), (4, 8, 0), (0, 3, 1)])
    assert (spans.start.tolist(), spans.end.tolist(), spans.label.tolist()) == ([0, 4], [3, 8], [1, 0])
    assert spans.score.tolist() == [1.0, 1.0]
    assert len(mark_spans([])) == 0


def test_marks_of_labels_that_are_asked():
    doc = make_doc(TEXT)
    spans = [Span(doc, 0, 1, "person"), Span(doc, 2, 3, "city"), Span(doc, 2, 3, "town")]
    marked, left_out = mark_labels(spans, {"city": 0, "person": 1})
    assert (marked.start.tolist(), marked.label.tolist(), left_out) == ([0, 9], [1, 0], 1)
    assert mark_all(spans).label.tolist() == [0, 0]
