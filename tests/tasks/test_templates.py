"""Templates: the exact strings of their sources, which the model was trained or tried with."""

from dataclasses import asdict
from typing import get_args

import pytest

from spacy_gliner_mt.encoding.words import split_words
from spacy_gliner_mt.settings import Settings, TemplateSet
from spacy_gliner_mt.tasks.answers import AnswerTask
from spacy_gliner_mt.tasks.classes import ClassTask
from spacy_gliner_mt.tasks.prompts import PromptTask
from spacy_gliner_mt.tasks.summary import SummaryTask
from spacy_gliner_mt.tasks.templates import TEMPLATES

from .util import make_doc

# What gliner 0.2.29 puts before a text, line break and all, in gliner/multitask.
GLINER = {
    "question": "Answer the following question: Who? \n ",
    "relation": "Extract relationships between entities from the text:  \n ",
    "summary": "Summarize the following text highlighting the most important information: \n ",
    "prompt": "Find people \n ",
    "classes": "Classify text into the following classes: a, b \n ",
}
CARD = {
    "question": "Who?",
    "relation": "",
    "summary": "Summarize the given text, highlighting the most important information:\n",
    "prompt": "Find people",
    "classes": GLINER["classes"],
}
PAPER = {
    **CARD,
    "question": "Who?\n",
    "relation": "Identify the relation in the given text, highlighting the relevant entity: ",
}


def test_every_setting_has_its_templates():
    assert set(TEMPLATES) == set(get_args(TemplateSet))


@pytest.mark.parametrize("name, source", [("paper", PAPER), ("card", CARD), ("gliner", GLINER)])
def test_the_words_are_those_of_the_source(name, source):
    """The model sees words only, so spaces and line breaks may differ."""
    templates = asdict(TEMPLATES[name])
    for field, value in {"question": "Who?", "prompt": "Find people", "classes": "a, b"}.items():
        templates[field] = templates[field].replace(f"{{{field}}}", value)
    words = {field: split_words(text).texts for field, text in templates.items()}
    assert words == {field: split_words(text).texts for field, text in source.items()}


@pytest.mark.parametrize("templates", get_args(TemplateSet))
@pytest.mark.parametrize(
    "task, settings",
    [
        (AnswerTask, {"questions": ["Who?"]}),
        (SummaryTask, {"summarize": True}),
        (PromptTask, {"prompts": {"x": "Find people"}, "clean": True}),
        (ClassTask, {"classes": ["a", "b"]}),
    ],
)
def test_no_place_holder_is_left(task, settings, templates):
    queries = task(Settings(templates=templates, **settings)).queries(make_doc("Ada left ."), {})
    assert not [query.instruction for query in queries if "{" in query.instruction]
