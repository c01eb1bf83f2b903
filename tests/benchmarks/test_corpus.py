"""Corpus: documents of the asked lengths, always the same."""

import json

import pytest

from benchmarks.corpus import DOCUMENT_WORDS, build_documents


@pytest.fixture
def folder(tmp_path):
    for name, word in (("crossner_ai", "a"), ("mit_movie", "b")):
        record = {"text": " ".join([word] * 40), "labels": ["x"], "spans": []}
        (tmp_path / f"ner.{name}.jsonl").write_text(json.dumps(record) + "\n")
    return tmp_path


@pytest.mark.parametrize("lengths", DOCUMENT_WORDS)
def test_documents_have_the_asked_lengths(folder, lengths):
    texts = build_documents(folder, 50, 0, lengths)
    counts = [len(text.split()) for text in texts]
    least, most = DOCUMENT_WORDS[lengths]
    assert least <= min(counts) < max(counts) <= most
    assert set("".join(texts)) == {"a", " "}  # of CrossNER only
    assert build_documents(folder, 50, 0, lengths) == texts
    assert build_documents(folder, 50, 1, lengths) != texts
