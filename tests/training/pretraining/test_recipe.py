"""Recipe: its rates, and what it refuses."""

from dataclasses import replace

import pytest
from spacy.util import registry
from thinc.api import Config

from spacy_gliner_mt.training.pretraining.recipe import Recipe

from .util import make_recipe


@pytest.mark.parametrize(
    "decay, factors",
    [
        ("constant", [0.5, 1.0, 1.0, 1.0, 1.0, 1.0]),
        ("linear", [0.5, 1.0, 1.0, 0.75, 0.5, 0.25]),
        ("cosine", [0.5, 1.0, 1.0, 0.853553, 0.5, 0.146447]),
    ],
)
def test_rates_rise_and_fall(tmp_path, checkpoint, decay, factors):
    recipe = make_recipe(tmp_path, checkpoint, decay=decay)
    assert [recipe.rate_factor(step) for step in range(6)] == pytest.approx(factors, abs=1e-6)


@pytest.mark.parametrize(
    "decay, last", [("linear", [1.0, 0.5]), ("cosine", [1.0, 0.5]), ("constant", [1.0, 1.0])]
)
def test_rates_fall_in_the_last_steps_only(tmp_path, checkpoint, decay, last):
    recipe = make_recipe(tmp_path, checkpoint, decay=decay, decay_steps=2)
    assert [recipe.rate_factor(step) for step in range(6)] == pytest.approx([0.5, 1.0, 1.0, 1.0, *last])


@pytest.mark.parametrize(
    "options, code",
    [
        ({"encoder": "some/encoder"}, "GM241"),
        ({"checkpoint": None}, "GM241"),
        ({"sources": {}}, "GM242"),
        ({"decay": "step"}, "GM007.*'step'"),
        ({"steps": 0}, "GM008.*steps"),
        ({"batch_size": 0}, "GM008.*batch_size"),
        ({"decay_steps": 0}, "GM008.*decay_steps"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path, checkpoint, options, code):
    recipe = make_recipe(tmp_path, checkpoint)
    with pytest.raises(ValueError, match=code):
        replace(recipe, **options)


def test_a_config_makes_a_recipe():
    config = Config().from_str(
        """
[recipe]
@misc = "spacy-gliner-mt.Pretraining.v1"
encoder = "some/encoder"
steps = 7

[recipe.sources]

[recipe.sources.news]
@misc = "spacy-gliner-mt.Source.v1"
path = "news.jsonl"
weight = 2.0

[recipe.sampler]
@misc = "spacy-gliner-mt.LabelSampler.v1"

[recipe.loss]
@misc = "spacy-gliner-mt.BinaryLoss.v1"
"""
    )
    recipe = registry.resolve(config)["recipe"]
    assert isinstance(recipe, Recipe)
    assert (recipe.steps, recipe.encoder, recipe.sources["news"].weight) == (7, "some/encoder", 2.0)
