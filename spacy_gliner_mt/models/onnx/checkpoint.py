"""Checkpoint of an exported network: everything that its folder holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import srsly

from ...errors import Errors
from ..checkpoint import CONFIG_NAME, list_texts, read_config, read_tokenizer, write_texts
from ..config import GlinerConfig
from ..weights import WEIGHTS_NAMES

# What its bytes start with; those of other checkpoints start with a length.
MAGIC = b"gliner-onnx"


@dataclass(frozen=True)
class OnnxCheckpoint:
    """A token-level GLiNER that was exported.

    config: its settings.
    tokenizer: names of the tokenizer's files -> their content.
    files: names of the graph, and then of what it keeps elsewhere -> the files, or their content.
    """

    config: GlinerConfig
    tokenizer: Mapping[str, str]
    files: Mapping[str, Path | bytes]

    @classmethod
    def from_folder(cls, folder: Path, graph: str) -> OnnxCheckpoint:
        """Read a folder that was exported, or published. Its graph is not held in memory.

        graph: the graph's path in it.
        RAISES: ValueError if a file is missing or damaged, or it is another kind of GLiNER.
        """
        config = GlinerConfig.from_graph(read_config(folder))
        path = folder / graph
        # Weights of large graphs are in "model.onnx_data" and the like.
        paths = (path, *sorted(path.parent.glob(f"{path.name}?*")))
        files = {found.relative_to(folder).as_posix(): found for found in paths}
        return cls(config, read_tokenizer(folder, config), files)

    def to_folder(self, folder: Path) -> None:
        """Write a folder that `gliner` loads too, file by file in place of what was there."""
        write_texts(folder, list_texts(self.config, self.tokenizer))
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            # The file in its place may be the one that is read, and in use.
            part = path.with_name(f"{path.name}.part")
            part.write_bytes(_read(content))
            part.replace(path)
        # Weights that were there before would be run instead.
        for name in WEIGHTS_NAMES:
            (folder / name).unlink(missing_ok=True)

    @classmethod
    def from_bytes(cls, data: bytes) -> OnnxCheckpoint:
        """Read what `to_bytes` wrote."""
        try:
            content = srsly.msgpack_loads(data.removeprefix(MAGIC))
            raw = json.loads(content["texts"].pop(CONFIG_NAME))
            return cls(GlinerConfig.from_graph(raw), content["texts"], content["files"])
        except (KeyError, ValueError) as error:
            raise ValueError(Errors.GM034.format(error=error)) from error

    def to_bytes(self) -> bytes:
        """The checkpoint in one piece."""
        texts = list_texts(self.config, self.tokenizer)
        files = {name: _read(content) for name, content in self.files.items()}
        return MAGIC + srsly.msgpack_dumps({"texts": texts, "files": files})


def _read(content: Path | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.read_bytes()
