"""Reply: answers aligned with their text, and answers that are none."""

from collections import Counter

import pytest

from spacy_gliner_mt.training.synthesis.reply import parse_reply

from ..converters.util import spell
from .util import TEXT, answer


def records_of(**changes):
    counts = Counter()
    records = parse_reply(answer(**changes)).to_records(TEXT, "x", counts)
    return records, {reason: count for reason, count in counts.items() if count}


def test_all_tasks():
    (entities, relation, where, why, summary, there), counts = records_of()
    assert spell(entities) == [("Bo Day", "person"), ("Rhum", "island"), ("Bo", "person"), ("Al", "person")]
    assert entities.labels == ("person", "island", "ship", "disease")
    # The mention that is nearest, which is the second: the first is part of "Bo Day".
    assert [relation.text[triple.head_start :] for triple in relation.relations] == ["Bo met Al."]
    assert spell(where) == [("Rhum", "answer")] and where.answers == ("Rhum",)
    assert why.spans == () and why.answers == ()
    assert spell(summary) == [("Bo Day sailed to Rhum.", "summary")]
    assert spell(there) == [("Bo Day", "match"), ("Al", "match")]
    assert counts == {}


def test_what_is_not_in_the_text_is_counted_and_not_guessed():
    records, counts = records_of(
        entities=[{"text": "bo day", "label": "person"}, {"text": "Al", "label": "sailor"}],
        absent_labels=["ship", "person", "sailor"],
        relations=[{"head": "Bo", "relation": "saw", "tail": "a whale"}],
        questions=[{"question": "Where?", "answer": "on Rhum"}],
        summary=["Bo Day went to Rhum."],
        extractions=[{"instruction": "Find whales", "matches": ["whale"]}],
    )
    (entities,) = records
    assert spell(entities) == [("Al", "sailor")]
    # Nothing is known of persons.
    assert entities.labels == ("sailor", "ship")
    assert counts == {
        "entities that are not in the text": 1,
        "labels said to be absent, and used": 2,
        "relations whose head or tail is not in the text": 1,
        "answers that are not in the text": 1,
        "sentences of a summary that are not in the text": 1,
        "matches of an instruction that are not in the text": 1,
    }


@pytest.mark.parametrize(
    "text", [answer(), f"Sure!\n```json\n{answer()}\n```", f"<think>Hm.</think> {answer()} Done."]
)
def test_talk_around_the_answer_is_passed_over(text):
    assert len(parse_reply(text).entities) == 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "GM230"),
        ("I cannot do that.", "GM230"),
        (answer()[:200], "GM230"),
        ("[1, 2]", "GM230"),
        ("{}", "GM231.*entities.*extractions"),
        (answer(entities=None), "GM232.*entities"),
        (answer(entities=["Bo"]), r"GM232.*entities\.0"),
        (answer(entities=[{"text": " ", "label": "person"}]), r"GM232.*entities\.0\.text"),
        (answer(questions=[{"question": "Who?"}]), r"GM232.*questions\.0\.answer"),
        (answer(summary=[1]), r"GM232.*summary\.0"),
    ],
)
def test_broken_answers_are_refused(text, message):
    with pytest.raises(ValueError, match=message):
        parse_reply(text)


def test_only_what_was_asked_for_must_be_there():
    assert parse_reply('{"summary": []}', ["summarization"]).summary == ()
    with pytest.raises(ValueError, match="GM231.*absent_labels"):
        parse_reply('{"entities": []}', ["ner"])
