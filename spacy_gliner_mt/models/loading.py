"""Loading: a checkpoint becomes a bundle, of its weights or of its graph."""

from __future__ import annotations

import os
from pathlib import Path

import torch

from ..nn.deberta import Attention
from .bundle import Bundle
from .checkpoint import Checkpoint
from .locate import locate_graph
from .onnx.bundle import OnnxBundle
from .onnx.checkpoint import MAGIC, OnnxCheckpoint


def load_bundle(
    folder: Path, graph: str | None, device: torch.device, attention: Attention
) -> Bundle | OnnxBundle:
    """Load the checkpoint of a folder.

    graph: path of the ONNX file in it that is to be run; where there are no weights, it is found.
    device: where weights go; a graph runs on the CPU.
    attention: of a DeBERTa encoder.
    RAISES: ValueError or OSError where the checkpoint is not what it should be.
    """
    graph = locate_graph(folder, graph)
    if graph is None:
        return _build(Checkpoint.from_folder(folder), device, attention)
    return OnnxBundle(OnnxCheckpoint.from_folder(folder, graph))


def parse_bundle(data: bytes, device: torch.device, attention: Attention) -> Bundle | OnnxBundle:
    """The same, of a checkpoint's or an exported checkpoint's `to_bytes`."""
    if data.startswith(MAGIC):
        return OnnxBundle(OnnxCheckpoint.from_bytes(data))
    return _build(Checkpoint.from_bytes(data), device, attention)


def _build(checkpoint: Checkpoint, device: torch.device, attention: Attention) -> Bundle:
    # The threads of a process do not survive a fork: a child that waited for them would hang.
    os.register_at_fork(after_in_child=_use_one_thread)
    return Bundle.from_checkpoint(checkpoint, attention).to(device).eval()


def _use_one_thread() -> None:
    torch.set_num_threads(1)
