"""Bundle: a network with the tokenizer that feeds it, as one torch module."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

import torch
from torch import Tensor, nn

from ..errors import Errors
from ..nn.deberta import Attention, fuse_attention
from ..nn.encoder import Encoder, build_transformer
from ..nn.network import Batch, Network
from ..types import Floats, ModelInput
from .checkpoint import TOKENIZER_NAME, Checkpoint
from .collate import collate
from .config import GlinerConfig
from .tokenizer import Tokenizer

# gliner's names for the parts of the network, and ours.
_NAMES = {
    "token_rep_layer.bert_layer.model.": "encoder.transformer.",
    "token_rep_layer.bert_layer.layers_fuser.squeeze.": "encoder.fusion.squeeze.",
    "token_rep_layer.bert_layer.layers_fuser.W1.": "encoder.fusion.reduce.",
    "token_rep_layer.bert_layer.layers_fuser.W2.": "encoder.fusion.expand.",
    "token_rep_layer.bert_layer.layers_fuser.output_projection.": "encoder.fusion.output.",
    "token_rep_layer.projection.": "encoder.projection.",
    "rnn.lstm.": "rnn.",
    "scorer.proj_token.": "scorer.words.",
    "scorer.proj_label.": "scorer.labels.",
    "scorer.out_mlp.0.": "scorer.hidden.",
    "scorer.out_mlp.3.": "scorer.output.",
}
# Older transformers stored these constants; gliner builds the fuser but never calls it here.
_UNUSED = ("position_ids", "cross_fuser.")


class Bundle(nn.Module):
    """What the component needs of a checkpoint, built.

    network: with its weights.
    tokenizer: its tokenizer.
    config: the checkpoint's settings, the transformer's config among them.
    tokenizer_files: the tokenizer as it is written.
    """

    def __init__(
        self, network: Network, tokenizer: Tokenizer, config: GlinerConfig, tokenizer_files: Mapping[str, str]
    ) -> None:
        super().__init__()
        self.network = network
        self.tokenizer = tokenizer
        self.config = config
        self.tokenizer_files = tokenizer_files

    def forward(self, batch: Batch, mixed_precision: bool = False) -> list[Tensor]:
        """Score the words of every input, see `Network.forward`.

        mixed_precision: compute in bfloat16 where that is exact enough, on a GPU.
        RETURNS: float32.
        """
        device = batch.ids.device.type
        with torch.autocast(device, torch.bfloat16, enabled=mixed_precision and device != "cpu"):
            logits = self.network(batch)
        return [some.float() for some in logits]

    def score(self, inputs: Sequence[ModelInput], mixed_precision: bool = False) -> list[Floats]:
        """The logits of each input (words, labels, 3), on the CPU wherever the network is: decoding
        needs no CuPy then.

        inputs: at least one.
        """
        with torch.inference_mode():
            logits = self(collate(inputs, self.pad_id, self.device), mixed_precision)
            return [some.cpu().numpy() for some in logits]

    def add_tasks(self, names: Iterable[str]) -> None:
        """Keep in the config that it was trained for these tasks, if it says what for."""
        if self.config.tasks is not None:
            tasks = dict.fromkeys((*self.config.tasks, *names))
            self.config = replace(self.config, tasks=tuple(tasks))

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.parameters()).device

    @property
    def encoder_config(self) -> Any:
        """The transformer's own config."""
        return self.network.encoder.transformer.config

    @property
    def max_subtokens(self) -> int:
        """Subtokens that one input may have."""
        return self.network.encoder.max_subtokens

    @property
    def pad_id(self) -> int:
        """What fills an input up to the longest of its batch; masked, so any id would do."""
        return self.encoder_config.pad_token_id or 0

    @classmethod
    def from_checkpoint(cls, checkpoint: Checkpoint, attention: Attention = "fused") -> Bundle:
        """Build the network of a checkpoint.

        attention: of a DeBERTa encoder.
        RAISES: ValueError if its tensors are not exactly the network's, or its tokenizer does not
            fit them.
        """
        if attention not in get_args(Attention):
            raise ValueError(Errors.GM007.format(name="attention", value=attention, type=Attention))
        tokenizer = build_tokenizer(checkpoint.tokenizer, checkpoint.config)
        config = complete_config(checkpoint.config)
        encoder = build_encoder(config)
        if attention == "fused":
            fuse_attention(encoder.transformer)
        network = Network(
            encoder,
            config.hidden_size,
            n_rnn_layers=config.n_rnn_layers,
            pooling=config.pooling,
            dropout=config.dropout,
        )
        _load_state(network, checkpoint.state)
        return cls(network, tokenizer, config, checkpoint.tokenizer)

    def to_checkpoint(self) -> Checkpoint:
        """The bundle with its present weights, in gliner's names."""
        raw = self.config.to_json(self.tokenizer.markers.label)
        return Checkpoint(replace(self.config, raw=raw), self.tokenizer_files, name_tensors(self.network))


def name_tensors(network: Network) -> dict[str, Tensor]:
    """The weights of a network in gliner's names."""
    theirs = {ours: theirs for theirs, ours in _NAMES.items()}
    return {
        _rename(name, theirs): tensor.detach().cpu().contiguous()
        for name, tensor in network.state_dict().items()
    }


def build_tokenizer(files: Mapping[str, str], config: GlinerConfig) -> Tokenizer:
    """The tokenizer of a checkpoint.

    files: names -> content.
    RAISES: ValueError if it is damaged, or does not fit the config.
    """
    tokenizer = Tokenizer(
        files[TOKENIZER_NAME], config.label_marker, config.separator, embed_marker=config.embed_marker
    )
    rows = config.vocab_size
    if rows is not None and tokenizer.vocab_size > rows:
        raise ValueError(Errors.GM044.format(tokens=tokenizer.vocab_size, rows=rows))
    return tokenizer


def build_encoder(config: GlinerConfig) -> Encoder:
    """The encoder that a complete config describes, with random weights.

    RAISES: ValueError if transformers cannot build it.
    """
    try:
        transformer = build_transformer(config.encoder)
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(Errors.GM048.format(error=error, config=config.encoder)) from error
    return Encoder(transformer, config.hidden_size, fuse_layers=config.fuse_layers)


def complete_config(config: GlinerConfig) -> GlinerConfig:
    """The same config, with that of the transformer if the checkpoint only names it.

    RAISES: OSError if it cannot be had.
    """
    from transformers import AutoConfig

    if config.encoder is not None:
        return config
    try:
        encoder = AutoConfig.from_pretrained(config.encoder_name).to_dict()
    except (OSError, ValueError) as error:
        raise OSError(Errors.GM045.format(name=config.encoder_name, error=error)) from error
    return config.with_encoder(encoder)


def _load_state(network: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    used = {name: tensor for name, tensor in tensors.items() if not any(part in name for part in _UNUSED)}
    state = {_rename(name, _NAMES): tensor for name, tensor in used.items()}
    expected = network.state_dict()
    missing = sorted(expected.keys() - state.keys())
    unexpected = sorted(state.keys() - expected.keys())
    misshapen = [
        f"{name} {tuple(state[name].shape)} for {tuple(tensor.shape)}"
        for name, tensor in expected.items()
        if name in state and state[name].shape != tensor.shape
    ]
    if missing or unexpected or misshapen:
        raise ValueError(Errors.GM043.format(missing=missing, unexpected=unexpected, misshapen=misshapen))
    network.load_state_dict(state)


def _rename(name: str, names: Mapping[str, str]) -> str:
    for old, new in names.items():
        if name.startswith(old):
            return new + name.removeprefix(old)
    return name
