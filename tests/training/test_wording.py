"""Wording: labels in other cases and other words."""

import numpy as np
import pytest

from spacy_gliner_mt.training.wording import Wording


def write(wording, text="Work of Art", name="art", n=200):
    rng = np.random.default_rng(0)
    return [wording.write(text, name, rng) for _ in range(n)]


def test_labels_stay_as_they_are():
    assert set(write(Wording())) == {"Work of Art"}


def test_lower_case():
    assert set(write(Wording(casing="lower"))) == {"work of art"}


def test_mixed_case():
    written = write(Wording(casing="mixed"), text="work of Art", n=400)
    cases = {"work of Art", "work of art", "Work Of Art", "WORK OF ART"}
    assert set(written) == cases
    assert all(60 < written.count(case) < 140 for case in cases)


def test_descriptions_stand_in_for_labels():
    wording = Wording(descriptions={"art": ["a painting", "a song"]}, description_rate=0.5)
    written = write(wording, n=400)
    assert set(written) == {"Work of Art", "a painting", "a song"}
    assert 160 < written.count("Work of Art") < 240
    assert 70 < written.count("a song") < 130
    assert set(write(wording, name="other")) == {"Work of Art"}


@pytest.mark.parametrize(
    "rate, written", [(0.0, {"Work of Art"}), (1.0, {"a painting"})], ids=["never", "always"]
)
def test_the_rate_of_descriptions(rate, written):
    assert set(write(Wording("keep", {"art": ["a painting"]}, rate))) == written


def test_descriptions_follow_the_casing():
    wording = Wording("lower", {"art": ["A Painting"]}, 1.0)
    assert set(write(wording)) == {"a painting"}


@pytest.mark.parametrize(
    "options, code", [({"casing": "upper"}, "GM007"), ({"description_rate": 1.5}, "GM004")]
)
def test_bad_arguments_are_named(options, code):
    with pytest.raises(ValueError, match=rf"\[{code}\].*{next(iter(options))}"):
        Wording(**options)
