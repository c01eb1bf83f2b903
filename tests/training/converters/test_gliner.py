"""GLiNER: words and inclusive ends."""

import json

import pytest

from .util import read, spell, write

BO = {"tokenized_text": ["Bo", "met", "Cy", "Day", "."], "ner": [[0, 0, "person"], [2, 3, "person"]]}


@pytest.mark.parametrize("suffix", ["json", "jsonl"])
def test_ends_are_included(tmp_path, suffix):
    content = [BO] if suffix == "json" else f"{json.dumps(BO)}\n"
    ((record,), counts) = read("gliner", write(tmp_path / f"x.{suffix}", content))
    assert record.text == "Bo met Cy Day ."
    assert spell(record) == [("Bo", "person"), ("Cy Day", "person")]
    assert record.labels == ("person",)
    assert counts == {}


def test_labels_without_entities_are_kept(tmp_path):
    items = [{**BO, "ner_negatives": ["ship"]}, {**BO, "ner_labels": ["city", "person"], "x": 1}]
    records, _ = read("gliner", write(tmp_path / "x.json", items))
    assert [record.labels for record in records] == [("person", "ship"), ("city", "person")]


def test_words_that_are_not_there_are_counted(tmp_path):
    items = [{**BO, "ner": [[0, 0, "a"], [3, 9, "b"], [3, 2, "c"], [-1, 0, "d"]]}]
    items.append({"tokenized_text": [], "ner": []})
    ((record,), counts) = read("gliner", write(tmp_path / "x.json", items))
    assert spell(record) == [("Bo", "a")]
    assert counts == {"entities whose words the text does not have": 3, "texts without words": 1}


def test_exclusive_ends_are_refused(tmp_path):
    exclusive = {**BO, "ner": [[0, 1, "person"], [2, 5, "person"]]}
    with pytest.raises(ValueError, match="GM224.*1 entities"):
        read("gliner", write(tmp_path / "x.json", [exclusive]))


def test_other_json_is_named(tmp_path):
    path = write(tmp_path / "x.json", [BO, {**BO, "ner": [[0, 0.5, "a"]]}])
    with pytest.raises(ValueError, match=r"GM222.*x\.json.*1\.ner\.0\.1"):
        read("gliner", path)
    path = write(tmp_path / "x.jsonl", f"{json.dumps(BO)}\n\n{{}}\n")
    with pytest.raises(ValueError, match=r"GM222.*x\.jsonl.*line 3\.tokenized_text"):
        read("gliner", path)
