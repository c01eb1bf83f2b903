"""Session: a graph in onnxruntime's hands."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ...errors import Errors
from ...nn.pooling import Pooling
from ...types import Floats, ModelInput
from .signature import INPUTS, OUTPUT, make_inputs, read_output


class Session:
    """An exported token-level GLiNER, which scores on the CPU.

    files: names -> the files, or their content. The first is the graph; others hold weights that
        were too large for it.
    pooling: from subtokens to words, as the graph does it.
    RAISES: ImportError without onnxruntime, ValueError if it is no such graph.
    """

    def __init__(self, files: Mapping[str, Path | bytes], pooling: Pooling) -> None:
        self.name = next(iter(files))
        self._files = files
        self._pooling = pooling
        self._session = self._open(torch.get_num_threads())
        self._process = os.getpid()
        self._check()

    def score(self, item: ModelInput) -> Floats:
        """Score the words of an input.

        RETURNS (words, labels, 3): logits of start, end and inside.
        RAISES: ValueError if the graph returns anything else.
        """
        if self._process != os.getpid():
            # The threads of a process do not survive a fork: a child that waited for them would hang.
            self._session = self._open(1)
            self._process = os.getpid()
        (logits,) = self._session.run([OUTPUT], make_inputs(item, self._pooling))
        return read_output(logits, item, self.name)

    def _open(self, n_threads: int) -> Any:
        try:
            # Only checkpoints without weights need it.
            from onnxruntime import InferenceSession, SessionOptions
        except ImportError as error:
            raise ImportError(Errors.GM090.format(name=self.name)) from error

        options = SessionOptions()
        options.intra_op_num_threads = n_threads
        # Texts differ in length: there is no pattern, and what is kept of each length adds up.
        options.enable_mem_pattern = False
        options.log_severity_level = 3  # errors
        graph, *weights = self._files.values()
        try:
            if weights:
                # Not left to be found beside the graph: in the hub's cache, files are links.
                names = [Path(name).name for name in self._files][1:]
                buffers = [_map(content) for content in weights]
                options.add_external_initializers_from_files_in_memory(
                    names, buffers, [len(buffer) for buffer in buffers]
                )
            source = graph if isinstance(graph, bytes) else str(graph)
            return InferenceSession(source, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # what all of its errors are
            raise ValueError(Errors.GM091.format(name=self.name, error=error)) from error

    def _check(self) -> None:
        takes = [node.name for node in self._session.get_inputs()]
        gives = [node.name for node in self._session.get_outputs()]
        if set(takes) != set(INPUTS) or OUTPUT not in gives:
            raise ValueError(
                Errors.GM092.format(
                    name=self.name, takes=takes, gives=gives, inputs=list(INPUTS), output=OUTPUT
                )
            )


def _map(content: Path | bytes) -> np.ndarray | bytes:
    return content if isinstance(content, bytes) else np.memmap(content, mode="r")
