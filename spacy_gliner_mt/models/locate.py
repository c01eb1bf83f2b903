"""Locating a checkpoint: a built-in name, a folder, or a hub id becomes a folder."""

from __future__ import annotations

from pathlib import Path

from ..errors import Errors

BUILT_IN = Path(__file__).parent.parent / "checkpoints"
DEFAULT = "gliner-mt-mini"

# Weights in the .bin format are only fetched where there are no others.
_PATTERNS = ["*.json", "*.txt", "*.model", "model.safetensors"]
# What trainers leave in folders below is not part of the checkpoint.
_IGNORED = ["*/*"]
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
    return _fetch(str(name), revision)


def built_in_names() -> list[str]:
    """Checkpoints that ship with the package."""
    return sorted(folder.name for folder in BUILT_IN.iterdir() if folder.is_dir())


def _fetch(name: str, revision: str | None) -> Path:
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

    def download(patterns: list[str]) -> Path:
        options = {"allow_patterns": patterns, "ignore_patterns": _IGNORED}
        return Path(snapshot_download(name, revision=revision, **options))

    try:
        folder = download(_PATTERNS)
        return folder if (folder / "model.safetensors").exists() else download([*_PATTERNS, _PICKLED])
    except OSError as error:  # what all of the client's errors are
        raise OSError(Errors.GM022.format(name=name, revision=revision or "main", error=error)) from error
