"""Locating a checkpoint: a built-in name, a folder, or a hub id becomes a folder."""

from __future__ import annotations

import re
from pathlib import Path

from ..errors import Errors

BUILT_IN = Path(__file__).parent.parent / "checkpoints"
DEFAULT = "gliner-mt-mini"

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
# Weights in the .bin format are only fetched where there are no others.
_PATTERNS = ["*.json", "*.txt", "*.model", "model.safetensors"]
_PICKLED = "pytorch_model.bin"


def locate_checkpoint(name: str | Path, revision: str | None = None) -> Path:
    """Find the folder of a checkpoint, fetching it from the hub if it must.

    name: of a built-in checkpoint, a folder, or a hub id ("owner/name").
    revision: branch, tag or commit of a hub id.
    RETURNS: the folder.
    RAISES: ValueError if there is no such checkpoint, OSError if it cannot be had from the hub.
    """
    folder = BUILT_IN / name if str(name) in built_in_names() else Path(name).expanduser()
    if folder.is_dir():
        if revision is not None:
            raise ValueError(Errors.GM021.format(name=name, revision=revision))
        return folder
    if not _HUB_ID.fullmatch(str(name)):
        raise ValueError(Errors.GM020.format(name=name, built_in=built_in_names()))
    return _fetch(str(name), revision)


def built_in_names() -> list[str]:
    """Checkpoints that ship with the package."""
    return sorted(folder.name for folder in BUILT_IN.iterdir() if folder.is_dir())


def _fetch(name: str, revision: str | None) -> Path:
    # Only a hub id needs the hub's client.
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(name, revision=revision, allow_patterns=_PATTERNS))
        if not (folder / "model.safetensors").exists():
            folder = Path(snapshot_download(name, revision=revision, allow_patterns=[*_PATTERNS, _PICKLED]))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise OSError(Errors.GM022.format(name=name, revision=revision or "main", error=error)) from error
    return folder
