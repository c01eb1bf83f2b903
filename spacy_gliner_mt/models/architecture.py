"""Architecture: the network as a thinc model, whose weights load when they are first needed."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Optional

import torch
from thinc.api import ArgsKwargs, Model, PyTorchShim, get_torch_default_device
from thinc.types import Floats3d

from ..errors import Errors, Warnings
from ..nn.deberta import Attention
from ..types import ModelInput
from .collate import collate
from .locate import DEFAULT, locate_checkpoint

if TYPE_CHECKING:
    from .bundle import Bundle
    from .onnx.bundle import OnnxBundle

GlinerModel = Model[list[ModelInput], list[Floats3d]]

_loading = Lock()


def build_gliner_multitask_v1(
    *,
    checkpoint: str = DEFAULT,
    revision: Optional[str] = None,
    graph: Optional[str] = None,
    max_batch_tokens: int = 2048,
    attention: Attention = "fused",
    frozen_layers: Optional[int] = None,
    mixed_precision: bool = False,
) -> GlinerModel:
    """A token-classification GLiNER. Nothing is read or fetched before `initialize`, or before
    `require_bundle` finds that it was not called.

    checkpoint (str): A built-in checkpoint, a folder, or a hub id.
    revision (Optional[str]): Branch, tag or commit of a hub id.
    graph (Optional[str]): Path of an ONNX file in the checkpoint that is run by onnxruntime in place
        of its weights. Where there are no weights, it is found.
    max_batch_tokens (int): Subtokens, padding included, that are read at once.
    attention (Attention): Of DeBERTa encoders: "fused" computes what "transformers" does, in less
        time; other encoders have but one.
    frozen_layers (Optional[int]): So many of the encoder's lower layers, and its embeddings, stay as
        they are in training; 0 for its embeddings only, None to train all.
    mixed_precision (bool): Compute in bfloat16 where that is exact enough, on a GPU.
    RETURNS (Model): From inputs to logits of start, end and inside (words, labels, 3).
    """
    return Model(
        "gliner_multitask",
        forward,
        init=init,
        attrs={
            "checkpoint": checkpoint,
            "revision": revision,
            "graph": graph,
            "max_batch_tokens": max_batch_tokens,
            "attention": attention,
            "frozen_layers": frozen_layers,
            "mixed_precision": mixed_precision,
        },
        shims=[
            PyTorchShim(
                None,
                serialize_model=_serialize,
                deserialize_model=partial(_deserialize, attention=attention),
            )
        ],
    )


def init(model: GlinerModel, X: Any = None, Y: Any = None) -> None:
    """Load the checkpoint, unless there are weights already."""
    with _loading:
        if model.shims[0]._model is None:
            names = (model.attrs[name] for name in ("checkpoint", "revision", "graph"))
            load_folder(model, locate_checkpoint(*names))


def require_bundle(model: GlinerModel) -> Bundle | OnnxBundle:
    """What the model is made of, loaded now if it was not."""
    if model.shims[0]._model is None:
        model.initialize()
    return model.shims[0]._model


def require_trainable(model: GlinerModel) -> Bundle:
    """The same.

    RAISES: ValueError if it cannot be trained.
    """
    bundle = require_bundle(model)
    if not isinstance(bundle, torch.nn.Module):
        raise ValueError(Errors.GM089.format(name=bundle.session.name))
    return bundle


def load_folder(model: GlinerModel, folder: Path) -> None:
    """Use the checkpoint of a folder from now on, on thinc's present device; a graph on the CPU."""
    # Imported with the first weights: spaCy imports this module for every pipeline.
    from .loading import load_bundle

    attrs = model.attrs
    bundle = load_bundle(folder, attrs["graph"], get_torch_default_device(), attrs["attention"])
    model.shims[0]._model = bundle


def save_folder(model: GlinerModel, folder: Path) -> None:
    """Write the model as a checkpoint that `gliner` loads too."""
    require_bundle(model).to_checkpoint().to_folder(folder)


def forward(
    model: GlinerModel, inputs: list[ModelInput], is_train: bool
) -> tuple[list[Floats3d], Callable[[list[Floats3d]], list]]:
    bundle = require_bundle(model)
    mixed_precision = model.attrs["mixed_precision"]
    if mixed_precision and bundle.device.type == "cpu":
        warnings.warn(Warnings.GMW08, stacklevel=2)
    if not is_train:
        # Not through the shim: it switches the module to training mode behind the back of other
        # threads that are predicting.
        return bundle.score(inputs, mixed_precision), lambda _: []
    bundle = require_trainable(model)
    _freeze(bundle, model.attrs["frozen_layers"])
    batch = collate(inputs, bundle.pad_id, bundle.device)
    logits, backprop_torch = model.shims[0].begin_update(ArgsKwargs((batch, mixed_precision), {}))
    bundle.eval()

    def backprop(d_logits: list[Floats3d]) -> list:
        gradients = [torch.from_numpy(gradient).to(bundle.device) for gradient in d_logits]
        backprop_torch(ArgsKwargs((logits,), {"grad_tensors": gradients}))
        return []

    return [some.detach().cpu().numpy() for some in logits], backprop


def _freeze(bundle: Bundle, n_layers: Optional[int]) -> None:
    if n_layers is None:
        return
    encoder = bundle.network.encoder
    if not 0 <= n_layers <= len(encoder.layers):
        raise ValueError(Errors.GM084.format(value=n_layers, layers=len(encoder.layers)))
    encoder.freeze(n_layers)


def _serialize(bundle: Bundle | OnnxBundle) -> bytes:
    return bundle.to_checkpoint().to_bytes()


def _deserialize(_: Any, data: bytes, device: torch.device, attention: Attention) -> Bundle | OnnxBundle:
    from .loading import parse_bundle

    return parse_bundle(data, device, attention)
