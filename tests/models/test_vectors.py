"""Vectors of labels: alike for the same label, whatever it is read with."""

import numpy as np
import torch

from spacy_gliner_mt.models.collate import collate
from spacy_gliner_mt.models.vectors import embed_labels

from ..util import make_bundle
from .util import enliven, make_input

BUNDLE = enliven(make_bundle())


def test_a_vector_does_not_depend_on_the_others():
    labels = ["person", "a", "ship of the line", "person"]
    vectors = embed_labels(BUNDLE, labels)
    assert vectors.shape == (4, 16)
    for label, vector in zip(labels, vectors, strict=True):
        np.testing.assert_allclose(vector, embed_labels(BUNDLE, [label])[0], atol=1e-5)
    np.testing.assert_allclose(vectors[0], vectors[3], atol=1e-5)
    assert np.abs(vectors[0] - vectors[1]).max() > 0.01


def test_is_the_mean_of_its_subtokens():
    (vector,) = embed_labels(BUNDLE, ["ship"])
    # The same subtokens, read as the only word of a text: after the separator.
    pieces = BUNDLE.tokenizer.encode(["ship"])
    markers = BUNDLE.tokenizer.markers
    ids = torch.tensor([[*markers.prefix, *pieces.ids.tolist(), *markers.suffix]])
    with torch.no_grad():
        (subtokens,) = BUNDLE.network.encoder(ids, torch.ones_like(ids, dtype=torch.bool))
    np.testing.assert_allclose(vector, subtokens[1:-1].mean(dim=0).numpy(), atol=1e-5)


def test_labels_without_subtokens_and_too_long_ones():
    vectors = embed_labels(BUNDLE, ["\u200b", "long " * 200])
    assert not vectors[0].any()
    assert np.isfinite(vectors[1]).all() and vectors[1].any()


def test_leaves_no_gradients_behind():
    embed_labels(BUNDLE, ["ship"])
    batch = collate([make_input(BUNDLE, "a", ["b"])], BUNDLE.pad_id, torch.device("cpu"))
    assert BUNDLE(batch)[0].requires_grad
    assert not BUNDLE.network.training
