"""Synthesizer: texts that are annotated, put aside, or asked about again."""

import json
from collections import Counter

import pytest

from spacy_gliner_mt.training.records import read_records
from spacy_gliner_mt.training.synthesis.chat import make_chat_model_v1
from spacy_gliner_mt.training.synthesis.store import Store
from spacy_gliner_mt.training.synthesis.synthesizer import Synthesizer

from .chat_server import Step, serve
from .util import TEXT, answer

EMPTY = json.dumps(
    {key: [] for key in ("entities", "absent_labels", "relations", "questions", "summary", "extractions")}
)


@pytest.fixture
def run(tmp_path):
    """Annotate texts by a server that takes the steps given; the files are those of the test."""

    def synthesize(texts, steps, **options):
        counts = Counter()
        with serve(steps) as chat:
            model = make_chat_model_v1(chat.url, "tiny", retries=0, backoff=0.01, timeout=5.0)
            store = Store(tmp_path / "out.jsonl", tmp_path / "rejected.jsonl")
            try:
                done = list(Synthesizer(model, store, **options).run(texts, counts))
            finally:
                synthesize.asked = {text: len(bodies) for text, bodies in chat.asked.items()}
                synthesize.counts = {reason: count for reason, count in counts.items() if count}
        return done

    return synthesize


def rejected(tmp_path):
    lines = (tmp_path / "rejected.jsonl").read_text().splitlines()
    return {fields["text"]: fields for fields in map(json.loads, lines)}


@pytest.mark.parametrize("workers", [1, 3])
def test_texts_are_annotated_in_order(run, tmp_path, workers):
    texts = [f"{TEXT} {number}" for number in range(7)]
    steps = {text: [Step(answer(), delay=0.05 * (number % 3))] for number, text in enumerate(texts)}
    assert run(texts, steps, workers=workers) == texts
    records = list(read_records(tmp_path / "out.jsonl"))
    assert list(dict.fromkeys(record.text for record in records)) == texts
    assert len({record.id for record in records}) == len(records) == 7 * 6
    assert run.counts == {
        "texts annotated": 7,
        "ner records": 7,
        "relation records": 7,
        "qa records": 14,
        "summarization records": 7,
        "open records": 7,
    }


def test_broken_answers_are_kept_aside(run, tmp_path):
    steps = {"a": [Step("No.")], TEXT: [Step(answer())], "c": [Step(EMPTY)]}
    assert run(["a", TEXT, "c"], steps) == ["a", TEXT, "c"]
    aside = rejected(tmp_path)
    assert aside["a"]["answer"] == "No." and "GM230" in aside["a"]["error"]
    assert aside["c"]["answer"] == EMPTY
    assert {record.text for record in read_records(tmp_path / "out.jsonl")} == {TEXT}
    assert run.counts["texts put aside, as the answer is broken"] == 1
    assert run.counts["texts put aside, as nothing of the answer is in them"] == 1


def test_it_goes_on_where_it_was(run, tmp_path):
    steps = {
        "a": [Step("No.")],
        TEXT: [Step(answer())],
        "c c": [Step({}, 500), Step(answer(absent_labels=["x"]))],
    }
    assert run([TEXT, "a", "c c"], steps) == [TEXT, "a"]
    assert run.counts["texts without an answer, as the request failed"] == 1
    before = (tmp_path / "out.jsonl").read_text()
    # Only what there was no answer about is asked again.
    assert run([TEXT, "a", "c c"], {"c c": [Step(answer(absent_labels=["x"]))]}) == ["c c"]
    assert run.asked == {"c c": 1} and run.counts["texts done before"] == 2
    assert (tmp_path / "out.jsonl").read_text().startswith(before)


def test_blank_and_repeated_texts_are_not_asked(run):
    assert run([TEXT, " ", TEXT], {TEXT: [Step(answer())]}) == [TEXT]
    assert run.asked == {TEXT: 1}


def test_it_gives_up_when_nothing_works(run, tmp_path):
    texts = [TEXT, *"abcdefgh"]
    steps = {TEXT: [Step(answer())], **{text: [Step({"error": "full"}, 500)] for text in "abcdefgh"}}
    with pytest.raises(ValueError, match="GM237.*last 3 requests.*full"):
        run(texts, steps, max_failures=3, workers=1)
    assert run.counts["texts without an answer, as the request failed"] == 3
    assert {record.text for record in read_records(tmp_path / "out.jsonl")} == {TEXT}


def test_failures_between_answers_are_no_reason_to_give_up(run):
    steps = {text: [Step({}, 500) if text in "abde" else Step("No.")] for text in "abcde"}
    assert run("abcde", steps, max_failures=3) == ["c"]


def test_refusals_end_it(run):
    with pytest.raises(ValueError, match="GM234.*401"):
        run("abc", {text: [Step({}, 401)] for text in "abc"}, workers=1)


def test_tasks_and_guidance_reach_the_model(run, tmp_path):
    only = json.dumps({"questions": [{"question": "Who?", "answer": "Al"}]})
    assert run([TEXT], {TEXT: [Step(only)]}, tasks=["qa"], guidance="Ask of sailors.") == [TEXT]
    assert run.counts == {"texts annotated": 1, "qa records": 1}
