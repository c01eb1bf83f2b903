"""Bundle of an exported network with the tokenizer that feeds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch

from ...types import Floats, ModelInput
from ..bundle import build_encoder, build_tokenizer, complete_config
from .checkpoint import OnnxCheckpoint
from .session import Session


class OnnxBundle:
    """What the component needs of an exported checkpoint. It cannot be trained.

    session: runs the network.
    tokenizer: its tokenizer.
    config: the checkpoint's settings.
    max_subtokens: that one input may have.
    """

    device = torch.device("cpu")

    def __init__(self, checkpoint: OnnxCheckpoint) -> None:
        """Open the graph.

        RAISES: ImportError without onnxruntime, ValueError if it is not that of a token-level GLiNER.
        """
        self.tokenizer = build_tokenizer(checkpoint.tokenizer, checkpoint.config)
        self.session = Session(checkpoint.files, checkpoint.config.pooling)
        self.config = complete_config(checkpoint.config)
        with torch.device("meta"):  # no weights, for what their shapes say
            encoder = build_encoder(self.config)
        self.encoder_config = encoder.transformer.config
        self.max_subtokens = encoder.max_subtokens
        self._checkpoint = checkpoint

    def score(self, inputs: Sequence[ModelInput], mixed_precision: bool = False) -> list[Floats]:
        """The logits of each input (words, labels, 3). Each is read alone: batches are no faster, and
        what some graphs return for one depends on its padding.

        mixed_precision: has no effect.
        """
        return [self.session.score(item) for item in inputs]

    def __reduce__(self) -> tuple:
        # Sessions cannot be pickled, and another machine may not have the files.
        return _restore, (self.to_checkpoint().to_bytes(),)

    def to_checkpoint(self) -> OnnxCheckpoint:
        """What it was made from, with the transformer's config if that had to be fetched."""
        raw = {**self.config.raw, "encoder_config": self.config.encoder}
        return replace(self._checkpoint, config=replace(self.config, raw=raw))


def _restore(data: bytes) -> OnnxBundle:
    return OnnxBundle(OnnxCheckpoint.from_bytes(data))
