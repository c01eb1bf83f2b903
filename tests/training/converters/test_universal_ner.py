"""UniversalNER: what describes what, found in the text again."""

from .util import read, spell, write

TEXT = "Text: The York ferry serves New York. york is old."


def make(*turns, text=TEXT):
    values = [text, "I've read this text.", *turns]
    speakers = ["human", "gpt"] * len(values)
    return {
        "id": "c1",
        "conversations": [{"from": who, "value": what} for who, what in zip(speakers, values, strict=False)],
    }


def ask(label, answer):
    return f"What describes {label} in the text?", answer


def test_all_places_of_a_string_are_marked(tmp_path):
    turns = [*ask("city", '["New York", "York"]'), *ask("ship", "[]"), *ask("vehicle", "['ferry']")]
    ((record,), counts) = read("universal_ner", write(tmp_path / "x.json", [make(*turns)]))
    assert record.text == TEXT[6:] and record.id == "c1"
    # "York" is not a city of its own within "New York", and "york" is another string.
    assert spell(record) == [("York", "city"), ("ferry", "vehicle"), ("New York", "city")]
    assert record.spans[0].start == 4
    assert record.labels == ("city", "ship", "vehicle")
    assert counts == {}


def test_the_same_label_asked_twice_is_one(tmp_path):
    turns = [*ask("city", '["York"]'), *ask("city", '["New York"]')]
    ((record,), _) = read("universal_ner", write(tmp_path / "x.json", [make(*turns)]))
    assert record.labels == ("city",) and len(record.spans) == 2


def test_what_is_not_in_the_text_is_counted(tmp_path):
    turns = [*ask("city", '["Paris", "York"]'), *ask("river", '["Seine"]')]
    ((record,), counts) = read("universal_ner", write(tmp_path / "x.json", [make(*turns)]))
    # Nothing is known of rivers: there is one, but nobody can say where.
    assert record.labels == ("city",)
    assert counts == {"entities that are not in their text": 2}


def test_other_answers_and_questions_are_counted(tmp_path):
    turns = [*ask("city", "York"), *ask("ship", '{"a": 1}'), *ask("sea", "[1]"), "Any lakes?", "[]"]
    records, counts = read("universal_ner", write(tmp_path / "x.json", [make(*turns), make(text="Hello")]))
    assert [record.labels for record in records] == [()]
    assert counts == {
        "answers that are no list of strings": 3,
        "questions of another form": 1,
        "conversations without a text": 1,
    }
