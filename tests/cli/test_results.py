"""Results: each task's annotation as data and as rows, and no task that was not asked."""

import numpy as np
import pytest
from spacy.tokens import Doc, Span, SpanGroup
from spacy.vocab import Vocab

from spacy_gliner_mt.cli.results import SCHEMA, Result, Row
from spacy_gliner_mt.pipeline.extensions import register_extensions
from spacy_gliner_mt.settings import Settings

EVERYTHING = Settings(
    labels=["person"],
    spans_key="found",
    relations=["born in"],
    questions=["Where?", "When?"],
    summarize=True,
    prompts={"verbs": "Find verbs", "nouns": "Find nouns"},
    clean=True,
    classes=["news", "letter"],
)


@pytest.fixture
def doc():
    """A text as the component leaves it when it is asked for everything."""
    register_extensions()
    doc = Doc(Vocab(), words=["Ada", "Lovelace", "was", "born", "\n", "in", "London"])
    groups = {
        "found": ([Span(doc, 0, 2, "person")], [0.98768]),
        "answers": ([Span(doc, 6, 7, "answer", span_id="Where?")], [0.75]),
        "summary": ([Span(doc, 0, 4, "summary")], [0.5]),
        "verbs": ([Span(doc, 2, 4, "match")], [0.25]),
        "nouns": ([], []),
        "clean": ([Span(doc, 3, 6, "match")], [1.0]),
    }
    for key, (spans, scores) in groups.items():
        attrs = {"scores": np.array(scores, dtype=np.float32)}
        doc.spans[key] = SpanGroup(doc, name=key, spans=spans, attrs=attrs)
    doc._.relation_data = [
        {
            "label": "birthplace of",
            "score": 0.123456,
            "head": {"start": 27, "end": 33, "text": "London", "label": "city"},
            "tail": {"start": 0, "end": 12, "text": "Ada Lovelace", "label": "person"},
        }
    ]
    doc.cats = {"news": 0.875, "letter": 0.0, "of another component": 1.0}
    return doc


def test_each_task_has_its_key(doc):
    assert Result(1, doc, EVERYTHING).found == {
        "entities": [{"start": 0, "end": 12, "text": "Ada Lovelace", "label": "person", "score": 0.9877}],
        "relations": [
            {
                "label": "birthplace of",
                "score": 0.1235,
                "head": {"start": 27, "end": 33, "text": "London", "label": "city"},
                "tail": {"start": 0, "end": 12, "text": "Ada Lovelace", "label": "person"},
            }
        ],
        "answers": [{"question": "Where?", "start": 27, "end": 33, "text": "London", "score": 0.75}],
        "summary": [{"start": 0, "end": 21, "text": "Ada Lovelace was born", "score": 0.5}],
        "prompts": {"verbs": [{"start": 13, "end": 21, "text": "was born", "score": 0.25}], "nouns": []},
        "classes": {"news": 0.875, "letter": 0.0},
        "clean_text": "born \n in",
    }


def test_the_help_describes_each_key(doc):
    described = {line.split()[0] for line in SCHEMA.splitlines() if line.startswith("  ")}
    assert described == Result(1, doc, EVERYTHING).found.keys()


@pytest.mark.parametrize(
    "settings, key",
    [
        ({"labels": ["person"]}, "entities"),
        ({"open_entities": True}, "entities"),
        ({"relations": ["born in"]}, "relations"),
        ({"questions": ["Where?"]}, "answers"),
        ({"summarize": True}, "summary"),
        ({"prompts": {"verbs": "Find verbs"}}, "prompts"),
        ({"classes": ["news"]}, "classes"),
        ({"clean": True}, "clean_text"),
    ],
)
def test_only_tasks_that_were_asked_have_one(doc, settings, key):
    assert list(Result(1, doc, Settings(**settings)).found) == [key]


def test_a_skipped_query_has_found_nothing():
    register_extensions()
    settings = Settings(labels=["person"], relations=["born in"], summarize=True, clean=True)
    result = Result(1, Doc(Vocab(), words=["Ada"]), settings)
    assert result.found == {"entities": [], "relations": [], "summary": [], "clean_text": None}
    assert result.rows == []


def test_rows_follow_the_tasks_without_classes_that_do_not_apply(doc):
    assert Result(1, doc, EVERYTHING).rows == [
        Row("entities", "0-12", "0.988", "person", "Ada Lovelace"),
        Row("relations", "0-33", "0.123", "birthplace of", "London → Ada Lovelace"),
        Row("answers", "27-33", "0.750", "", "Where? → London"),
        Row("summary", "0-21", "0.500", "", "Ada Lovelace was born"),
        Row("prompts", "13-21", "0.250", "verbs", "was born"),
        Row("classes", "", "0.875", "news", ""),
        Row("clean", "", "", "", "born \n in"),
    ]
