"""Synthetic: one passage, records of all tasks."""

import json

import pytest

from spacy_gliner_mt.training.records import Triple

from .util import read, spell, write

PASSAGE = {
    "d": "sea",
    "t": "[[Bo|person;sailor]] left [[Rhum|island]] at 3.5 knots. [[Al|person]] waved!\nBo met Al",
    "neg": ["ship"],
    "rel": [["Bo", "left", "Rhum"], ["Al", "met", "Bo"]],
    "qa": [["Who left?", "Bo"], ["Why?", ""]],
    "sum": [0, 2],
    "open": [["List all who were there", ["Bo", "Al"]], ["List all whales", []]],
}


def read_one(tmp_path, **changes):
    path = write(tmp_path / "sea.jsonl", json.dumps({**PASSAGE, **changes}) + "\n")
    return read("synthetic", path)


def test_all_tasks(tmp_path):
    (entities, relations, who, why, summary, there, whales), counts = read_one(tmp_path)
    assert entities.text == "Bo left Rhum at 3.5 knots. Al waved!\nBo met Al"
    assert spell(entities) == [("Bo", "person"), ("Bo", "sailor"), ("Rhum", "island"), ("Al", "person")]
    assert entities.labels == ("person", "sailor", "island", "ship")
    assert relations.relations == (Triple(0, 2, "left", 8, 12), Triple(27, 29, "met", 0, 2))
    assert relations.labels == ("left", "met") and relations.spans == entities.spans
    assert (who.prompt, spell(who), who.answers) == ("Who left?", [("Bo", "answer")], ("Bo",))
    assert (why.prompt, why.spans, why.answers) == ("Why?", (), ())
    assert spell(summary) == [("Bo left Rhum at 3.5 knots.", "summary"), ("Bo met Al", "summary")]
    # All places of a match, though only the first of an answer.
    assert [span[:2] for span in there.spans] == [(0, 2), (27, 29), (37, 39), (44, 46)]
    assert whales.prompt == "List all whales" and whales.spans == ()
    assert [record.id for record in (entities, relations, who, why, summary, there, whales)] == [
        "sea-0",
        "sea-0-relation",
        "sea-0-qa0",
        "sea-0-qa1",
        "sea-0-summary",
        "sea-0-open0",
        "sea-0-open1",
    ]
    assert counts == {"answers that are in the text several times, taken to be the first": 1}


def test_a_relation_is_between_the_mentions_that_are_nearest(tmp_path):
    (_, relation, *_), _ = read_one(tmp_path, t="Al saw Bo. Cy met Al", neg=["x"], rel=[["Cy", "met", "Al"]])
    assert relation.relations == (Triple(11, 13, "met", 18, 20),)


def test_what_is_not_in_the_text_is_counted(tmp_path):
    records, counts = read_one(
        tmp_path,
        rel=[["Bo", "met", "Cy"], ["Bo", "is", "Bo"]],
        qa=[["Who?", "Cy"]],
        sum=[0, 9],
        open=[["List ships", ["Titanic"]], ["List islands", ["Rhum", "Eigg"]]],
    )
    assert [(record.task, spell(record)[-1]) for record in records] == [
        ("ner", ("Al", "person")),
        ("open", ("Rhum", "match")),
    ]
    assert counts == {
        "relations whose head or tail is not in the text": 2,
        "answers that are not in the text": 1,
        "summaries with more sentences than there are": 1,
        "matches of an instruction that are not in the text": 2,
    }


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"t": "[[Bo|person left"}, "passages whose marks are not closed"),
        ({"t": "[[Bo| ]] left"}, "passages whose marks are not closed"),
        ({"neg": ["sailor"]}, "passages with labels that are said to be absent, and are not"),
    ],
)
def test_broken_passages_are_counted(tmp_path, changes, reason):
    path = write(tmp_path / "sea.jsonl", f"{json.dumps({**PASSAGE, **changes})}\n{json.dumps(PASSAGE)}\n")
    records, counts = read("synthetic", path)
    assert {record.id.split("-")[1] for record in records} == {"1"}
    assert counts[reason] == 1


def test_a_summary_leaves_something_out(tmp_path):
    records, counts = read_one(tmp_path, sum=[0, 1, 2])
    assert "summarization" not in {record.task for record in records}
    assert counts["summaries that leave nothing out"] == 1


def test_other_lines_are_named(tmp_path):
    with pytest.raises(ValueError, match=r"GM222.*sea\.jsonl.*line 1\.qa\.0"):
        read_one(tmp_path, qa=[["Who?"]])
