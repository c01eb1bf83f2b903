"""What ships as data: every line of it is what its README says."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from spacy_gliner_mt.training.converters.registry import convert
from spacy_gliner_mt.training.records import read_records

ASSETS = Path(__file__).parents[1] / "assets"
SYNTHETIC = sorted((ASSETS / "synthetic").glob("*.jsonl"))


@pytest.fixture(scope="module")
def records():
    """All records of the synthetic corpus."""
    return [record for path in SYNTHETIC for record in convert(path, "synthetic", Counter())]


def test_the_readme_counts_the_synthetic_corpus(records):
    readme = (ASSETS / "synthetic" / "README.md").read_text(encoding="utf8")
    tasks = Counter(record.task for record in records)
    entities = [span for record in records if record.task == "ner" for span in record.spans]
    counts = {
        "passages": len({record.text for record in records}),
        "entities": len(entities),
        "labels": len({span.label for span in entities}),
        "questions": tasks["qa"],
        "instructions": tasks["open"],
        "summaries": tasks["summarization"],
    }
    missing = {
        name: count for name, count in counts.items() if f"{count:,} " not in readme.replace("\n", " ")
    }
    assert not missing


def test_no_passage_is_there_twice(records):
    passages: dict[str, set[str]] = {}
    for record in records:
        # An id is that of its passage and what it is of the passage's records.
        passages.setdefault(record.text, set()).add("-".join(record.id.split("-")[:2]))
    assert max(map(len, passages.values())) == 1


def test_parts_of_the_sample_share_no_text():
    parts = [
        {record.text for record in read_records(ASSETS / "sample" / f"{name}.jsonl")}
        for name in ("train", "dev")
    ]
    assert len(parts[0]) >= 300
    assert not parts[0] & parts[1]
