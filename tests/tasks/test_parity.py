"""Parity: what a task finds is what gliner finds when it is prompted the same way by hand."""

import pytest
from gliner import GLiNER

from spacy_gliner_mt.encoding.words import split_words
from spacy_gliner_mt.models.architecture import build_gliner_multitask_v1
from spacy_gliner_mt.models.extraction import Request, extract
from spacy_gliner_mt.settings import Settings
from spacy_gliner_mt.tasks.answers import AnswerTask
from spacy_gliner_mt.tasks.classes import ClassTask
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
    "classes": ClassTask(Settings(classes=["history", "team sports"], class_threshold=0.4)),
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
    """What gliner finds in a text behind an instruction, or in the instruction where that is read."""
    select = reference.decoder.greedy_search

    def predict(query, text):
        instruction = f"{query.instruction} ".lstrip()
        n_words = len(split_words(instruction))

        # gliner has no instructions: to it their spans are like any others, and exclude those of
        # the text that they overlap. So what is not asked for is removed before it selects.
        def select_asked(spans, *rules):
            inside = query.read_instruction
            asked = [span for span in spans if (span.end < n_words if inside else span.start >= n_words)]
            return select(asked, *rules)

        monkeypatch.setattr(reference.decoder, "greedy_search", select_asked)
        entities = reference.predict_entities(instruction + text, query.labels, threshold=query.thresholds[0])
        shift = 0 if query.read_instruction else len(instruction)
        return [(entity["start"] - shift, entity["text"], entity["score"]) for entity in entities]

    return predict


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
@pytest.mark.parametrize("text", TEXTS)
def test_spans_are_those_of_gliner(model, predict, task, text):
    (query,) = task.queries(make_doc(text), answer_entities((0, 1, "person")))
    (extraction,) = extract(model, [Request(split_words(text), (query,), task.settings)])
    spans = extraction.answers[0].spans
    read = query.instruction if query.read_instruction else text
    words = split_words(read)
    starts, ends = words.starts[spans.start], words.ends[spans.end - 1]
    assert predict(query, text) == [
        (start, read[start:end], pytest.approx(score, abs=1e-5))
        for start, end, score in zip(starts, ends, spans.score, strict=True)
    ]
