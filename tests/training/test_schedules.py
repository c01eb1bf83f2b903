"""Schedules: the rates of single steps."""

from itertools import islice
from math import cos, pi

import pytest
import torch
from spacy.util import registry
from thinc.api import Adam
from transformers import get_cosine_schedule_with_warmup

from spacy_gliner_mt.training.schedules import make_warmup_cosine_v1


def rates(n, *args):
    return list(islice(make_warmup_cosine_v1(*args), n))


def test_rises_and_falls():
    assert rates(8, 1.0, 2, 6) == pytest.approx(
        [0, 1 / 2, 1, (1 + cos(pi / 4)) / 2, 1 / 2, (1 + cos(3 * pi / 4)) / 2, 0, 0]
    )


def test_without_warmup_starts_at_its_highest():
    assert rates(1, 0.3, 0, 10) == [0.3]


@pytest.mark.parametrize("warmup, total", [(3, 10), (0, 5), (4, 4)])
def test_is_that_of_transformers(warmup, total):
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.5)
    schedule = get_cosine_schedule_with_warmup(optimizer, warmup, total)
    expected = []
    for _ in range(total):
        expected.append(schedule.get_last_lr()[0])
        optimizer.step()
        schedule.step()
    assert rates(total, 0.5, warmup, total) == pytest.approx(expected)


def test_optimizers_follow_it():
    config = {
        "@schedules": "spacy-gliner-mt.warmup_cosine.v1",
        "initial_rate": 1.0,
        "warmup_steps": 1,
        "total_steps": 2,
    }
    optimizer = Adam(registry.resolve({"rate": config})["rate"])
    seen = []
    for _ in range(4):
        seen.append(optimizer.learn_rate)
        optimizer.step_schedules()
    assert seen == pytest.approx([0.0, 1.0, 0.0, 0.0])
