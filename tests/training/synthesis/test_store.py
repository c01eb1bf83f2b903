"""Store: files that grow, and may have been torn."""

import json

import pytest

from spacy_gliner_mt.training.records import Record, read_records
from spacy_gliner_mt.training.synthesis.store import Store


@pytest.fixture
def paths(tmp_path):
    return tmp_path / "out.jsonl", tmp_path / "out.rejected.jsonl"


def records_of(text):
    return [Record("qa", text, prompt=question) for question in ("Who?", "Why?")]


def test_what_was_written_is_known_again(paths):
    store = Store(*paths)
    assert "a" not in store
    store.add("a", records_of("a"))
    store.reject("b", "{", ValueError("broken"))
    assert "a" in store and "b" in store
    again = Store(*paths)
    assert "a" in again and "b" in again and "c" not in again
    again.add("c", records_of("c"))
    assert [record.text for record in read_records(paths[0])] == ["a", "a", "c", "c"]
    assert json.loads(paths[1].read_text()) == {"text": "b", "error": "broken", "answer": "{"}


@pytest.mark.parametrize("lost", [1, 10, 60])
def test_a_text_that_was_broken_off_is_asked_again(paths, lost):
    store = Store(*paths)
    for text in "abc":
        store.add(text, records_of(text))
    whole = paths[0].read_bytes()
    paths[0].write_bytes(whole[:-lost])
    again = Store(*paths)
    assert "a" in again and "c" not in again
    for text in "bc":
        if text not in again:
            again.add(text, records_of(text))
    assert paths[0].read_bytes() == whole


def test_nothing_but_a_torn_line(paths):
    paths[0].write_text('{"text": "a')
    assert "a" not in Store(*paths)
    assert paths[0].read_text() == ""


def test_other_files_are_refused(paths, tmp_path):
    with pytest.raises(ValueError, match=r"GM236.*out\.spacy"):
        Store(tmp_path / "out.spacy", paths[1])
    with pytest.raises(ValueError, match="GM105.*deep"):
        Store(tmp_path / "deep" / "out.jsonl", paths[1])
    paths[0].write_text("hello\n")
    with pytest.raises(ValueError, match=r"GM201.*out\.jsonl"):
        Store(*paths)
    paths[0].unlink()
    paths[1].write_text("hello\n")
    with pytest.raises(ValueError, match=r"GM101.*rejected\.jsonl"):
        Store(*paths)
