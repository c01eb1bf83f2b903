"""Memo: what is computed again, and what is not."""

import numpy as np
import pytest
import torch
from thinc.api import Adam, PyTorchShim
from torch import nn

from spacy_gliner_mt.nn.memo import Memo


@pytest.fixture
def layer():
    torch.manual_seed(0)
    return nn.Linear(3, 3)


@pytest.fixture
def memo():
    return Memo()


def double(memo, layer, key=None):
    """The doubled weights of a layer, from memory where they are there, and whether they were."""
    calls = []

    def compute():
        calls.append(None)
        return [2 * weight.detach() for weight in layer.parameters()]

    result = memo.get(list(layer.parameters()), key, compute)
    for weight, doubled in zip(layer.parameters(), result, strict=True):
        torch.testing.assert_close(doubled, 2 * weight.detach(), rtol=0, atol=0)
    return not calls


def learn(layer):
    layer(torch.ones(1, 3)).square().sum().backward()


def step_with_torch(layer):
    learn(layer)
    torch.optim.AdamW(layer.parameters(), lr=0.1).step()


def step_with_thinc(layer):
    learn(layer)
    PyTorchShim(layer).finish_update(Adam(0.1))


def load_state(layer, assign=False):
    layer.load_state_dict({name: value + 1 for name, value in layer.state_dict().items()}, assign=assign)


def move_in_place(layer):
    with torch.no_grad():
        layer.bias.add_(1)


def move_in_inference_mode(layer):
    with torch.inference_mode():
        layer.weight.mul_(3)


def round_weights(layer):
    layer.bfloat16().float()


CHANGES = {
    "torch's optimizer": step_with_torch,
    "thinc's optimizer": step_with_thinc,
    "load_state_dict": load_state,
    "load_state_dict, assigning": lambda layer: load_state(layer, assign=True),
    "in place": move_in_place,
    "in inference mode": move_in_inference_mode,
    "to another type and back": round_weights,
    "to another type": lambda layer: layer.to(
        torch.double if layer.weight.dtype == torch.float else torch.float
    ),
}


def test_a_result_is_kept(memo, layer):
    assert [double(memo, layer) for _ in range(3)] == [False, True, True]


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_weight_is_seen(memo, layer, change):
    double(memo, layer)
    for _ in range(3):
        change(layer)
        assert not double(memo, layer)
        assert double(memo, layer)


def test_a_prediction_between_a_gradient_and_thincs_step_keeps_nothing_old(memo, layer):
    """Components that annotate in training predict there."""
    shim, optimizer = PyTorchShim(layer), Adam(0.1)
    for _ in range(3):
        learn(layer)
        double(memo, layer)
        shim.finish_update(optimizer)
        assert not double(memo, layer)


def test_the_weights_of_another_layer_are_others(memo, layer):
    double(memo, layer)
    twin = nn.Linear(3, 3)
    assert not double(memo, twin)


def test_the_key_counts(memo, layer):
    assert [double(memo, layer, key) for key in "aabba"] == [False, True, False, True, False]


def test_what_was_made_in_inference_mode_is_never_kept(memo):
    with torch.inference_mode():
        layer = nn.Linear(3, 3)
        assert not double(memo, layer)
        layer.weight.mul_(2)
        assert not double(memo, layer)


def test_memory_of_old_weights_is_not_taken_for_that_of_new_ones(memo):
    """Whatever is freed may be where the next weights are put."""
    for number in range(50):
        layer = nn.Linear(64, 64)
        nn.init.constant_(layer.weight, number)
        double(memo, layer)
        del layer


def test_weights_that_numpy_sees_are_the_same_memory(layer):
    """Why the gradient must be looked at: torch does not see this change."""
    version = layer.weight._version
    layer.weight.detach().numpy()[:] = 0
    assert layer.weight._version == version
    assert np.all(layer.weight.detach().numpy() == 0)
