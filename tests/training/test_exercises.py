"""Exercises: inputs as at inference, with their targets, and the count of what was lost."""

import pickle

import numpy as np
import pytest

from spacy_gliner_mt.models.extraction import Request, plan_request
from spacy_gliner_mt.training.exercises import ExerciseMaker, TrainingReport
from spacy_gliner_mt.training.label_pool import LabelPool
from spacy_gliner_mt.training.lessons import CORPUS_KEY
from spacy_gliner_mt.training.sampling import LabelSampler

from ..util import make_bundle
from .util import NLP, make_lesson, make_reference, mark

TEXT = "Ada Byron met Bob in Rome."
LABELS = ["person", "city"]
BUNDLE = make_bundle()


def make(*lessons, max_words=64, max_subtokens=126, seed=0, **options):
    sampler = LabelSampler(**{"shuffle": False, **options})
    maker = ExerciseMaker(sampler, BUNDLE.tokenizer, max_words, max_subtokens)
    pool = LabelPool.of(gold for lesson in lessons for gold in lesson.all_golds)
    return maker.make(lessons, pool, np.random.default_rng(seed))


def test_one_exercise_for_a_query():
    lesson = make_lesson(make_reference(TEXT, ("Ada Byron", "person"), ("Rome", "city")), labels=LABELS)
    (exercise,), report = make(lesson)
    assert exercise.targets.values.shape == (7, 2, 3)
    assert np.argwhere(exercise.targets.values[..., 0]).tolist() == [[0, 0], [5, 1]]
    assert report == TrainingReport(texts=1, exercises=1, spans=2)
    assert len(exercise) == len(exercise.input.ids)


def test_inputs_are_those_of_inference(nlp):
    """With the labels that are given, in their order."""
    model = nlp.get_pipe("gliner_multitask").model
    model.initialize()
    bundle = model.shims[0]._model
    doc = make_reference(" ".join([TEXT] * 9), gliner={"labels": LABELS, "questions": ["Who?"]})
    mark(doc, "answers", "Bob", "answer", "Who?")
    lesson = make_lesson(doc)
    maker = ExerciseMaker(
        LabelSampler(shuffle=False), bundle.tokenizer, bundle.config.max_words, bundle.max_subtokens
    )
    exercises, _ = maker.make([lesson], LabelPool(), np.random.default_rng(0))
    queries = tuple(gold.query for gold in lesson.all_golds)
    plans = plan_request(model, Request(lesson.words, queries, lesson.settings))
    inputs = [part.input for of_query in plans for part in of_query.parts]
    assert len(inputs) == len(exercises) > 3
    for exercise, expected in zip(exercises, inputs, strict=True):
        for name, value in vars(exercise.input).items():
            np.testing.assert_array_equal(value, getattr(expected, name))


def test_texts_without_annotation_teach_nothing():
    annotated = make_lesson(make_reference(TEXT), labels=LABELS)
    exercises, report = make(make_lesson(NLP.make_doc(TEXT), labels=LABELS), annotated)
    assert len(exercises) == 1
    assert report == TrainingReport(texts=2, unannotated_texts=1, exercises=1)


@pytest.mark.parametrize("text", ["", "   "])
def test_texts_without_words_make_no_exercises(text):
    exercises, report = make(make_lesson(make_reference(text), labels=LABELS))
    assert exercises == []
    assert report == TrainingReport(texts=1)


def test_more_labels_than_fit_are_several_exercises():
    doc = make_reference(TEXT, ("Ada", "a"), ("Byron", "b"), ("met", "c"), ("Bob", "d"), ("Rome", "e"))
    exercises, report = make(make_lesson(doc, labels=[*"abcde"]), max_labels=2)
    assert [exercise.targets.values.shape[1] for exercise in exercises] == [1, 2, 2]
    assert sum(exercise.targets.values[..., 0].sum() for exercise in exercises) == 5
    assert (report.exercises, report.spans) == (3, 5)


def test_labels_of_the_other_texts_are_negatives():
    lessons = [
        make_lesson(make_reference(TEXT, ("Rome", "city")), labels=["city"]),
        make_lesson(make_reference(TEXT, ("Bob", "person")), labels=["person"]),
    ]
    exercises, _ = make(*lessons, negatives="batch")
    assert [exercise.targets.values.shape[1] for exercise in exercises] == [2, 2]
    assert [exercise.targets.values[..., 0].sum(axis=0).tolist() for exercise in exercises] == [
        [1, 0],
        [1, 0],
    ]


def test_windows_and_what_they_cut():
    doc = make_reference(TEXT, ("Ada Byron met Bob", "person"), ("Rome", "city"))
    exercises, report = make(make_lesson(doc, labels=LABELS, window_overlap=0), max_words=3)
    assert [len(exercise.targets.values) for exercise in exercises] == [3, 3, 1]
    assert report == TrainingReport(texts=1, exercises=3, spans=1, cut_spans=1)


def test_texts_that_are_cut():
    doc = make_reference(TEXT, ("Rome", "city"))
    exercises, report = make(make_lesson(doc, labels=LABELS, on_overflow="warn"), max_words=3)
    assert len(exercises) == 1
    assert report == TrainingReport(texts=1, exercises=1, cut_spans=1, truncated_words=4)


def test_misaligned_spans_are_counted():
    doc = NLP.make_doc("It's Ada's.")
    doc.ents = [doc.char_span(5, 10, label="person")]  # "Ada's": three words of the model
    _, report = make(make_lesson(doc, labels=LABELS))
    assert (report.spans, report.misaligned_spans) == (1, 0)
    doc = NLP.make_doc("He doesn't")
    doc.ents = [doc.char_span(3, 7, label="person")]  # "does" of "doesn"
    _, report = make(make_lesson(doc, labels=LABELS))
    assert (report.spans, report.misaligned_spans) == (0, 1)
    _, report = make(make_lesson(doc, labels=LABELS, word_splitter="spacy"))
    assert (report.spans, report.misaligned_spans) == (1, 0)


def test_annotation_that_is_not_asked_is_counted():
    doc = make_reference(TEXT, ("Rome", "city"), ("Bob", "dog"))
    _, report = make(make_lesson(doc, labels=LABELS))
    assert (report.spans, report.unasked_spans) == (1, 1)


def test_queries_that_cannot_be_asked_are_counted():
    doc = make_reference(TEXT, gliner={"labels": ["x " * 100], "questions": ["Who?"]})
    mark(doc, "answers", "Bob", "answer", "Who?")
    exercises, report = make(make_lesson(doc))
    assert report == TrainingReport(texts=1, exercises=1, spans=1, skipped_queries=1)


def test_templates_of_corpora():
    doc = make_reference(TEXT, ("Rome", "city"))
    doc.user_data[CORPUS_KEY] = "wnut"
    (plain,), _ = make(make_lesson(doc, labels=LABELS))
    (named,), _ = make(make_lesson(doc, labels=LABELS), template="Dataset {corpus}")
    assert len(named.targets.values) == len(plain.targets.values) + 2
    assert (named.targets.values[2:] == plain.targets.values).all()


def test_reports_add_up():
    one = TrainingReport(texts=1, spans=2)
    assert one + TrainingReport(spans=3, cut_spans=1) == TrainingReport(texts=1, spans=5, cut_spans=1)


def test_can_be_sent_to_other_processes():
    lesson = make_lesson(make_reference(TEXT, ("Rome", "city")), labels=LABELS)
    (exercise,), _ = make(lesson)
    copy = pickle.loads(pickle.dumps(exercise))
    np.testing.assert_array_equal(copy.targets.values, exercise.targets.values)
    np.testing.assert_array_equal(copy.input.ids, exercise.input.ids)
    pickle.loads(pickle.dumps(ExerciseMaker(LabelSampler(), BUNDLE.tokenizer, 64, 126)))
