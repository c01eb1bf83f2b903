"""Records: what lines hold, and what is said of those that hold none."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace

import pytest

from spacy_gliner_mt.training.records import Mention, Record, Triple, parse_record, read_records

from .corpora import EVERY, NER, RELATION, write_lines


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz"])
def test_records_are_read_in_order(tmp_path, suffix):
    path = write_lines(tmp_path / f"corpus{suffix}", EVERY[0], "", *EVERY[1:], "  ")
    records = list(read_records(path))
    assert [(record.id, record.task) for record in records] == [(each["id"], each["task"]) for each in EVERY]
    assert records[0].spans[2] == Mention(14, 18, "city")
    assert records[2].relations == (Triple(0, 3, "met", 8, 10),)


def test_lines_are_written_as_they_were_read():
    for fields in EVERY:
        assert json.loads(parse_record(json.dumps(fields)).to_json()) == fields


def test_fields_of_other_names_are_passed_over():
    assert parse_record(json.dumps({**NER, "source": "me"})) == parse_record(json.dumps(NER))


def test_labels_that_are_missing_are_those_used():
    record = Record("ner", "Ada met Bo", spans=(Mention(8, 10, "b"), Mention(0, 3, "a"), Mention(4, 7, "b")))
    assert record.annotated == ("b", "a")
    assert Record("ner", "Ada").annotated == ()
    assert parse_record(json.dumps({**RELATION, "labels": []})).annotated == ("met",)


@pytest.mark.parametrize(
    ("record", "nothing"),
    [
        (Record("ner", "Ada"), True),
        (Record("ner", "Ada", labels=("a",)), False),
        (Record("relation", "Ada"), True),
        (Record("summarization", "Ada"), True),
        (Record("summarization", "Ada", reference="A."), False),
        (Record("qa", "Ada", prompt="Who?"), False),
    ],
)
def test_records_that_ask_nothing_are_known(record, nothing):
    assert record.asks_nothing is nothing


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"text": " \n"}, "GM203"),
        ({"text": 3}, "text: Input should be a valid string"),
        ({"task": "nerr"}, "task: Input should be 'ner', 'qa'"),
        ({"task": "qa"}, "GM204"),
        ({"task": "open", "prompt": " "}, "GM204"),
        ({"spans": [[0, 20, "person"]]}, "GM206.*0-20.*19 characters"),
        ({"spans": [[-1, 3, "person"]]}, "GM206"),
        ({"spans": [[3, 0, "person"]]}, "GM205.*3-0"),
        ({"spans": [[3, 3, "person"]]}, "GM205"),
        ({"spans": [[3, 4, "person"]]}, "GM207"),
        ({"spans": [[0, 3.5, "person"]]}, r"spans\.0\.1"),
        ({"spans": [[0, True, "person"]]}, r"spans\.0\.1"),
        ({"spans": [[0, 3]]}, r"spans\.0\.2"),
        ({"spans": [[0, 3, ""]]}, "GM208"),
        ({"spans": [[0, 3, "dog"]]}, r"GM209.*'dog'"),
        ({"labels": ["person", "city", "person"]}, "GM003"),
        ({"labels": None}, "labels: Input should be a valid array"),
        ({"relations": [[0, 3, "met", 8, 99]]}, "GM206"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_line(tmp_path, change, message):
    path = write_lines(tmp_path / "corpus.jsonl", NER, "", {**NER, **change})
    with pytest.raises(ValueError, match=rf"GM201.*Line 3 of '.*corpus\.jsonl'.*{message}"):
        list(read_records(path))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{'text': 1}", "Invalid JSON"),
        ('{"task": "ner", "te', "Invalid JSON"),
        ('{"task": "ner"}', "text: Field required"),
        ('{"text": "Ada"}', "task: Field required"),
        ('["ner", "Ada"]', "an object"),
        (r'{"task": "ner", "text": "\ud800"}', "Invalid JSON"),
    ],
)
def test_lines_that_are_no_record_are_named(tmp_path, line, message):
    path = write_lines(tmp_path / "corpus.jsonl.gz", line)
    with pytest.raises(ValueError, match=rf"GM201.*Line 1 of '.*corpus\.jsonl\.gz'.*{message}"):
        list(read_records(path))


def test_records_made_by_hand_are_checked_too():
    with pytest.raises(ValueError, match="GM202.*'nerr'"):
        Record("nerr", "Ada")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="GM209"):
        replace(parse_record(json.dumps(RELATION)), labels=("born in",))


def test_files_that_are_damaged_are_named(tmp_path):
    whole = gzip.compress(json.dumps(NER).encode() * 1000)
    for content in (whole[:100], b"plain", whole[:-12] + b"123456789012"):
        path = tmp_path / "corpus.jsonl.gz"
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"(GM200|GM201).*corpus\.jsonl\.gz"):
            list(read_records(path))


def test_lines_that_are_no_utf8_are_named(tmp_path):
    path = tmp_path / "corpus.jsonl"
    path.write_bytes(json.dumps(NER).encode() + b"\n\xff\n")
    with pytest.raises(ValueError, match=r"GM104.*Line 2 of '.*corpus\.jsonl'"):
        list(read_records(path))
