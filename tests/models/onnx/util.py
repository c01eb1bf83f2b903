"""Graphs as others have published them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

from spacy_gliner_mt.models.bundle import Bundle
from spacy_gliner_mt.models.onnx.export import GRAPH_NAME as GRAPH_NAME
from spacy_gliner_mt.models.onnx.export import export_onnx
from spacy_gliner_mt.models.onnx.signature import INPUTS, make_inputs
from spacy_gliner_mt.types import Ints, ModelInput


def write_export(folder: Path, bundle: Bundle, *, int8: bool = False) -> Path:
    """Export a bundle to a folder, which is made for it."""
    folder.mkdir()
    export_onnx(bundle.to_checkpoint(), folder, int8=int8)
    return folder


def use_old_layout(path: Path) -> None:
    """Let a graph return start, end and inside first, as gliner's did until 0.2.20."""
    model = onnx.load(path)
    (node,) = [node for node in model.graph.node if "logits" in node.output]
    node.output[0] = "new_logits"
    model.graph.node.append(helper.make_node("Transpose", ["new_logits"], ["logits"], perm=[3, 0, 1, 2]))
    model.graph.output[0].CopyFrom(helper.make_tensor_value_info("logits", TensorProto.FLOAT, [None] * 4))
    onnx.save(model, path)


def keep_weights_apart(path: Path) -> None:
    """Put the weights of a graph into a file of their own, as those over 2 GB have them."""
    model = onnx.load(path)
    path.unlink()
    onnx.save(model, path, save_as_external_data=True, location=f"{path.name}_data", size_threshold=0)


def write_graph(path: Path, inputs: Sequence[str] = INPUTS, output: str = "logits", rank: int = 4) -> None:
    """Write a graph that returns zeros of the size 1, whatever it is given."""
    numbers = [helper.make_tensor_value_info(name, TensorProto.INT64, None) for name in inputs]
    result = helper.make_tensor_value_info(output, TensorProto.FLOAT, [1] * rank)
    zeros = helper.make_tensor("zeros", TensorProto.FLOAT, [1] * rank, [0.0])
    node = helper.make_node("Constant", [], [output], value=zeros)
    graph = helper.make_graph([node], "graph", numbers, [result])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), path)


def pad_inputs(items: Sequence[ModelInput]) -> dict[str, Ints]:
    """Inputs of a graph as one batch, filled up with zeros."""
    width = max(map(len, items))
    rows = [make_inputs(item, "first") for item in items]
    padded = {
        name: np.concatenate([np.pad(row[name], ((0, 0), (0, width - row[name].shape[1]))) for row in rows])
        for name in INPUTS[:3]
    }
    return {**padded, "text_lengths": np.concatenate([row["text_lengths"] for row in rows])}
