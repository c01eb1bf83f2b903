"""Prompts: one span group for each instruction, and the text that cleaning leaves."""

import pytest
from spacy.tokens import Span

from spacy_gliner_mt.settings import Settings
from spacy_gliner_mt.tasks.prompts import PromptTask, read_clean_text

from .util import annotate, make_doc

TEXT = "Home | News Ada left Bonn . Log in"
PROMPTS = {"people": "Find all people:", "verbs": "Find all verbs:"}


def test_nothing_is_asked_without_prompts():
    assert PromptTask(Settings()).queries(make_doc(TEXT), {}) is None


def test_each_prompt_is_an_instruction():
    settings = Settings(prompts=PROMPTS, prompt_threshold=0.25, thresholds={"verbs": 0.75})
    queries = PromptTask(settings).queries(make_doc(TEXT), {})
    assert [query.instruction for query in queries] == ["Find all people:", "Find all verbs:"]
    assert [query.labels for query in queries] == [("match",), ("match",)]
    assert [query.thresholds.tolist() for query in queries] == [[0.25], [0.75]]


def test_a_prompt_may_spell_a_place_holder():
    (query,) = PromptTask(Settings(prompts={"x": "Find {prompt} and {0}"})).queries(make_doc(TEXT), {})
    assert query.instruction == "Find {prompt} and {0}"


def test_each_prompt_has_a_group():
    doc = make_doc(TEXT)
    found = [(3, 4, "match", 0.5), (5, 6, "match", 0.75)], []
    annotate(PromptTask(Settings(prompts=PROMPTS)), doc, *found)
    people, verbs = doc.spans["people"], doc.spans["verbs"]
    assert [(span.text, span.label_) for span in people] == [("Ada", "match"), ("Bonn", "match")]
    assert (list(people.attrs["scores"]), len(verbs)) == ([0.5, 0.75], 0)


def test_two_prompts_may_find_the_same_span():
    doc = make_doc(TEXT)
    annotate(PromptTask(Settings(prompts=PROMPTS)), doc, [(3, 4, "match", 0.5)], [(3, 4, "match", 0.75)])
    assert [span._.score for key in PROMPTS for span in doc.spans[key]] == [0.5, 0.75]


def test_cleaning_comes_after_the_prompts():
    doc = make_doc(TEXT)
    found = [], [], [(3, 7, "match", 0.5), (8, 9, "match", 0.25)]
    annotate(PromptTask(Settings(prompts=PROMPTS, clean=True)), doc, *found)
    assert [span.text for span in doc.spans["clean"]] == ["Ada left Bonn .", "in"]
    assert doc._.clean_text == "Ada left Bonn . in"


@pytest.mark.parametrize("settings, text", [({"clean": True}, ""), ({"prompts": {"x": "y"}}, None)])
def test_no_clean_text_is_not_an_empty_one(settings, text):
    doc = make_doc(TEXT)
    annotate(PromptTask(Settings(**settings)), doc, [])
    assert read_clean_text(doc) == text


class TestGold:
    def read(self, groups, **settings):
        doc = make_doc(TEXT)
        for name, bounds in groups.items():
            doc.spans[name] = [Span(doc, start, end, "match") for start, end in bounds]
        golds = PromptTask(Settings(**{"prompts": PROMPTS, **settings})).gold(doc)
        return {gold.query.targets[0]: gold.spans.start.tolist() for gold in golds}

    def test_each_prompt_has_its_group(self):
        assert self.read({"people": [(3, 4)], "verbs": [(4, 5), (7, 8)]}) == {
            "people": [12],
            "verbs": [16, 28],
        }

    def test_prompts_without_their_group_are_unknown(self):
        assert self.read({"verbs": []}) == {"verbs": []}

    def test_text_cleaning(self):
        assert self.read({"clean": [(3, 7)]}, clean=True) == {"clean": [12]}
