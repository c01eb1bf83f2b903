"""Export: a network as a graph that onnxruntime runs, here and in gliner."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch

from ...encoding.prompts import build_input
from ...errors import Errors
from ...nn.padded import PaddedNetwork
from ...nn.smoothing import smooth_linear_layers
from ...types import Floats, ModelInput
from ..bundle import Bundle
from ..checkpoint import Checkpoint, list_texts, write_texts
from .bundle import OnnxBundle
from .checkpoint import OnnxCheckpoint
from .int8 import round_graph
from .signature import INPUTS, OUTPUT, make_inputs

GRAPH_NAME = "model.onnx"
# The first with the scattered maximum.
_OPSET = 18
_AXES = {
    **dict.fromkeys(INPUTS, {0: "batch", 1: "subtokens"}),
    "text_lengths": {0: "batch"},
    OUTPUT: {0: "batch", 1: "words", 2: "labels"},
}
# Of several words and labels: the first is traced, the others are compared. They also show how large
# the inputs of linear layers are, for int8: what is large there is so in any text.
_EXAMPLES = (
    ("The river runs from here to there .", ("river", "place")),
    ("No", ("person",)),
    ("Another text , with more words and labels than the first one has .", ("a", "b c", "d e f", "g")),
)
# How far logits may differ from torch's; they range over some tens.
_TOLERANCE = 1e-3


def export_onnx(checkpoint: Checkpoint, folder: Path, *, int8: bool = False) -> float:
    """Write a checkpoint with a graph in place of the weights.

    folder: an empty one.
    int8: multiply 8-bit integers, which is faster and less exact.
    RETURNS: the largest difference between logits of the graph and of the network.
    RAISES: ImportError without onnx or onnxruntime, ValueError if the difference is too large before
        anything is rounded to integers.
    """
    for package in ("onnx", "onnxruntime"):
        if find_spec(package) is None:
            raise ImportError(Errors.GM096.format(package=package))
    # The fused attention is made for each length, and a trace is of one.
    bundle = Bundle.from_checkpoint(checkpoint, attention="transformers").eval()
    checkpoint = bundle.to_checkpoint()
    write_texts(folder, list_texts(checkpoint.config, checkpoint.tokenizer))
    traced, *others = [_make_example(bundle, text, labels) for text, labels in _EXAMPLES]
    expected = bundle.score(others)
    if int8:
        smooth_linear_layers(bundle.network.encoder, lambda: bundle.score(others))
    with TemporaryDirectory() as scratch:
        path = Path(scratch) / GRAPH_NAME
        _trace(bundle, traced, path)
        _gather(path, folder / GRAPH_NAME)
    difference = _compare(folder, others, expected)
    if not difference < _TOLERANCE:
        raise ValueError(Errors.GM095.format(difference=difference))
    if int8:
        round_graph(folder / GRAPH_NAME)
        difference = _compare(folder, others, expected)
    return difference


def _compare(folder: Path, inputs: Sequence[ModelInput], expected: Sequence[Floats]) -> float:
    exported = OnnxBundle(OnnxCheckpoint.from_folder(folder, GRAPH_NAME))
    scores = zip(exported.score(inputs), expected, strict=True)
    return float(np.max([np.abs(ours - theirs).max() for ours, theirs in scores]))


def _trace(bundle: Bundle, example: ModelInput, path: Path) -> None:
    markers = bundle.tokenizer.markers
    network = PaddedNetwork(bundle.network, markers.label, markers.label_offset)
    arrays = make_inputs(example, bundle.config.pooling)
    with warnings.catch_warnings():
        # Of traces that may be wrong for other inputs; what comes out is compared.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network.eval(),
            tuple(map(torch.from_numpy, arrays.values())),
            str(path),
            input_names=list(INPUTS),
            output_names=[OUTPUT],
            dynamic_axes=_AXES,
            opset_version=_OPSET,
            # The newer exporter fails where texts of several lengths are packed for the LSTM (torch 2.13).
            dynamo=False,
        )


def _gather(source: Path, target: Path) -> None:
    """Move a graph. Where it was too large for one file, as graphs over 2 GB are, the exporter has
    written one for each tensor: they become a single one beside it."""
    import onnx

    if len(list(source.parent.iterdir())) == 1:
        shutil.move(source, target)
    else:
        graph = onnx.load(source)
        onnx.save(graph, target, save_as_external_data=True, location=f"{target.name}_data")


def _make_example(bundle: Bundle, text: str, labels: Sequence[str]) -> ModelInput:
    encode = bundle.tokenizer.encode
    return build_input(encode(labels), encode(()), encode(text.split()), bundle.tokenizer.markers)
