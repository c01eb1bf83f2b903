"""The loss as a block: its arguments reach the function, and are checked."""

import math
import pickle

import numpy as np
import pytest
import torch
from spacy.util import registry

from spacy_gliner_mt.encoding.targets import Targets
from spacy_gliner_mt.nn.loss import binary_loss
from spacy_gliner_mt.training.exercises import Exercise
from spacy_gliner_mt.training.loss import Extent, add_losses, make_binary_loss_v1

TENSORS = (torch.tensor([0.3, -2.0, 1.0]), torch.tensor([1.0, 0.0, 0.0]), torch.tensor([True, True, False]))
EXTENT = Extent(inputs=5, targets=30)


def make_exercise(words, labels):
    shape = (words, labels, 3)
    targets = np.random.default_rng(words).integers(0, 2, shape).astype(np.float32)
    return Exercise(None, Targets(targets, np.ones(shape, dtype=bool)))


@pytest.mark.parametrize(
    "options",
    [{}, {"positive_weight": 3.0}, {"negative_weight": 0.0}, {"gamma": 2.0}, {"smoothing": 0.2}],
)
def test_every_argument_takes_effect(options):
    loss = registry.resolve({"loss": {"@misc": "spacy-gliner-mt.BinaryLoss.v1", **options}})["loss"]
    assert loss(*TENSORS, EXTENT) == binary_loss(*TENSORS, **options)
    assert not options or loss(*TENSORS, EXTENT) != binary_loss(*TENSORS)


@pytest.mark.parametrize("reduction, divisor", [("sum", 1), ("mean", 30), ("inputs", 2 * 5)])
def test_reductions(reduction, divisor):
    loss = make_binary_loss_v1(reduction=reduction)
    torch.testing.assert_close(loss(*TENSORS, EXTENT), binary_loss(*TENSORS) / divisor)


@pytest.mark.parametrize("reduction", ["sum", "mean", "inputs"])
def test_nothing_that_counts_is_no_loss(reduction):
    logits, mask = torch.ones(2, requires_grad=True), torch.zeros(2, dtype=torch.bool)
    value = make_binary_loss_v1(reduction=reduction)(logits, torch.ones(2), mask, Extent(1, 0))
    value.backward()
    assert value.item() == 0
    assert (logits.grad == 0).all()


def test_inputs_count_the_same_whatever_their_size():
    """Where every target is missed by as much, the mean of means is that of any one."""
    exercises = [make_exercise(2, 1), make_exercise(7, 3)]
    logits = [torch.zeros(item.targets.values.shape) for item in exercises]
    loss = make_binary_loss_v1(positive_weight=1.0, negative_weight=1.0, reduction="inputs")
    both = add_losses(loss, exercises, logits, Extent.of(exercises))
    one = add_losses(loss, exercises[:1], logits[:1], Extent.of(exercises))
    assert both.item() == pytest.approx(math.log(2))
    assert one.item() == pytest.approx(math.log(2) / 2)


@pytest.mark.parametrize("reduction", ["sum", "mean", "inputs"])
def test_parts_add_up(reduction):
    exercises = [make_exercise(2, 1), make_exercise(7, 3)]
    logits = [torch.randn(item.targets.values.shape) for item in exercises]
    extent, loss = Extent.of(exercises), make_binary_loss_v1(reduction=reduction)
    parts = [add_losses(loss, [item], [some], extent) for item, some in zip(exercises, logits, strict=True)]
    torch.testing.assert_close(sum(parts), add_losses(loss, exercises, logits, extent))


def test_can_be_sent_to_other_processes():
    loss = make_binary_loss_v1(gamma=1.0)
    assert pickle.loads(pickle.dumps(loss))(*TENSORS, EXTENT) == loss(*TENSORS, EXTENT)


@pytest.mark.parametrize(
    "options, code",
    [
        ({"positive_weight": -1.0}, "GM081"),
        ({"negative_weight": -0.1}, "GM081"),
        ({"gamma": -2.0}, "GM081"),
        ({"smoothing": 1.5}, "GM007"),
        ({"smoothing": -0.1}, "GM007"),
        ({"reduction": "none"}, "GM007"),
    ],
)
def test_bad_arguments_are_named(options, code):
    with pytest.raises(ValueError, match=rf"\[{code}\].*{next(iter(options))}"):
        make_binary_loss_v1(**options)
