"""Recipe: everything that a pretraining run is decided by, as a block of a config."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import cos, pi
from typing import Literal, Optional, get_args

from ...errors import Errors
from ..loss import Loss
from ..sampling import LabelSampler
from .mixture import Source

Decay = Literal["cosine", "linear", "constant"]


@dataclass(frozen=True)
class Recipe:
    """A pretraining run. Raises ValueError where a value makes no sense.

    sources: of texts, by any name.
    sampler: of labels.
    loss: of logits.
    checkpoint: what to go on with: built in, a folder or a hub id; or
    encoder: the transformer to start from, a folder or a hub id. Exactly one of the two.
    steps: in all.
    batch_size: texts that each process learns from in a step.
    max_batch_tokens: subtokens, padding included, that are read at once.
    max_words: of one input; longer texts are read through windows.
    learn_rate: of all but the encoder.
    encoder_factor: the encoder's rate, as a multiple of that.
    warmup_steps: how long the rates rise.
    decay: how they fall to 0 after that, if they do.
    decay_steps: the last ones, in which they fall; if None, all after the rise. Before, they stay.
    weight_decay: of all but biases and norms.
    grad_clip: the norm that the gradient of the whole network may have.
    dropout: everywhere in the network.
    frozen_layers: of the encoder, with its embeddings; 0 for those only, None to train all.
    ema_decay: if set, what is saved is the moving average of the weights over some 1 / (1 - this) steps.
        One over many steps lags behind for as long as the weights still move in one direction.
    mixed_precision: bfloat16 where that is exact enough, on a GPU.
    workers: processes that prepare texts, for each process that trains; 0 for none.
    save_every, log_every: steps.
    """

    sources: Mapping[str, Source]
    sampler: LabelSampler
    loss: Loss
    checkpoint: Optional[str] = None
    encoder: Optional[str] = None
    steps: int = 1000
    batch_size: int = 32
    max_batch_tokens: int = 4096
    max_words: int = 256
    learn_rate: float = 3e-4
    encoder_factor: float = 0.17
    warmup_steps: int = 100
    decay: Decay = "cosine"
    decay_steps: Optional[int] = None
    weight_decay: float = 0.01
    grad_clip: float = 1.0
    dropout: float = 0.1
    frozen_layers: Optional[int] = None
    ema_decay: Optional[float] = None
    mixed_precision: bool = False
    workers: int = 0
    save_every: int = 500
    log_every: int = 20
    seed: int = 0

    def __post_init__(self) -> None:
        if (self.checkpoint is None) == (self.encoder is None):
            raise ValueError(Errors.GM241.format(checkpoint=self.checkpoint, encoder=self.encoder))
        if not self.sources:
            raise ValueError(Errors.GM242)
        if self.decay not in get_args(Decay):
            raise ValueError(Errors.GM007.format(name="decay", value=self.decay, type=Decay))
        counts = (
            "steps",
            "batch_size",
            "max_batch_tokens",
            "max_words",
            "save_every",
            "log_every",
            "decay_steps",
        )
        for name in counts:
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(Errors.GM008.format(name=name, value=value, least=1))

    def rate_factor(self, step: int) -> float:
        """What the learning rates are multiplied with in a step."""
        if step < self.warmup_steps:
            return (step + 1) / self.warmup_steps
        falling = self.steps - self.warmup_steps if self.decay_steps is None else self.decay_steps
        progress = min(1.0, max(0.0, 1 - (self.steps - step) / max(1, falling)))
        if self.decay == "cosine":
            return (1 + cos(pi * progress)) / 2
        return 1 - progress if self.decay == "linear" else 1.0
