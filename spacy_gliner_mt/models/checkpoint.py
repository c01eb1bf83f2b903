"""Checkpoint: everything a GLiNER folder holds, in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from ..errors import Errors
from .config import GlinerConfig
from .weights import WEIGHTS_NAME, read_weights

CONFIG_NAME = "gliner_config.json"
TOKENIZER_NAME = "tokenizer.json"
# What transformers reads beside tokenizer.json; without it gliner loads nothing we write.
_TOKENIZER_EXTRAS = ("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json")


@dataclass(frozen=True)
class Checkpoint:
    """A token-level GLiNER, ready to be built or written.

    config: its settings.
    tokenizer: names of the tokenizer's files -> their content.
    state: tensors by gliner's names, float32.
    """

    config: GlinerConfig
    tokenizer: Mapping[str, str]
    state: Mapping[str, Tensor] = field(repr=False)

    @classmethod
    def from_folder(cls, folder: Path) -> Checkpoint:
        """Read a folder of any published layout.

        RAISES: ValueError if a file is missing or damaged, or it is another kind of GLiNER.
        """
        raw = read_config(folder)
        state = read_weights(folder)
        config = GlinerConfig.from_checkpoint(raw, state)
        return cls(config, read_tokenizer(folder, config), state)

    def to_folder(self, folder: Path) -> None:
        """Write a folder that `gliner` loads too, file by file in place of what was there."""
        write_texts(folder, list_texts(self.config, self.tokenizer))
        (folder / WEIGHTS_NAME).write_bytes(save(dict(self.state), {"format": "pt"}))

    @classmethod
    def from_bytes(cls, data: bytes) -> Checkpoint:
        """Read what `to_bytes` wrote."""
        try:
            state = load(data)
            # The header is a length of 8 bytes, little-endian, then so much JSON.
            header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
            files = json.loads(header["__metadata__"]["files"])
            raw = json.loads(files.pop(CONFIG_NAME))
        except (SafetensorError, KeyError, ValueError) as error:
            raise ValueError(Errors.GM034.format(error=error)) from error
        return cls(GlinerConfig.from_checkpoint(raw, state), files, state)

    def to_bytes(self) -> bytes:
        """The checkpoint as one safetensors file, its other files in the metadata."""
        files = list_texts(self.config, self.tokenizer)
        return save(dict(self.state), {"files": json.dumps(files)})


def read_config(folder: Path) -> dict[str, Any]:
    """The content of a checkpoint's gliner_config.json.

    RAISES: ValueError if there is none, or it is damaged.
    """
    path = folder / CONFIG_NAME
    if not path.is_file():
        raise ValueError(Errors.GM035.format(folder=path.parent, name=path.name))
    try:
        config = json.loads(path.read_text(encoding="utf8"))
    except ValueError as error:
        raise ValueError(Errors.GM036.format(path=path, error=error)) from error
    if not isinstance(config, dict):
        raise ValueError(Errors.GM036.format(path=path, error=f"it holds {config!r}, no object"))
    return config


def read_tokenizer(folder: Path, config: GlinerConfig) -> dict[str, str]:
    """The tokenizer's files, made from older formats or the encoder's own where they lack.

    RETURNS: their names -> content.
    RAISES: OSError if it cannot be had.
    """
    if (folder / TOKENIZER_NAME).is_file():
        paths = [folder / name for name in (TOKENIZER_NAME, *_TOKENIZER_EXTRAS)]
        return {path.name: path.read_text(encoding="utf8") for path in paths if path.is_file()}
    source = folder if (folder / "tokenizer_config.json").is_file() else config.encoder_name
    try:
        return convert_tokenizer(source, config.label_marker, config.separator)
    except OSError as error:
        raise OSError(Errors.GM037.format(source=source, folder=folder, error=error)) from error


def list_texts(config: GlinerConfig, tokenizer: Mapping[str, str]) -> dict[str, str]:
    """Names of a checkpoint's files of text -> their content.

    tokenizer: the same of its tokenizer's.
    """
    return {CONFIG_NAME: json.dumps(config.raw, indent=2), **tokenizer}


def write_texts(folder: Path, texts: Mapping[str, str]) -> None:
    """Write files of text into a folder, which is made if there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in texts.items():
        (folder / name).write_text(content, encoding="utf8")


def convert_tokenizer(source: str | Path, label_marker: str, separator: str) -> dict[str, str]:
    """Names of files -> their content, of a tokenizer that knows the markers.

    source: a folder or hub id of any tokenizer that transformers reads.
    RAISES: OSError if it cannot be had.
    """
    # transformers is slow to import, and only needed for these conversions.
    from tempfile import TemporaryDirectory

    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(source)
    except Exception as error:  # whatever the formats' own readers raise, too
        raise OSError(error) from error
    if len(tokenizer) <= len(tokenizer.all_special_ids):
        # What transformers 5 makes up where it finds none.
        raise OSError("It knows nothing but special tokens.")
    # The order in which gliner adds them; those that are known already are left as they are.
    tokenizer.add_tokens(["[FLERT]", label_marker, separator], special_tokens=True)
    with TemporaryDirectory() as temporary:
        tokenizer.save_pretrained(temporary)
        return {path.name: path.read_text(encoding="utf8") for path in Path(temporary).glob("*.json")}
