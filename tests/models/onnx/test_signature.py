"""Signature: what a graph is given, and how either layout of its logits is read."""

import numpy as np
import pytest

from spacy_gliner_mt.models.onnx.signature import make_inputs, read_output
from spacy_gliner_mt.types import ModelInput

# A prefix, two labels with their markers, a separator, words of 2, 0, 1 and 3 subtokens, a suffix.
ITEM = ModelInput(
    ids=np.arange(10, 23),
    label_positions=np.array([1, 3]),
    word_positions=np.array([6, 8, 8, 9]),
    word_lengths=np.array([2, 0, 1, 3]),
)


@pytest.mark.parametrize(
    "pooling, words_mask",
    [
        ("first", [0, 0, 0, 0, 0, 0, 1, 0, 3, 4, 0, 0, 0]),
        ("last", [0, 0, 0, 0, 0, 0, 0, 1, 3, 0, 0, 4, 0]),
        ("mean", [0, 0, 0, 0, 0, 0, 1, 1, 3, 4, 4, 4, 0]),
        ("max", [0, 0, 0, 0, 0, 0, 1, 1, 3, 4, 4, 4, 0]),
    ],
)
def test_inputs_are_a_batch_of_one(pooling, words_mask):
    inputs = make_inputs(ITEM, pooling)
    assert {name: array.tolist() for name, array in inputs.items()} == {
        "input_ids": [ITEM.ids.tolist()],
        "attention_mask": [[1] * 13],
        "words_mask": [words_mask],
        "text_lengths": [[4]],
    }
    assert {array.dtype.name for array in inputs.values()} == {"int64"}


# Nothing tells words, labels and kinds of logits apart by their number.
EVEN = ModelInput(np.arange(9), np.arange(3), np.arange(3), np.ones(3, dtype=np.int64))


@pytest.mark.parametrize("item", [ITEM, EVEN])
@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_both_layouts_are_read(item, dtype):
    shape = (len(item.word_positions), len(item.label_positions), 3)
    logits = np.random.default_rng(0).normal(size=shape).astype(dtype)
    for published in (logits[None], logits.transpose(2, 0, 1)[:, None]):
        read = read_output(published, item, "model.onnx")
        np.testing.assert_array_equal(read, logits)
        assert read.dtype == np.float32


@pytest.mark.parametrize(
    "shape", [(1, 4, 2), (1, 2, 4, 3), (3, 1, 2, 4), (1, 4, 3, 2), (2, 4, 2, 3), (1, 4, 0, 3)]
)
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match=r"GM093.*'model.onnx'.*\(1, 4, 2, 3\).*\(3, 1, 4, 2\)") as caught:
        read_output(np.zeros(shape, dtype=np.float32), ITEM, "model.onnx")
    assert str(shape) in str(caught.value)
