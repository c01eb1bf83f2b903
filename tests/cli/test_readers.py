"""Readers: what counts as one text, and what each kind of broken file is told."""

import io

import pytest
from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab

from spacy_gliner_mt.cli.readers import STANDARD_INPUT, read_records
from spacy_gliner_mt.pipeline.extensions import register_extensions


@pytest.fixture
def file(tmp_path):
    """Write a file of the given name and content."""

    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


def contents(path):
    return [record.content for record in read_records(path, Vocab())]


@pytest.mark.parametrize(
    "content, texts",
    [
        (b"", []),
        (b"\n  \n", []),
        (b"One.\n\n  Two. \nThree.", ["One.", "Two.", "Three."]),
        (b"\xef\xbb\xbfOne.\r\nTwo.\r\n", ["One.", "Two."]),
        ("Zürich\u2028東京\n".encode(), ["Zürich\u2028東京"]),
    ],
)
def test_text_has_one_record_per_line_that_is_not_blank(file, content, texts):
    assert contents(file("a.TXT", content)) == texts


def test_text_from_standard_input(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("Köln\n\nBonn".encode()), "ascii"))
    assert contents(STANDARD_INPUT) == ["Köln", "Bonn"]


def test_jsonl_keeps_the_object_and_its_labels(file):
    path = file("a.jsonl", b'{"text": "A b", "id": 7}\n\n{"text": "", "labels": ["x"]}\n')
    first, second = read_records(path, Vocab())
    assert (first.content, first.settings, first.fields) == ("A b", {}, {"text": "A b", "id": 7})
    assert (second.content, second.settings) == ("", {"labels": ["x"]})


@pytest.mark.parametrize("labels", [b"null", b"[]", b"{}"])
def test_jsonl_labels_may_be_left_empty(file, labels):
    path = file("a.jsonl", b'{"text": "A b", "labels": %s}' % labels)
    assert [record.settings for record in read_records(path, Vocab())] == [{}]


def test_jsonl_labels_may_have_descriptions(file):
    path = file("a.jsonl", b'{"text": "A b", "labels": {"x": "all of x"}}')
    assert [record.settings for record in read_records(path, Vocab())] == [{"labels": {"x": "all of x"}}]


@pytest.mark.parametrize("line", [b"no json", b"[]", b'"text"', b"{}", b'{"text": 3}', b'{"text": null}'])
def test_jsonl_line_without_text_is_named(file, line):
    path = file("a.jsonl", b'{"text": "fine"}\n\n' + line)
    with pytest.raises(ValueError, match=rf"GM101.*Line 3 of '{path}'"):
        contents(path)


@pytest.mark.parametrize(
    "fields, settings",
    [
        (b'"gliner": {"questions": ["Who?"], "threshold": 0}', {"questions": ["Who?"], "threshold": 0}),
        (b'"labels": ["x"], "gliner": {"threshold": 0}', {"labels": ["x"], "threshold": 0}),
        (b'"labels": ["x"], "gliner": {"labels": ["y"]}', {"labels": ["y"]}),
        (b'"labels": ["x"], "gliner": null', {"labels": ["x"]}),
        (b'"questions": ["Who?"], "relations": [1]', {}),
    ],
)
def test_jsonl_may_bring_settings_under_a_key_of_their_own(file, fields, settings):
    (record,) = read_records(file("a.jsonl", b'{"text": "A b", %s}' % fields), Vocab())
    assert record.settings == settings


@pytest.mark.parametrize("value", [b'"labels"', b'["labels"]', b"5", b"true"])
def test_jsonl_settings_must_be_an_object(file, value):
    path = file("a.jsonl", b'\n{"text": "fine", "gliner": %s}' % value)
    with pytest.raises(ValueError, match=rf"GM112.*line 2 of '{path}'"):
        contents(path)


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl"])
def test_line_in_another_encoding_is_named(file, name):
    path = file(name, b'{"text": "fine"}\n{"text": "Z\xfcrich"}\n')
    with pytest.raises(ValueError, match=rf"GM104.*Line 2 of '{path}'"):
        contents(path)


def test_docs_come_as_they_were_stored(tmp_path):
    path = tmp_path / "a.spacy"
    doc = Doc(Vocab(), words=["New", "York", "!"], spaces=[True, False, False])
    DocBin(docs=[doc]).to_disk(path)
    (read,) = contents(path)
    assert (read.text, [token.text for token in read]) == ("New York!", ["New", "York", "!"])


def test_docs_file_must_be_a_docbin(file):
    with pytest.raises(ValueError, match="GM103"):
        contents(file("a.spacy", b"New York!"))


@pytest.mark.parametrize("name", ["a.csv", "a", "a.json"])
def test_other_suffixes_are_refused_with_those_that_work(file, name):
    with pytest.raises(ValueError, match=rf"GM100.*{name}'.*\.txt, \.jsonl, \.spacy"):
        read_records(file(name, b"text"), Vocab())


@pytest.mark.parametrize("name", ["missing.txt", ""])
def test_what_is_no_file_is_refused(tmp_path, name):
    with pytest.raises(ValueError, match="GM110"):
        read_records(tmp_path / name, Vocab())


def test_docs_bring_their_own_settings(tmp_path):
    register_extensions()
    doc = Doc(Vocab(), words=["Paris"])
    doc._.gliner = {"labels": ["city"]}
    DocBin(docs=[doc], store_user_data=True).to_disk(tmp_path / "a.spacy")
    (record,) = read_records(tmp_path / "a.spacy", Vocab())
    assert list(record.settings["labels"]) == ["city"]
