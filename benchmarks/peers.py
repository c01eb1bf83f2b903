"""Peers: gliner in all ways that it can be run on a CPU, and gliner-spacy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from unittest.mock import patch

import spacy

from .machine import THREADS
from .methods import THRESHOLD, Entities, Extract, Load, extract_in_pipe
from .sizes import MODELS


def gliner_one_by_one(checkpoint: str, labels: Sequence[str], threshold: float = THRESHOLD) -> Extract:
    """Extract with gliner, one text at a time: its fastest way on a CPU."""
    return _one_by_one(_load_once(checkpoint), labels, threshold)


def gliner_batched(checkpoint: str, labels: Sequence[str], threshold: float = THRESHOLD) -> Extract:
    """Extract with gliner in batches of eight, its default."""
    model = _load_once(checkpoint)

    def extract(texts: Sequence[str]) -> list[Entities]:
        found = model.inference(list(texts), list(labels), threshold=threshold, batch_size=8)
        return [_as_entities(entities) for entities in found]

    return extract


def gliner_int8(checkpoint: str, labels: Sequence[str], threshold: float = THRESHOLD) -> Extract:
    """Extract with gliner, its linear layers in eight bits, one text at a time."""
    return _one_by_one(_load(checkpoint, quantize="int8"), labels, threshold)


def gliner_onnx(
    checkpoint: str, labels: Sequence[str], threshold: float = THRESHOLD, *, file: str = "model.onnx"
) -> Extract:
    """Extract with gliner's export to ONNX, one text at a time."""
    from onnxruntime import SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = THREADS
    folder = _export(checkpoint, "onnx", lambda model, path: model.export_to_onnx(path, quantize=True))
    model = _load(folder, runtime="onnxruntime", runtime_model_file=file, session_options=options)
    return _one_by_one(model, labels, threshold)


def gliner_openvino(checkpoint: str, labels: Sequence[str], threshold: float = THRESHOLD) -> Extract:
    """Extract with gliner's export to OpenVINO, one text at a time."""
    folder = _export(checkpoint, "openvino", lambda model, path: model.export_to_openvino(path))
    options = {"config": {"INFERENCE_NUM_THREADS": THREADS}}
    model = _load(folder, runtime="openvino", runtime_model_file="model.xml", runtime_options=options)
    return _one_by_one(model, labels, threshold)


def gliner_spacy(checkpoint: str, labels: Sequence[str], threshold: float = THRESHOLD) -> Extract:
    """Extract with gliner-spacy in `nlp.pipe`; it cuts texts into chunks of 250 characters."""
    nlp = spacy.blank("en")
    # It loads a model of its own and has no argument for one that is loaded already.
    with patch("gliner.GLiNER.from_pretrained", return_value=_load_once(checkpoint)):
        nlp.add_pipe("gliner_spacy", config={"labels": list(labels), "threshold": threshold})
    return partial(extract_in_pipe, nlp)


# Name -> how it extracts, and the packages that it needs.
PEERS: dict[str, tuple[Load, tuple[str, ...]]] = {
    "gliner": (gliner_one_by_one, ("gliner",)),
    "gliner-batches-of-8": (gliner_batched, ("gliner",)),
    "gliner-int8": (gliner_int8, ("gliner",)),
    "gliner-onnx": (gliner_onnx, ("gliner", "onnxruntime", "onnx")),
    "gliner-onnx-int8": (
        partial(gliner_onnx, file="model_quantized.onnx"),
        ("gliner", "onnxruntime", "onnx"),
    ),
    "gliner-openvino": (gliner_openvino, ("gliner", "openvino")),
    "gliner-spacy": (gliner_spacy, ("gliner", "gliner_spacy")),
}


def missing_packages(packages: Sequence[str]) -> list[str]:
    """Those of some packages that are not installed."""
    return [package for package in packages if find_spec(package) is None]


def _load(checkpoint: str, **options: Any) -> Any:
    # Ours can be measured where no peer is installed.
    from gliner import GLiNER

    return GLiNER.from_pretrained(checkpoint, **options)


# Of one size only: several together are large.
_load_once = lru_cache(maxsize=1)(_load)


def _one_by_one(model: Any, labels: Sequence[str], threshold: float) -> Extract:
    def extract(texts: Sequence[str]) -> list[Entities]:
        found = (model.predict_entities(text, list(labels), threshold=threshold) for text in texts)
        return [_as_entities(entities) for entities in found]

    return extract


def _export(checkpoint: str, kind: str, export: Callable[[Any, Path], Any]) -> str:
    """The folder of an export, which is made unless it is there."""
    folder = MODELS / f"{Path(checkpoint).name}-{kind}"
    if not folder.is_dir():
        # So that one that fails halfway is not taken for a whole one.
        unfinished = folder.with_suffix(".unfinished")
        export(_load_once(checkpoint), unfinished)
        unfinished.rename(folder)
    return str(folder)


def _as_entities(found: list[dict[str, Any]]) -> Entities:
    return {(entity["start"], entity["end"], entity["label"]) for entity in found}
