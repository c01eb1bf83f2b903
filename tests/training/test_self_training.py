"""Self-training: what is sure becomes a record, what is doubtful does not."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc, Span, SpanGroup

from spacy_gliner_mt.pipeline.extensions import register_extensions
from spacy_gliner_mt.settings import ANSWERS, SUMMARY, Settings
from spacy_gliner_mt.tasks.answers import ASKED
from spacy_gliner_mt.training.records import Record
from spacy_gliner_mt.training.self_training import DOUBTFUL, KEPT, SUPERFLUOUS, SureRecords

TEXT = "Ada met Bob in Rome. It rained."


@pytest.fixture
def doc() -> Doc:
    register_extensions()
    return spacy.blank("en").make_doc(TEXT)


def write_spans(doc: Doc, key: str, spans: list[tuple[int, int, str, float]], span_id: str = "") -> None:
    group = [Span(doc, start, end, label, span_id=span_id) for start, end, label, _ in spans]
    scores = np.array([score for *_, score in spans], dtype=np.float32)
    doc.spans[key] = SpanGroup(doc, name=key, spans=group, attrs={"scores": scores})


def read(doc: Doc, negatives: float | None = None, **settings: Any) -> tuple[list[Record], dict[str, int]]:
    """The records, and the counts."""
    sure = SureRecords(0.8, negatives)
    records = list(sure.read(doc, Settings(**settings), "a-1"))
    assert all((record.text, record.id) == (TEXT, "a-1") for record in records)
    return records, dict(sure.counts)


def test_a_label_with_something_doubtful_is_not_asked(doc):
    found = [(0, 1, "person", 0.9), (2, 3, "person", 0.8), (4, 5, "city", 0.95), (0, 1, "city", 0.5)]
    write_spans(doc, "entities", found)
    (record,), counts = read(doc, labels=["person", "city", "ship"])
    # Of the ship nothing was found, which is sure too.
    assert (record.task, record.labels) == ("ner", ("person", "ship"))
    assert record.spans == ((0, 3, "person"), (8, 11, "person"))
    assert counts == {KEPT: 2, DOUBTFUL: 1, SUPERFLUOUS: 0}


def test_where_all_is_doubtful_there_is_no_record(doc):
    write_spans(doc, "entities", [(0, 1, "person", 0.5)])
    assert read(doc, labels=["person"]) == ([], {KEPT: 0, DOUBTFUL: 1, SUPERFLUOUS: 0})


@pytest.mark.parametrize(("negatives", "absent"), [(0.0, 0), (0.5, 1), (1.0, 2), (9.0, 4), (None, 4)])
def test_for_each_label_that_is_present_some_absent_ones_are_kept(doc, negatives, absent):
    write_spans(doc, "entities", [(0, 1, "person", 0.9), (4, 5, "city", 0.9), (6, 7, "day", 0.1)])
    asked = ["ship", "person", "king", "day", "city", "tool", "food"]
    (record,), counts = read(doc, negatives, labels=asked)
    assert {"person", "city"} <= {*record.labels} and "day" not in record.labels
    assert len(record.labels) == 2 + absent
    assert [label for label in asked if label in record.labels] == [*record.labels]
    assert counts == {KEPT: 2 + absent, DOUBTFUL: 1, SUPERFLUOUS: 4 - absent}


def test_absent_labels_are_drawn_by_chance(doc):
    """All of them have their turn, and one seed draws the same ones again."""
    write_spans(doc, "entities", [(0, 1, "person", 0.9)])
    settings = Settings(labels=["person", "ship", "king", "tool"])

    def draw(seed: int) -> list[tuple[str, ...]]:
        sure = SureRecords(0.8, 1.0, Random(seed))
        return [record.labels for _ in range(20) for record in sure.read(doc, settings, "")]

    assert {*draw(0)} == {("person", "ship"), ("person", "king"), ("person", "tool")}
    assert draw(0) == draw(0) != draw(1)


def test_a_text_without_anything_sure_teaches_no_silence(doc):
    write_spans(doc, "entities", [])
    write_spans(doc, ANSWERS, [])
    doc.spans[ANSWERS].attrs[ASKED] = ["Where?"]
    write_spans(doc, "ships", [])
    settings = {"labels": ["person"], "questions": ["Where?"], "prompts": {"ships": "Find ships"}}
    assert read(doc, 1.0, **settings)[0] == []
    assert len(read(doc, None, **settings)[0]) == 3


def test_a_query_that_was_skipped_says_nothing(doc):
    settings = {"labels": ["person"], "questions": ["Who?"], "prompts": {"names": "Find names"}}
    records, counts = read(doc, **settings)
    assert not records and not any(counts.values())


def test_names_are_kept_instead_of_descriptions(doc):
    write_spans(doc, "entities", [(0, 1, "who", 0.9)])
    (record,), _ = read(doc, labels={"who": "person"})
    assert record.labels == ("who",)


def test_relations(doc):
    def make_relation(label: str, score: float) -> dict[str, Any]:
        head, tail = ({"start": s, "end": e, "text": TEXT[s:e], "label": ""} for s, e in ((0, 3), (8, 11)))
        return {"label": label, "score": score, "head": head, "tail": tail}

    write_spans(doc, "entities", [(0, 1, "person", 0.9), (2, 3, "person", 0.9), (4, 5, "city", 0.3)])
    doc._.relation_data = [make_relation("met", 0.9), make_relation("left", 0.4)]
    (_, record), _ = read(doc, labels=["person"], relations=["met", "left", "owns"])
    assert (record.task, record.labels) == ("relation", ("met", "owns"))
    assert record.relations == ((0, 3, "met", 8, 11),)
    assert record.spans == ((0, 3, "person"), (8, 11, "person"))


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([(4, 5, "answer", 0.9)], [("Rome",)]),
        ([], [()]),  # surely no answer
        ([(4, 5, "answer", 0.9), (0, 1, "answer", 0.4)], []),
    ],
)
def test_questions(doc, spans, expected):
    write_spans(doc, ANSWERS, spans, span_id="Where?")
    doc.spans[ANSWERS].attrs[ASKED] = ["Where?"]
    records, _ = read(doc, questions=["Where?"])
    assert [record.answers for record in records] == expected
    assert all((record.task, record.prompt) == ("qa", "Where?") for record in records)


def test_instructions_and_summaries(doc):
    write_spans(doc, "names", [(0, 1, "names", 0.9)])
    write_spans(doc, SUMMARY, [(6, 9, "summary", 0.9)])
    match, summary = read(doc, prompts={"names": "Find names"}, summarize=True)[0]
    assert (match.task, match.prompt, match.spans) == ("open", "Find names", ((0, 3, "match"),))
    assert (summary.task, summary.spans) == ("summarization", ((21, 31, "summary"),))


def test_no_summary_teaches_nothing(doc):
    write_spans(doc, SUMMARY, [])
    assert read(doc, summarize=True)[0] == []
