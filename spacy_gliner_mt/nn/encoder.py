"""Encoder: subtoken vectors from any Hugging Face encoder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

# Encoders with relative positions have no hard limit, but lose the end of longer inputs.
RELATIVE_POSITION_LIMIT = 1408


class Encoder(nn.Module):
    """A transformer, then optionally a fusion of its layers and a projection.

    transformer: a `transformers` encoder model.
    hidden_size: width of the vectors that come out; projected where the transformer's differs.
    fuse_layers: weigh all layers instead of reading the last.
    """

    def __init__(self, transformer: nn.Module, hidden_size: int, *, fuse_layers: bool = False) -> None:
        super().__init__()
        width = transformer.config.hidden_size
        self.transformer = transformer
        self.fusion = LayerFusion(transformer.config.num_hidden_layers, width) if fuse_layers else None
        self.projection = nn.Linear(width, hidden_size) if width != hidden_size else None

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Encode subtokens.

        ids (batch, subtokens): padded subtoken ids.
        mask (batch, subtokens): true where a subtoken is no padding.
        RETURNS (batch, subtokens, hidden_size): their vectors.
        """
        outputs = self.transformer(
            input_ids=ids, attention_mask=mask.long(), output_hidden_states=self.fusion is not None
        )
        if self.fusion is None:
            vectors = outputs.last_hidden_state
        else:
            # The first hidden state is the embedding layer.
            vectors = self.fusion(torch.stack(outputs.hidden_states[1:], dim=1), mask)
        return vectors if self.projection is None else self.projection(vectors)

    @property
    def layers(self) -> nn.ModuleList:
        """The transformer's layers, the lowest first."""
        n_layers = self.transformer.config.num_hidden_layers
        lists = (part for part in self.transformer.modules() if isinstance(part, nn.ModuleList))
        return next(some for some in lists if len(some) == n_layers)

    def freeze(self, n_layers: int) -> None:
        """Leave the embeddings and so many of the lowest layers out of training."""
        for part in (self.transformer.embeddings, *self.layers[:n_layers]):
            part.requires_grad_(False)

    @property
    def max_subtokens(self) -> int:
        """How many subtokens one input may have."""
        config = self.transformer.config
        positions = getattr(self.transformer.embeddings, "position_embeddings", None)
        if isinstance(positions, nn.Embedding):
            # RoBERTa counts positions from behind the padding index.
            padding = positions.padding_idx
            return positions.num_embeddings - (0 if padding is None else padding + 1)
        if getattr(config, "relative_attention", False):
            return RELATIVE_POSITION_LIMIT
        return config.max_position_embeddings


class LayerFusion(nn.Module):
    """Squeeze-and-excitation over the layers of a transformer, as in gliner's LayersFuser.

    There the mean runs over padding too, so that results depend on the batch; here it does not.
    """

    def __init__(self, n_layers: int, width: int) -> None:
        super().__init__()
        self.squeeze = nn.Linear(width, 1)
        self.reduce = nn.Linear(n_layers, n_layers // 2)
        self.expand = nn.Linear(n_layers // 2, n_layers)
        self.output = nn.Linear(width, width)

    def forward(self, layers: Tensor, mask: Tensor) -> Tensor:
        """Weigh and sum the layers.

        layers (batch, layers, subtokens, width): hidden states.
        mask (batch, subtokens): true where a subtoken is no padding.
        RETURNS (batch, subtokens, width): the fused hidden state.
        """
        squeezed = self.squeeze(layers).squeeze(-1) * mask[:, None]  # (batch, layers, subtokens)
        means = squeezed.sum(dim=2) / mask.sum(dim=1, keepdim=True)  # (batch, layers)
        weights = self.expand(self.reduce(means).relu()).sigmoid()  # (batch, layers)
        return self.output(torch.einsum("blsw,bl->bsw", layers, weights))


def build_transformer(config: Mapping[str, Any]) -> nn.Module:
    """A transformer with random weights.

    config: as in a model's config.json, with its `model_type`.
    RETURNS: the module in evaluation mode, float32.
    """
    # transformers takes seconds to import, and spaCy imports this package's factory every time.
    from transformers import AutoConfig, AutoModel

    # The type a config was stored with says nothing of the one we compute in.
    fields = {name: value for name, value in config.items() if name not in ("torch_dtype", "dtype")}
    return AutoModel.from_config(AutoConfig.for_model(**fields)).float().eval()
