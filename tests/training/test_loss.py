"""The loss as a block: its arguments reach the function, and are checked."""

import pickle

import pytest
import torch
from spacy.util import registry

from spacy_gliner_mt.nn.loss import binary_loss
from spacy_gliner_mt.training.loss import make_binary_loss_v1

TENSORS = (torch.tensor([0.3, -2.0, 1.0]), torch.tensor([1.0, 0.0, 0.0]), torch.tensor([True, True, False]))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"positive_weight": 3.0},
        {"negative_weight": 0.0},
        {"gamma": 2.0},
        {"smoothing": 0.2},
        {"reduction": "mean"},
    ],
)
def test_every_argument_takes_effect(options):
    loss = registry.resolve({"loss": {"@misc": "spacy-gliner-mt.BinaryLoss.v1", **options}})["loss"]
    assert loss(*TENSORS, 2) == binary_loss(*TENSORS, 2, **options)
    assert not options or loss(*TENSORS, 2) != binary_loss(*TENSORS, 2)


def test_can_be_sent_to_other_processes():
    loss = make_binary_loss_v1(gamma=1.0)
    assert pickle.loads(pickle.dumps(loss))(*TENSORS) == loss(*TENSORS)


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
