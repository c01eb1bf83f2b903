"""The sample corpus: what it holds, and that its script makes such a one."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
import spacy

from spacy_gliner_mt.training.corpus import make_corpus
from spacy_gliner_mt.training.records import TASKS, read_records

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "assets" / "sample"


@pytest.fixture(scope="module")
def parts():
    return {name: list(read_records(SAMPLE / f"{name}.jsonl")) for name in ("train", "dev")}


def test_it_is_large_enough_and_no_text_is_in_both_parts(parts):
    train, dev = ({record.text for record in parts[name]} for name in ("train", "dev"))
    assert len(train) + len(dev) >= 300
    assert not train & dev


@pytest.mark.parametrize("name", ["train", "dev"])
def test_all_tasks_are_in_both_parts(parts, name):
    assert {record.task for record in parts[name]} == set(TASKS)
    questions = [record for record in parts[name] if record.task == "qa"]
    assert 0.1 < sum(not record.answers for record in questions) / len(questions) < 0.5


@pytest.mark.parametrize("name", ["train", "dev"])
def test_the_reader_has_nothing_to_complain_of(parts, name):
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        examples = list(make_corpus(SAMPLE / f"{name}.jsonl")(spacy.blank("en")))
    assert len(examples) == len(parts[name])


def test_script(tmp_path):
    """Domains take turns, and passages that lose something are left out."""
    passages = [{"d": f"domain {n % 4}", "t": f"[[Bo{n}|person]] left. It rained."} for n in range(12)]
    passages[0]["qa"] = [["Who?", "Al"]]
    passages[1]["t"] = "[[Bo|person]]1 left."
    passages[2]["sum"] = [0]
    source = tmp_path / "source.jsonl"
    source.write_text("".join(f"{json.dumps(passage)}\n" for passage in passages))
    command = [sys.executable, "-W", "ignore", ROOT / "scripts" / "make_sample.py", tmp_path, source]
    done = subprocess.run(
        [*map(str, command), "--train", "6", "--dev", "2"],
        capture_output=True,
        text=True,
        timeout=240,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    assert "train: 6 passages" in done.stdout and "dev: 2 passages" in done.stdout
    found = {name: {r.text for r in read_records(tmp_path / f"{name}.jsonl")} for name in ("train", "dev")}
    assert (len(found["train"]), len(found["dev"])) == (6, 2) and not found["train"] & found["dev"]
    texts = found["train"] | found["dev"]
    numbers = [int(text[2 : text.index(" ")]) for text in texts]
    # Two of each domain. Those with more tasks come first; those that lose something never come.
    assert sorted(number % 4 for number in numbers) == [0, 0, 1, 1, 2, 2, 3, 3]
    assert 2 in numbers and not {0, 1} & set(numbers)
