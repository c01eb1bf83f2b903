"""Trainer: its gradients are those of a plain torch loop, however it batches."""

import math

import numpy as np
import pytest
import torch

from spacy_gliner_mt.models.architecture import build_gliner_multitask_v1, require_bundle, save_folder
from spacy_gliner_mt.models.collate import collate
from spacy_gliner_mt.nn.loss import binary_loss
from spacy_gliner_mt.training.exercises import TrainingReport
from spacy_gliner_mt.training.loss import Extent, make_binary_loss_v1
from spacy_gliner_mt.training.sampling import LabelSampler
from spacy_gliner_mt.training.trainer import Trainer, compute_loss

from ..util import read_bundle, write_checkpoint
from .util import make_lesson, make_reference, mark

SETTINGS = {"labels": ["person", "city", "ship"], "questions": ["Who?"], "summarize": True}


@pytest.fixture
def model(checkpoint):
    model = build_gliner_multitask_v1(checkpoint=str(checkpoint))
    model.initialize()
    return model


@pytest.fixture
def lessons():
    """Texts of several lengths, one of two windows, one with a span that is masked, one without gold."""
    short = make_reference("Ada met Bob.", ("Ada", "person"), ("Bob", "person"))
    other = make_reference("The Hesperia left Oban.", ("Hesperia", "ship"), ("Oban", "city"))
    mark(other, "answers", "Hesperia", "answer", "Who?")
    mark(other, "summary", "left", "summary")
    long = make_reference(
        "In 1969 Apollo 11 left Florida with Neil Armstrong, Buzz Aldrin and Michael Collins on board.",
        ("Neil Armstrong", "person"),
        ("Florida", "city"),
    )
    masked = make_reference("He doesn't sail.")
    masked.ents = [masked.char_span(3, 7, label="ship")]
    unknown = make_reference("")
    return [make_lesson(doc, **SETTINGS) for doc in (short, other, long, masked, unknown)]


def gradients_of(model):
    named = require_bundle(model).named_parameters()
    return {name: parameter.grad.clone() for name, parameter in named if parameter.grad is not None}


def train_plainly(checkpoint, exercises, reduction, **options):
    """The loss and the gradients of a loop without thinc: one batch, autograd from end to end."""
    model = build_gliner_multitask_v1(checkpoint=str(checkpoint))
    bundle = require_bundle(model)
    logits = bundle(collate([item.input for item in exercises], bundle.pad_id, torch.device("cpu")))
    targets = [torch.from_numpy(item.targets.values) for item in exercises]
    masks = [torch.from_numpy(item.targets.mask) for item in exercises]
    pairs = zip(logits, targets, masks, strict=True)
    losses = torch.stack([binary_loss(*some, **options) for some in pairs])
    known = torch.tensor([mask.sum() for mask in masks])
    divisors = {"sum": 1, "mean": known.sum(), "inputs": known * len(exercises)}
    loss = (losses / divisors[reduction]).sum()
    loss.backward()
    return loss.item(), gradients_of(model)


def assert_same_gradients(some, others, atol=1e-6):
    assert some.keys() == others.keys()
    for name, gradient in some.items():
        torch.testing.assert_close(gradient, others[name], atol=atol, rtol=1e-5, msg=name)


@pytest.mark.parametrize("max_batch_tokens", [1, 200, 10**6])
@pytest.mark.parametrize("reduction", ["sum", "mean", "inputs"])
@pytest.mark.parametrize("options", [{}, {"gamma": 2.0, "smoothing": 0.1}])
def test_gradients_are_those_of_a_plain_loop(
    model, lessons, checkpoint, reduction, options, max_batch_tokens
):
    model.attrs["max_batch_tokens"] = max_batch_tokens
    trainer = Trainer(make_binary_loss_v1(reduction=reduction, **options), LabelSampler())
    exercises, _ = trainer.make_exercises(model, lessons)
    loss = trainer.update(model, lessons, drop=0.0)
    expected, gradients = train_plainly(checkpoint, exercises, reduction, **options)
    assert loss == pytest.approx(expected, rel=1e-5)
    # Sums are some hundred times as large as means, and so are the errors of float32.
    assert_same_gradients(gradients_of(model), gradients, atol=1e-4 if reduction == "sum" else 1e-6)
    assert any(gradient.any() for gradient in gradients.values())


def test_gradients_add_up(model, lessons):
    trainer = Trainer(make_binary_loss_v1(), LabelSampler(shuffle=False))
    trainer.update(model, lessons[:2], drop=0.0)
    trainer.update(model, lessons[2:], drop=0.0)
    in_two = gradients_of(model)
    require_bundle(model).zero_grad()
    trainer.update(model, lessons, drop=0.0)
    assert_same_gradients(gradients_of(model), in_two, atol=1e-4)


def test_exercises_are_the_same_until_the_next_update(model, lessons):
    trainer = Trainer(make_binary_loss_v1(), LabelSampler())
    ids = [[item.input.ids.tolist() for item in trainer.make_exercises(model, lessons)[0]] for _ in range(2)]
    trainer.update(model, lessons, drop=0.0)
    after = [item.input.ids.tolist() for item in trainer.make_exercises(model, lessons)[0]]
    assert ids[0] == ids[1] != after
    again = Trainer(make_binary_loss_v1(), LabelSampler())
    assert [item.input.ids.tolist() for item in again.make_exercises(model, lessons)[0]] == ids[0]
    other = Trainer(make_binary_loss_v1(), LabelSampler(seed=1))
    assert [item.input.ids.tolist() for item in other.make_exercises(model, lessons)[0]] != ids[0]


def test_labels_of_earlier_updates_are_negatives(model):
    lessons = [make_lesson(make_reference("Ada", ("Ada", name)), labels=[name]) for name in "abc"]
    trainer = Trainer(make_binary_loss_v1(), LabelSampler(negatives="uniform"))
    counts = []
    for lesson in lessons:
        (exercise,), _ = trainer.make_exercises(model, [lesson])
        counts.append(exercise.targets.values.shape[1])
        trainer.update(model, [lesson], drop=0.0)
    assert counts == [1, 2, 3]


def test_hard_negatives_have_vectors(model):
    doc = make_reference("Ada", ("Ada", "person"), gliner={"labels": ["person", *"abcdefgh"]})
    trainer = Trainer(make_binary_loss_v1(), LabelSampler(negatives="hard", max_labels=4))
    (exercise,), _ = trainer.make_exercises(model, [make_lesson(doc)])
    assert exercise.targets.values.shape[1] == 4


def test_dropout_takes_effect(model, lessons):
    trainer = Trainer(make_binary_loss_v1(), LabelSampler(shuffle=False))
    losses = [trainer.update(model, lessons, drop=drop) for drop in (0.0, 0.0, 0.5, 0.5)]
    assert losses[0] == losses[1]
    assert len(set(losses)) == 3
    # Prediction knows no dropout.
    inputs = [item.input for item in trainer.make_exercises(model, lessons)[0]]
    first, second = model.predict(inputs), model.predict(inputs)
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)


def test_what_is_masked_teaches_nothing(model):
    doc = make_reference("Anna")
    doc.set_ents([], missing=[doc[0:1]])
    assert not doc.has_annotation("ENT_IOB")
    doc = make_reference("He doesn't sail.")
    doc.ents = [doc.char_span(3, 7, label="ship")]
    trainer = Trainer(make_binary_loss_v1(), LabelSampler())
    exercises, _ = trainer.make_exercises(model, [make_lesson(doc, labels=["ship"])])
    logits = model.predict([item.input for item in exercises])
    _, (gradient,) = compute_loss(trainer.loss, exercises, logits, Extent.of(exercises))
    assert not gradient[1].any()
    assert gradient[[0, 2, 3, 4, 5]].all()


def test_nothing_to_learn_is_no_loss(model):
    trainer = Trainer(make_binary_loss_v1(), LabelSampler())
    assert trainer.update(model, [make_lesson(make_reference("Ada"))], drop=0.0) == 0.0
    assert gradients_of(model) == {}
    assert trainer.report == TrainingReport(texts=1, unannotated_texts=1)
    assert compute_loss(trainer.loss, [], [], Extent(0, 0)) == (0.0, [])


def test_the_report_counts_all_updates(model, lessons):
    trainer = Trainer(make_binary_loss_v1(), LabelSampler())
    for _ in range(2):
        trainer.update(model, lessons, drop=0.0)
    report = trainer.report
    assert (report.texts, report.spans, report.misaligned_spans) == (10, 16, 2)
    assert report.exercises > 10


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_loss_that_is_no_number_is_named(model, lessons, value):
    trainer = Trainer(make_binary_loss_v1(), LabelSampler())
    exercises, _ = trainer.make_exercises(model, lessons)
    logits = [np.full(item.targets.values.shape, value, dtype=np.float32) for item in exercises]
    with pytest.raises(ValueError, match="GM086"):
        compute_loss(trainer.loss, exercises, logits, Extent(1, 1))


def test_frozen_layers_learn_nothing(checkpoint, lessons):
    model = build_gliner_multitask_v1(checkpoint=str(checkpoint), frozen_layers=1)
    model.initialize()
    Trainer(make_binary_loss_v1(), LabelSampler()).update(model, lessons, drop=0.0)
    learned = gradients_of(model)
    prefix = "network.encoder.transformer."
    assert not any(name.startswith((prefix + "embeddings", prefix + "encoder.layer.0")) for name in learned)
    assert any(name.startswith(prefix + "encoder.layer.1") for name in learned)
    assert any(name.startswith("network.scorer") for name in learned)


def test_tasks_that_are_learned_are_kept_with_the_checkpoint(tmp_path):
    folder = write_checkpoint(tmp_path / "checkpoint", tasks=["entities"])
    model = build_gliner_multitask_v1(checkpoint=str(folder))
    doc = make_reference("A draw.")
    doc.cats = {"sport": 1.0}
    trainer = Trainer(make_binary_loss_v1(), LabelSampler())
    trainer.update(model, [make_lesson(doc, classes=["sport"])], drop=0.0)
    assert require_bundle(model).config.tasks == ("entities", "classes")
    save_folder(model, tmp_path / "saved")
    assert read_bundle(tmp_path / "saved").config.tasks == ("entities", "classes")
