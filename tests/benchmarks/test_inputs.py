"""Inputs: texts are cut to what is read at once, and thresholds let through what they should."""

import numpy as np
import pytest

from benchmarks.inputs import MOST_PER_LABEL, build_inputs, choose_threshold, cut_to_fit
from spacy_gliner_mt.models.architecture import build_gliner_multitask_v1, load_folder

from ..models.util import enliven
from ..util import make_bundle

LABELS = ("person", "city", "ship")
TEXTS = ("one two three", "a b c d e f g h i j " * 20)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("inputs") / "checkpoint"
    enliven(make_bundle()).to_checkpoint().to_folder(folder)
    model = build_gliner_multitask_v1()
    load_folder(model, folder)
    return model


def test_what_fits_is_kept_and_the_rest_is_cut_off_between_words(model):
    short, long = cut_to_fit(model, LABELS, TEXTS)
    assert short == TEXTS[0]
    assert TEXTS[1].startswith(long) and long[-1] != " "
    assert len(build_inputs(model, LABELS, [long])) == 1
    assert len(build_inputs(model, LABELS, [f"{long} k"])) > 1


def test_all_labels_are_in_one_input(model):
    (item,) = build_inputs(model, LABELS, ["one two three"])
    assert (len(item.word_positions), len(item.label_positions)) == (3, 3)


@pytest.mark.parametrize("labels", [LABELS, tuple("abcdefghijklmnop")])
def test_a_threshold_lets_through_what_annotated_texts_have(model, labels):
    inputs = build_inputs(model, labels, cut_to_fit(model, labels, [TEXTS[1]] * 3))
    threshold = choose_threshold(model, inputs)
    starts = np.concatenate([logits[..., 0].ravel() for logits in model.predict(inputs)])
    share = (1 / (1 + np.exp(-starts)) > threshold).mean()
    assert share == pytest.approx(min(MOST_PER_LABEL, 0.15 / len(labels)), abs=2 / len(starts))
