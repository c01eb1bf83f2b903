"""Parity: what a task finds is what gliner finds when it is prompted the same way by hand."""

import pytest
from gliner import GLiNER

from spacy_gliner_mt.encoding.words import split_words
from spacy_gliner_mt.models.architecture import build_gliner_multitask_v1
from spacy_gliner_mt.models.extraction import Request, extract
from spacy_gliner_mt.settings import Settings
from spacy_gliner_mt.tasks.answers import AnswerTask
from spacy_gliner_mt.tasks.prompts import PromptTask
from spacy_gliner_mt.tasks.relations import RelationTask
from spacy_gliner_mt.tasks.summary import SummaryTask

from ..util import write_checkpoint
from .util import answer_entities, make_doc

TEXTS = [
    "Ada Lovelace met Charles Babbage in London.",
    "They built 3 engines (well-known ones) for 1,500 pounds; none was finished...",
    "Züge fahren \n\tnach Köln",
    "!",
]
TASKS = {
    "question": AnswerTask(Settings(questions=["Who met whom, and where?"])),
    "question of gliner": AnswerTask(Settings(questions=["Who?"], templates="gliner")),
    "summary": SummaryTask(Settings(summarize=True)),
    "prompt": PromptTask(Settings(prompts={"verbs": "Find all verbs (of any kind):"})),
    "relation": RelationTask(Settings(relations=["met"])),
    "relation without instruction": RelationTask(Settings(relations=["met"], templates="card")),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_checkpoint(tmp_path_factory.mktemp("parity") / "checkpoint", "deberta-v2")


@pytest.fixture(scope="module")
def model(folder):
    return build_gliner_multitask_v1(checkpoint=str(folder))


@pytest.fixture(scope="module")
def reference(folder):
    return GLiNER.from_pretrained(str(folder), local_files_only=True).eval()


@pytest.fixture
def predict(reference, monkeypatch):
    """What gliner finds in a text behind an instruction, as characters of the text."""
    select = reference.decoder.greedy_search

    def predict(query, text):
        # gliner has no instructions: to it their spans are like any others, and exclude those of
        # the text that they overlap. So they are removed before it selects.
        n_words = len(split_words(query.instruction))
        monkeypatch.setattr(
            reference.decoder,
            "greedy_search",
            lambda spans, *rules: select([span for span in spans if span.start >= n_words], *rules),
        )
        instruction = f"{query.instruction} ".lstrip()
        entities = reference.predict_entities(instruction + text, query.labels, threshold=query.thresholds[0])
        return [(entity["start"] - len(instruction), entity["text"], entity["score"]) for entity in entities]

    return predict


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
@pytest.mark.parametrize("text", TEXTS)
def test_spans_are_those_of_gliner(model, predict, task, text):
    doc = make_doc(text)
    words = split_words(text)
    (query,) = task.queries(doc, answer_entities((0, 1, "person")))
    (extraction,) = extract(model, [Request(words, (query,), task.settings)])
    spans = extraction.answers[0].spans
    starts, ends = words.starts[spans.start], words.ends[spans.end - 1]
    assert predict(query, text) == [
        (start, text[start:end], pytest.approx(score, abs=1e-5))
        for start, end, score in zip(starts, ends, spans.score, strict=True)
    ]
