"""The optimizer: torch's AdamW with two rates, and what thinc's own leaves without effect."""

import math
import warnings
from itertools import chain

import pytest
import torch
from spacy.util import registry
from thinc.api import Adam, Linear, Optimizer, compounding

from spacy_gliner_mt.models.architecture import build_gliner_multitask_v1, require_bundle
from spacy_gliner_mt.training.optimizer import AdamW, group_parameters, make_adamw_v1, update_weights

from ..util import make_bundle

ENCODER = "network.encoder.transformer."


def give_gradients(bundle, scale=1.0):
    torch.manual_seed(1)
    for parameter in bundle.parameters():
        parameter.grad = torch.randn_like(parameter) * scale


def weights_of(bundle):
    return {name: parameter.detach().clone() for name, parameter in bundle.named_parameters()}


def moves(bundle, optimizer, scale=1.0):
    """How far each tensor moves in one step: the largest of its changes."""
    before = weights_of(bundle)
    give_gradients(bundle, scale)
    optimizer.update(bundle)
    return {name: (before[name] - weight).abs().max().item() for name, weight in weights_of(bundle).items()}


@pytest.fixture
def bundle():
    return make_bundle(hidden_size=8)


def test_a_step_is_torchs():
    ours, theirs = make_bundle(), make_bundle()
    optimizer = make_adamw_v1(
        0.1, encoder_factor=0.5, weight_decay=0.2, grad_clip=0.3, beta1=0.8, beta2=0.9, eps=1e-4
    )
    plain = torch.optim.AdamW(theirs.parameters(), lr=0.1, weight_decay=0.2, betas=(0.8, 0.9), eps=1e-4)
    named = dict(theirs.named_parameters())
    plain.param_groups.clear()
    for encoder in (True, False):
        for decays in (True, False):
            some = [
                tensor
                for name, tensor in named.items()
                if name.startswith(ENCODER) is encoder and (tensor.ndim > 1) is decays
            ]
            plain.add_param_group(
                {"params": some, "lr": 0.05 if encoder else 0.1, "weight_decay": 0.2 if decays else 0.0}
            )
    for _ in range(3):
        give_gradients(ours)
        give_gradients(theirs)
        optimizer.update(ours)
        torch.nn.utils.clip_grad_norm_(theirs.parameters(), 0.3)
        plain.step()
    expected = weights_of(theirs)
    for name, weight in weights_of(ours).items():
        torch.testing.assert_close(weight, expected[name], atol=1e-7, rtol=1e-6)


def test_the_encoder_has_a_rate_of_its_own(bundle):
    # The first step of Adam moves every weight by the rate, whatever its gradient.
    moved = moves(bundle, make_adamw_v1(0.1, encoder_factor=0.01, weight_decay=0.0, grad_clip=0.0))
    for name, distance in moved.items():
        assert distance == pytest.approx(0.001 if name.startswith(ENCODER) else 0.1, rel=1e-2), name
    # What was put on top of the transformer belongs to the rest.
    assert "network.encoder.projection.weight" in moved


def test_a_factor_of_0_leaves_the_encoder(bundle):
    moved = moves(bundle, make_adamw_v1(0.1, encoder_factor=0.0))
    assert {name for name, distance in moved.items() if distance == 0} == {
        name for name in moved if name.startswith(ENCODER)
    }


def test_biases_and_norms_do_not_decay(bundle):
    optimizer = make_adamw_v1(0.1, encoder_factor=1.0, weight_decay=0.5, grad_clip=0.0)
    before = weights_of(bundle)
    for parameter in bundle.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.update(bundle)
    for name, weight in weights_of(bundle).items():
        spared = name.endswith("bias") or "LayerNorm" in name or "bias_" in name
        factor = 1.0 if spared else 1 - 0.1 * 0.5
        torch.testing.assert_close(weight, before[name] * factor, msg=name)


@pytest.mark.parametrize("grad_clip, expected", [(0.5, 0.5), (0.0, None), (1e9, None)])
def test_the_gradient_is_clipped_as_a_whole(bundle, grad_clip, expected, monkeypatch):
    seen = {}

    def step(optimizer):
        groups = optimizer.param_groups
        gradients = [tensor.grad.flatten() for tensor in chain(*(group["params"] for group in groups))]
        seen["norm"] = torch.cat(gradients).norm().item()

    monkeypatch.setattr(torch.optim.AdamW, "step", step)
    give_gradients(bundle)
    whole = torch.cat([parameter.grad.flatten() for parameter in bundle.parameters()]).norm().item()
    make_adamw_v1(0.1, grad_clip=grad_clip).update(bundle)
    assert seen["norm"] == pytest.approx(expected or whole, rel=1e-3)


def test_gradients_are_cleared(bundle):
    moves(bundle, make_adamw_v1())
    assert all(parameter.grad is None for parameter in bundle.parameters())


def test_without_gradients_nothing_moves(bundle):
    before = weights_of(bundle)
    make_adamw_v1().update(bundle)
    for name, weight in weights_of(bundle).items():
        assert torch.equal(weight, before[name])


def test_rates_follow_a_schedule(bundle):
    optimizer = make_adamw_v1(
        compounding(0.1, 1.0, 2.0),
        encoder_factor=1.0,
        weight_decay=0.0,
        grad_clip=0.0,
        beta1=1e-9,
        beta2=1e-9,
    )
    for rate in (0.1, 0.2, 0.4):
        moved = moves(bundle, optimizer)
        assert max(moved.values()) == pytest.approx(rate, rel=1e-2)
        optimizer.step_schedules()


def test_two_networks_have_states_of_their_own():
    one, other = make_bundle(), make_bundle()
    optimizer = make_adamw_v1(0.1)
    moves(one, optimizer)
    moves(one, optimizer)
    moves(other, optimizer)
    fresh = make_bundle()
    moves(fresh, make_adamw_v1(0.1))
    for weight, expected in zip(other.parameters(), fresh.parameters(), strict=True):
        assert torch.equal(weight, expected)


def test_groups_hold_every_parameter_once(bundle):
    groups = group_parameters(bundle, 0.3)
    grouped = [id(parameter) for group in groups for parameter in group["params"]]
    assert sorted(grouped) == sorted(map(id, bundle.parameters()))
    assert {(group["rate_factor"], group["decay_factor"]) for group in groups} == {
        (0.3, 0.0),
        (0.3, 1.0),
        (1.0, 0.0),
        (1.0, 1.0),
    }


def test_other_components_are_updated_as_by_thinc():
    ours, theirs = (Linear(2, 3).initialize() for _ in range(2))
    theirs.set_param("W", ours.get_param("W").copy())
    adam = Adam(0.1, L2=0.2, grad_clip=0.3, use_averages=False, L2_is_weight_decay=True)
    for model, optimizer in (
        (ours, make_adamw_v1(0.1, weight_decay=0.2, grad_clip=0.3)),
        (theirs, adam),
    ):
        Y, backprop = model.begin_update(model.ops.asarray2f([[1.0, 2.0, 3.0]]))
        backprop(Y + 1)
        model.finish_update(optimizer)
    assert ours.get_param("W").tolist() == theirs.get_param("W").tolist()


def test_is_a_block_of_configs():
    config = {
        "@optimizers": "spacy-gliner-mt.AdamW.v1",
        "learn_rate": {
            "@schedules": "warmup_linear.v1",
            "initial_rate": 0.5,
            "warmup_steps": 0,
            "total_steps": 9,
        },
        "encoder_factor": 0.2,
        "weight_decay": 0.3,
        "grad_clip": 0.4,
        "beta1": 0.5,
        "beta2": 0.6,
        "eps": 0.7,
    }
    optimizer = registry.resolve({"optimizer": config})["optimizer"]
    assert isinstance(optimizer, AdamW) and isinstance(optimizer, Optimizer)
    values = [optimizer.learn_rate, optimizer.encoder_factor, optimizer.L2, optimizer.grad_clip]
    assert values + [optimizer.b1, optimizer.b2, optimizer.eps] == [0.5, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]
    assert optimizer.averages is None


def test_a_negative_factor_is_refused():
    with pytest.raises(ValueError, match=r"\[GM081\].*encoder_factor"):
        make_adamw_v1(encoder_factor=-1.0)


class TestThincsOwn:
    @pytest.fixture
    def model(self, checkpoint):
        model = build_gliner_multitask_v1(checkpoint=str(checkpoint))
        model.initialize()
        give_gradients(require_bundle(model))
        return model

    def test_adam_moves_the_weights(self, model):
        before = weights_of(require_bundle(model))
        update_weights(model, Adam(0.1, use_averages=False, grad_clip=0.0, L2=0.0))
        for name, weight in weights_of(require_bundle(model)).items():
            assert (weight - before[name]).abs().max().item() == pytest.approx(0.1, rel=1e-2), name

    def test_adam_clears_the_gradients(self, model):
        update_weights(model, Adam(0.1, use_averages=False))
        assert all(not parameter.grad.any() for parameter in require_bundle(model).parameters())

    def test_averages_are_warned_of(self, model):
        with pytest.warns(UserWarning, match="GMW03"):
            update_weights(model, Adam(0.1, use_averages=True))
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            update_weights(model, Adam(0.1, use_averages=False))
            update_weights(model, make_adamw_v1())

    def test_frozen_tensors_stay(self, model):
        bundle = require_bundle(model)
        bundle.network.encoder.freeze(1)
        for parameter in bundle.parameters():
            if not parameter.requires_grad:
                parameter.grad = None
        before = weights_of(bundle)
        update_weights(model, Adam(0.1, use_averages=False))
        after = weights_of(bundle)
        stayed = {name for name in after if torch.equal(after[name], before[name])}
        assert stayed == {name for name, tensor in bundle.named_parameters() if not tensor.requires_grad}
        assert stayed and not math.isnan(sum(weight.sum().item() for weight in after.values()))
