"""Smoothing: layers do what they did, and rounding their inputs costs less."""

import copy

import pytest
import torch
from torch import nn

from spacy_gliner_mt.nn.smoothing import SmoothedLinear, smooth_linear_layers

WIDTH = 8


class Attention(nn.Module):
    """Two layers that read the same, one behind an activation, and one that is never called."""

    def __init__(self):
        super().__init__()
        self.query = nn.Linear(WIDTH, WIDTH)
        self.key = nn.Linear(WIDTH, WIDTH)
        self.widen = nn.Linear(WIDTH, 4 * WIDTH)
        self.narrow = nn.Linear(4 * WIDTH, WIDTH, bias=False)
        self.idle = nn.Linear(WIDTH, WIDTH)

    def forward(self, vectors):
        mixed = self.query(vectors) * self.key(vectors)
        return self.narrow(torch.relu(self.widen(mixed)))


@pytest.fixture
def module():
    torch.manual_seed(0)
    return Attention().double().eval()


def make_vectors():
    """Vectors (2, 5, width) of which one channel is large everywhere."""
    vectors = torch.randn(2, 5, WIDTH, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    vectors[..., 3] *= 100
    return vectors


def test_what_comes_out_stays_the_same(module):
    vectors = make_vectors()
    expected = module(vectors)
    smooth_linear_layers(module, lambda: module(vectors[:1]))
    assert isinstance(module.query, SmoothedLinear)
    torch.testing.assert_close(module(vectors), expected)
    assert expected.std() > 0.1


def test_zeros_come_out_as_they_did(module):
    vectors = torch.zeros(3, WIDTH, dtype=torch.float64)
    vectors[1] = 1.0
    expected = module(vectors)
    smooth_linear_layers(module, lambda: module(torch.zeros(1, WIDTH, dtype=torch.float64)))
    torch.testing.assert_close(module(vectors), expected)


def test_layers_that_read_the_same_divide_by_the_same(module):
    smooth_linear_layers(module, lambda: module(make_vectors()))
    assert torch.equal(module.query.reciprocals, module.key.reciprocals)
    assert not torch.equal(module.query.reciprocals, module.widen.reciprocals)


def test_a_layer_that_is_not_called_stays(module):
    idle = module.idle
    smooth_linear_layers(module, lambda: module(make_vectors()))
    assert module.idle is idle


def test_nothing_is_watched_afterwards(module):
    layers = [layer for layer in module.modules() if isinstance(layer, nn.Linear)]
    smooth_linear_layers(module, lambda: module(make_vectors()))
    assert not any(layer._forward_pre_hooks for layer in layers)


def test_inputs_are_as_large_as_the_weights_of_their_columns():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(WIDTH, WIDTH)).double()
    vectors = make_vectors()
    smooth_linear_layers(model, lambda: model(vectors))
    inputs = (vectors * model[0].reciprocals).abs().amax(dim=(0, 1))
    torch.testing.assert_close(inputs, model[0].weight.abs().amax(dim=0))


@pytest.mark.parametrize("outputs", [WIDTH, WIDTH // 2])  # by channel alone, and also by vector
def test_rounded_inputs_change_less(outputs, monkeypatch):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(WIDTH, outputs)).double()
    vectors = make_vectors()
    vectors[0, 0] *= 20
    expected = model(vectors)[1]
    smoothed = copy.deepcopy(model)
    smooth_linear_layers(smoothed, lambda: smoothed(vectors[1:]))
    multiply = nn.functional.linear

    def multiply_rounded(inputs, weight, bias=None):
        step = inputs.abs().max() / 127
        return multiply((inputs / step).round() * step, weight, bias)

    monkeypatch.setattr(nn.functional, "linear", multiply_rounded)
    plain_error, error = ((some(vectors)[1] - expected).abs().mean() for some in (model, smoothed))
    assert error < plain_error * (0.6 if outputs == WIDTH else 0.1)
