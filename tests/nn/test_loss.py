"""Loss: values worked out by hand, and what does not count."""

import math

import pytest
import torch
from torch.nn import functional as F

from spacy_gliner_mt.nn.loss import binary_loss

# A logit of log 3 is a probability of 3/4.
LOG3 = math.log(3)
UNWEIGHTED = {"positive_weight": 1.0, "negative_weight": 1.0}


def loss(logits, targets, mask=None, **options):
    mask = [True] * len(logits) if mask is None else mask
    return binary_loss(torch.tensor(logits), torch.tensor(targets), torch.tensor(mask), **options).item()


@pytest.mark.parametrize(
    "logit, target, options, expected",
    [
        # -log of the probability of what is right, by weight.
        (0.0, 1.0, UNWEIGHTED, math.log(2)),
        (LOG3, 1.0, UNWEIGHTED, math.log(4 / 3)),
        (LOG3, 0.0, UNWEIGHTED, math.log(4)),
        (-LOG3, 0.0, UNWEIGHTED, math.log(4 / 3)),
        (LOG3, 1.0, {}, 0.75 * math.log(4 / 3)),
        (LOG3, 0.0, {}, 0.25 * math.log(4)),
        (LOG3, 0.0, {"positive_weight": 2.0, "negative_weight": 3.0}, 3 * math.log(4)),
        # Focal: times how far it is from right, to a power.
        (LOG3, 1.0, {**UNWEIGHTED, "gamma": 1.0}, 1 / 4 * math.log(4 / 3)),
        (LOG3, 1.0, {**UNWEIGHTED, "gamma": 2.0}, 1 / 16 * math.log(4 / 3)),
        (LOG3, 0.0, {**UNWEIGHTED, "gamma": 2.0}, 9 / 16 * math.log(4)),
        (LOG3, 0.0, {"gamma": 2.0}, 0.25 * 9 / 16 * math.log(4)),
        # Smoothing by 0.2: nine parts of what is right, one of the other.
        (LOG3, 1.0, {**UNWEIGHTED, "smoothing": 0.2}, 0.9 * math.log(4 / 3) + 0.1 * math.log(4)),
        (LOG3, 0.0, {**UNWEIGHTED, "smoothing": 0.2}, 0.1 * math.log(4 / 3) + 0.9 * math.log(4)),
        # Weights are those of what is right, not of what it was smoothed to.
        (LOG3, 1.0, {"smoothing": 0.2}, 0.75 * (0.9 * math.log(4 / 3) + 0.1 * math.log(4))),
        (LOG3, 0.0, {"smoothing": 0.2}, 0.25 * (0.1 * math.log(4 / 3) + 0.9 * math.log(4))),
        # So is the modulating factor.
        (LOG3, 1.0, {**UNWEIGHTED, "smoothing": 1.0, "gamma": 1.0}, 1 / 8 * math.log(16 / 3)),
    ],
)
def test_one_target(logit, target, options, expected):
    assert loss([logit], [target], **options) == pytest.approx(expected, rel=1e-5)


def test_sum_over_what_counts():
    logits, targets = [LOG3, LOG3, 0.0, 7.0], [1.0, 0.0, 1.0, 0.0]
    total = 0.75 * math.log(4 / 3) + 0.25 * math.log(4) + 0.75 * math.log(2)
    assert loss(logits, targets, [True, True, True, False]) == pytest.approx(total, rel=1e-5)


def test_what_is_masked_has_neither_loss_nor_gradient():
    logits = torch.tensor([1.0, math.inf, math.nan, -2.0], requires_grad=True)
    mask = torch.tensor([True, False, False, True])
    value = binary_loss(logits, torch.tensor([1.0, 0.0, 1.0, 0.0]), mask, gamma=2.0)
    value.backward()
    assert torch.isfinite(value)
    assert logits.grad[1] == logits.grad[2] == 0
    assert (logits.grad[[0, 3]] != 0).all()


@pytest.mark.parametrize("logit", [-80.0, 80.0])
@pytest.mark.parametrize("target", [0.0, 1.0])
@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
def test_extreme_logits_have_finite_loss_and_gradient(logit, target, gamma):
    logits = torch.tensor([logit], requires_grad=True)
    value = binary_loss(logits, torch.tensor([target]), torch.tensor([True]), gamma=gamma)
    value.backward()
    assert torch.isfinite(value)
    assert torch.isfinite(logits.grad).all()


def test_weighted_cross_entropy_is_torchs():
    torch.manual_seed(0)
    logits, targets = torch.randn(50), (torch.rand(50) < 0.3).float()
    expected = F.binary_cross_entropy_with_logits(
        logits, targets, weight=torch.where(targets > 0, 0.75, 0.25), reduction="sum"
    )
    mask = torch.ones(50, dtype=torch.bool)
    assert binary_loss(logits, targets, mask).item() == pytest.approx(expected.item(), rel=1e-6)


def test_focal_loss_is_gliners():
    from gliner.modeling.loss_functions import focal_loss_with_logits

    torch.manual_seed(0)
    logits, targets = torch.randn(50), (torch.rand(50) < 0.3).float()
    expected = focal_loss_with_logits(logits, targets, alpha=0.75, gamma=2, reduction="sum")
    value = binary_loss(logits, targets, torch.ones(50, dtype=torch.bool), gamma=2)
    assert value.item() == pytest.approx(expected.item(), rel=1e-5)
