"""Locating a checkpoint: a built-in name, a folder, or a hub id becomes a folder; and its graph."""

from __future__ import annotations

from pathlib import Path

from ..errors import Errors
from .weights import WEIGHTS_NAMES

BUILT_IN = Path(__file__).parent.parent / "checkpoints"
DEFAULT = "gliner-mt-mini"

_TEXTS = ["*.json", "*.txt", "*.model"]
# What trainers leave in folders below is not part of the checkpoint.
_BELOW = ["*/*"]
# Where publishers put the graph that is not quantized.
_GRAPHS = ["model.onnx", "onnx/model.onnx"]


def locate_checkpoint(name: str | Path, revision: str | None = None, graph: str | None = None) -> Path:
    """Find the folder of a checkpoint, fetching it from the hub if it must.

    name: of a built-in checkpoint, a folder, or a hub id ("owner/name").
    revision: branch, tag or commit of a hub id.
    graph: path of the ONNX file in it that is to be run; by default, the weights are fetched, or a
        graph where there are none.
    RETURNS: the folder.
    RAISES: ValueError if there is no such checkpoint, OSError if it cannot be had from the hub.
    """
    folder = BUILT_IN / name if str(name) in built_in_names() else Path(name).expanduser()
    if folder.is_dir():
        if revision is not None:
            raise ValueError(Errors.GM021.format(name=name, revision=revision))
        return folder
    return _fetch(str(name), revision, graph)


def built_in_names() -> list[str]:
    """Checkpoints that ship with the package."""
    return sorted(folder.name for folder in BUILT_IN.iterdir() if folder.is_dir())


def locate_graph(folder: Path, name: str | None) -> str | None:
    """Find the ONNX file that a checkpoint is run from, if it is not from its weights.

    name: its path in the folder; by default the one there is, or that is not quantized, where there
        are no weights.
    RETURNS: its path in the folder; None if there is none, or weights are there.
    RAISES: ValueError if there is no such file, or it is not clear which one is meant.
    """
    graphs = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.onnx"))
    if name is not None:
        if name not in graphs:
            raise ValueError(Errors.GM023.format(folder=folder, name=name, graphs=graphs))
        return name
    if any((folder / weights).is_file() for weights in WEIGHTS_NAMES):
        return None
    candidates = [usual for usual in _GRAPHS if usual in graphs][:1] or graphs
    if len(candidates) > 1:
        raise ValueError(Errors.GM024.format(folder=folder, graphs=graphs))
    return candidates[0] if candidates else None


def _fetch(name: str, revision: str | None, graph: str | None) -> Path:
    # Only a hub id needs the hub's client.
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(name)
    except HFValidationError:
        owned = False
    else:
        owned = "/" in name
    if not owned:
        raise ValueError(Errors.GM020.format(name=name, built_in=built_in_names()))

    def download(patterns: list[str], ignored: list[str] | None = None) -> Path:
        return Path(
            snapshot_download(name, revision=revision, allow_patterns=patterns, ignore_patterns=ignored)
        )

    try:
        if graph is not None:
            download(_TEXTS, _BELOW)
            return download([f"{graph}*"])
        for weights in WEIGHTS_NAMES:
            folder = download([*_TEXTS, weights], _BELOW)
            if (folder / weights).exists():
                return folder
        # Large graphs have files beside them, such as "model.onnx_data".
        return download([f"{usual}*" for usual in _GRAPHS])
    except OSError as error:  # what all of the client's errors are
        raise OSError(Errors.GM022.format(name=name, revision=revision or "main", error=error)) from error
