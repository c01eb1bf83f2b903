"""Files: JSON in a list, in lines, and compressed."""

from __future__ import annotations

import gzip

import pytest

from spacy_gliner_mt.training.converters.files import read_items, read_json


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", b"[1, 2]"),
        ("a.jsonl", b"1\n\n2\n"),
        ("a.json.gz", gzip.compress(b"[1, 2]")),
        ("a.jsonl.gz", gzip.compress(b"1\n2")),
    ],
)
def test_items(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert list(read_items(tmp_path / name, int)) == [1, 2]


@pytest.mark.parametrize("content", [b"[1, 2]", gzip.compress(b"[1, 2]")[:-9]])
def test_damaged_files_are_named(tmp_path, content):
    (tmp_path / "a.json.gz").write_bytes(content)
    with pytest.raises(ValueError, match=r"GM200.*a\.json\.gz"):
        read_json(tmp_path / "a.json.gz", list[int])


def test_what_is_no_json_is_named(tmp_path):
    (tmp_path / "a.json").write_bytes(b"\xff[1]")
    with pytest.raises(ValueError, match=r"GM222.*a\.json.*all"):
        read_json(tmp_path / "a.json", list[int])
