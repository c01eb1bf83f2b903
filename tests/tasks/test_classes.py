"""Classes: found in the instruction that names them, and scored for the whole text."""

import pytest

from spacy_gliner_mt.encoding.words import split_words
from spacy_gliner_mt.settings import Settings
from spacy_gliner_mt.tasks.classes import ClassTask

from .util import annotate, make_doc

TEXT = "The match ended in a draw ."


def test_nothing_is_asked_without_classes():
    assert ClassTask(Settings()).queries(make_doc(TEXT), {}) is None


def test_the_classes_stand_in_the_instruction():
    settings = Settings(classes=["sport", "art"], class_threshold=0.25)
    (query,) = ClassTask(settings).queries(make_doc(TEXT), {})
    assert query.instruction == "Classify text into the following classes: sport, art"
    assert (query.labels, query.read_instruction, query.thresholds.tolist()) == (("match",), True, [0.25])


@pytest.mark.parametrize(
    "classes",
    [
        ["sport"],
        ["sport", "art", "law"],
        ["the arts", "science-fiction", "R&D", "C++"],
        ["art", "art history", "classes", "Classify text"],
        ["a, b", "b"],
        [" padded ", "東京"],
        ["{classes}", "<<ENT>>"],
    ],
)
def test_each_class_knows_its_words(classes):
    (query,) = ClassTask(Settings(classes=classes)).queries(make_doc(TEXT), {})
    words = split_words(query.instruction)
    (targets,) = query.targets
    spelled = {
        name: query.instruction[words.starts[start] : words.ends[end - 1]] for name, start, end in targets
    }
    assert spelled == {name: name.strip() for name in classes}


def score(*found, **settings):
    """The classes of a text where words of "... classes: world sport, art" are marked."""
    doc = make_doc(TEXT)
    task = ClassTask(Settings(classes=["world sport", "art"], **settings))
    annotate(task, doc, [(start, end, "match", score) for start, end, score in found])
    return doc.cats


# The instruction's words: Classify text into the following classes : world sport , art
@pytest.mark.parametrize(
    "found, scores",
    [
        ([], (0.0, 0.0)),
        ([(7, 9, 0.5)], (0.5, 0.0)),
        ([(10, 11, 0.5)], (0.0, 0.5)),
        ([(7, 9, 0.5), (10, 11, 0.75)], (0.5, 0.75)),
        # In part, more than once, and more than one.
        ([(7, 8, 0.5)], (0.5, 0.0)),
        ([(7, 8, 0.5), (8, 9, 0.75)], (0.75, 0.0)),
        ([(8, 11, 0.5)], (0.5, 0.5)),
        # Beside them.
        ([(0, 7, 0.5), (9, 10, 0.5)], (0.0, 0.0)),
    ],
)
def test_a_class_has_the_best_score_of_its_words(found, scores):
    assert score(*found) == dict(zip(["world sport", "art"], scores, strict=True))


def test_other_classes_are_left_alone():
    doc = make_doc(TEXT)
    doc.cats = {"long": 0.25, "art": 1.0}
    annotate(ClassTask(Settings(classes=["art"])), doc, [])
    assert doc.cats == {"long": 0.25, "art": 0.0}


def test_scores_are_python_numbers():
    assert {type(value) for value in score((7, 9, 0.5)).values()} == {float}


class TestGold:
    def read(self, cats, classes=("sport", "the arts", "law")):
        doc = make_doc(TEXT)
        doc.cats = cats
        (gold,) = ClassTask(Settings(classes=list(classes))).gold(doc)
        spell = gold.query.instruction.__getitem__
        marked = [
            spell(slice(start, end)) for start, end in zip(gold.spans.start, gold.spans.end, strict=True)
        ]
        unknown = [spell(slice(start, end)) for start, end in gold.unknown.tolist()]
        return marked, unknown, gold.left_out

    def test_classes_that_apply_are_marked_in_the_instruction(self):
        cats = {"sport": 1.0, "the arts": 0.5, "law": 0.0}
        assert self.read(cats) == (["sport", "the arts"], [], 0)

    def test_classes_without_a_value_are_unknown(self):
        assert self.read({"law": 0.0}) == ([], ["sport", "the arts"], 0)

    def test_other_classes_are_counted(self):
        assert self.read({"law": 1.0, "war": 1.0})[2] == 1

    def test_other_classes_alone_say_nothing(self):
        doc = make_doc(TEXT)
        doc.cats = {"war": 1.0}
        assert ClassTask(Settings(classes=["law"])).gold(doc) is None
