"""Reference: records on Docs and back, also where tokens are in the way."""

from __future__ import annotations

import json

import pytest
import spacy
from spacy.tokens import DocBin, Span

from spacy_gliner_mt.settings import Settings
from spacy_gliner_mt.training.records import Mention, Record, Triple, parse_record
from spacy_gliner_mt.training.reference import Fit, read_reference, write_reference

from .corpora import EVERY, NER, OPEN, QUESTION, RELATION, SUMMARY

NLP = spacy.blank("en")


def refer(record):
    record = parse_record(json.dumps(record)) if isinstance(record, dict) else record
    doc = NLP.make_doc(record.text)
    return doc, write_reference(doc, record)


def texts(spans):
    return [(span.text, span.label_) for span in spans]


@pytest.mark.parametrize("fields", EVERY, ids=lambda fields: fields["task"])
def test_records_come_back(fields):
    doc, fit = refer(fields)
    assert fit.is_exact
    assert [json.loads(record.to_json()) for record in read_reference(doc)] == [fields]


@pytest.mark.parametrize("fields", EVERY, ids=lambda fields: fields["task"])
def test_references_survive_a_file(fields):
    docs = DocBin(docs=[refer(fields)[0]], store_user_data=True).to_bytes()
    (doc,) = DocBin().from_bytes(docs).get_docs(NLP.vocab)
    assert [json.loads(record.to_json()) for record in read_reference(doc)] == [fields]


@pytest.mark.parametrize("fields", EVERY, ids=lambda fields: fields["task"])
def test_settings_ask_for_that_task_only(fields):
    everything = Settings(labels=["x"], relations=["y"], questions=["z?"], summarize=True, prompts={"p": "P"})
    settings = everything.for_doc(refer(fields)[0]._.gliner)
    asked = {
        "ner": settings.labels,
        "qa": settings.questions,
        "relation": settings.relations,
        "summarization": settings.summarize,
        "open": settings.prompts,
    }
    assert [task for task, values in asked.items() if values] == [fields["task"]]


def test_entities():
    doc, _ = refer(NER)
    assert texts(doc.ents) == [("Ada", "person"), ("Bo", "person"), ("Rome", "city")]
    assert texts(doc.spans["entities"]) == texts(doc.ents)
    assert doc._.gliner["labels"] == ["person", "city", "ship"]
    assert all(token.ent_iob for token in doc)


def test_entities_that_overlap_stay_in_the_group():
    spans = (Mention(0, 8, "newspaper"), Mention(4, 8, "river"), Mention(0, 8, "brand"))
    doc, fit = refer(Record("ner", "The Nile is read here.", spans=spans))
    assert texts(doc.ents) == [("The Nile", "brand")]
    assert texts(doc.spans["entities"]) == [
        ("The Nile", "brand"),
        ("The Nile", "newspaper"),
        ("Nile", "river"),
    ]
    assert fit == Fit(spans=3)


def test_no_entity_is_known_of_a_text_that_is_annotated():
    doc, _ = refer({**NER, "spans": []})
    assert not doc.ents and all(token.ent_iob == 2 for token in doc)
    assert len(doc.spans["entities"]) == 0


def test_answers():
    doc, _ = refer(QUESTION)
    (span,) = doc.spans["answers"]
    assert (span.text, span.label_, span.id_) == ("Rome", "answer", "Where did they meet?")
    assert doc.spans["answers"].attrs["questions_asked"] == ["Where did they meet?"]
    assert doc.user_data["answers"] == {"Where did they meet?": ["Rome", "in Rome"]}
    assert not doc.has_annotation("ENT_IOB")


def test_a_question_without_an_answer_has_none():
    doc, _ = refer({**QUESTION, "spans": [], "answers": []})
    assert len(doc.spans["answers"]) == 0
    assert doc.spans["answers"].attrs["questions_asked"] == ["Where did they meet?"]


def test_an_answer_that_no_span_has_is_somewhere():
    fields = {key: value for key, value in QUESTION.items() if key != "spans"}
    doc, _ = refer(fields)
    assert "answers" not in doc.spans
    (record,) = read_reference(doc)
    assert json.loads(record.to_json()) == fields


def test_relations():
    doc, _ = refer(RELATION)
    (relation,) = doc._.relation_data
    assert (relation["head"]["text"], relation["label"], relation["tail"]["text"]) == ("Ada", "met", "Bo")
    assert texts(doc.ents) == [("Ada", "person"), ("Bo", "person"), ("Rome", "city")]
    assert "entities" not in doc.spans
    assert doc._.gliner["relations"] == ["met", "born in"] and doc._.gliner["relation_heads"] == "ents"


def test_heads_that_overlap_are_told():
    spans = (Mention(0, 6, "a"), Mention(0, 3, "a"), Mention(11, 13, "b"), Mention(7, 13, "c"))
    relations = (Triple(0, 6, "x", 11, 13), Triple(0, 3, "x", 11, 13), Triple(11, 13, "x", 0, 6))
    doc, fit = refer(Record("relation", "Ann Bo met Cy", spans=spans, relations=relations))
    # The longer of two heads, but before any entity that no relation names.
    assert texts(doc.ents) == [("Ann Bo", "a"), ("Cy", "b")]
    assert [(each["head"]["text"], each["tail"]["text"]) for each in doc._.relation_data] == [
        ("Ann Bo", "Cy"),
        ("Ann", "Cy"),
        ("Cy", "Ann Bo"),
    ]
    assert fit == Fit(spans=4, headless=1)


def test_ends_of_relations_need_no_span():
    doc, _ = refer({**RELATION, "spans": []})
    assert texts(doc.ents) == [("Ada", "entity"), ("Bo", "entity")]


def test_summary():
    doc, _ = refer(SUMMARY)
    assert texts(doc.spans["summary"]) == [("Ada met Bo.", "summary")]
    assert doc.user_data["summary"] == "Two people met."


def test_a_summary_of_other_words_has_no_spans():
    doc, _ = refer({**SUMMARY, "spans": []})
    assert "summary" not in doc.spans


def test_matches():
    doc, _ = refer(OPEN)
    assert [(span.text, span.label_, span.id_) for span in doc.spans["match"]] == [
        ("Ada", "match", "match"),
        ("Bo", "match", "match"),
    ]
    assert doc._.gliner["prompts"] == {"match": "Find who was there"}


def test_open_relations_are_asked_by_their_own_names():
    doc, _ = refer({**OPEN, "labels": [], "relations": [[0, 3, "met", 8, 10]]})
    assert doc._.gliner["prompts"] and doc._.gliner["relations"] == ["met"]
    assert [each["label"] for each in doc._.relation_data] == ["met"]


def test_spans_inside_tokens_are_widened_and_counted():
    spans = (Mention(0, 3, "a"), Mention(3, 6, "a"), Mention(7, 10, "b"))
    doc, fit = refer(Record("ner", "AdaLov met Bo", spans=spans))
    assert texts(doc.spans["entities"]) == [("AdaLov", "a"), ("met", "b")]
    assert fit == Fit(spans=3, widened=2, merged=1)


def test_spaces_around_a_span_belong_to_no_token():
    doc, fit = refer(Record("ner", "Ada met Bo now", spans=(Mention(7, 11, "a"),)))
    assert texts(doc.ents) == [("Bo", "a")]
    assert fit.is_exact


def test_docs_without_settings_are_read_by_what_is_on_them():
    doc = NLP.make_doc("Ada met Bo")
    assert list(read_reference(doc)) == []
    doc.set_ents([Span(doc, 0, 1, label="person")])
    assert list(read_reference(doc)) == [
        Record("ner", "Ada met Bo", labels=("person",), spans=(Mention(0, 3, "person"),))
    ]
