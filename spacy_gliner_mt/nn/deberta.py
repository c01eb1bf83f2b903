"""DeBERTa: its attention on PyTorch's fused kernel, without repeated work on positions."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .distances import add_by_distance
from .memo import Memo

Attention = Literal["fused", "transformers"]

# Parts of transformers' encoder that make the vectors of positions.
_EMBEDDING = ("rel_embeddings", "LayerNorm")


def fuse_attention(transformer: nn.Module) -> None:
    """Replace the attention of a DeBERTa-v2 or v3; others have a fused one already.

    transformer: of transformers, changed in place. Its weights keep their names.
    """
    if transformer.config.model_type != "deberta-v2":
        return
    encoder = transformer.encoder
    embedding = tuple(getattr(encoder, name) for name in _EMBEDDING if hasattr(encoder, name))
    for layer in encoder.layer:
        layer.attention.self = DisentangledAttention(layer.attention.self, embedding)


class DisentangledAttention(nn.Module):
    """Self-attention over contents and relative positions (He et al. 2021, section 3.1).

    The score of a query q and a key k is that of their contents, plus that of q's content and the
    key of their distance ("c2p"), plus that of k's content and the query of their distance ("p2c").
    transformers projects all positions in every call, and gathers two of the three terms from what
    every subtoken has with every position. Here they are projected once for the same weights, and
    the two terms are one bias of PyTorch's fused attention.

    theirs: the attention that this one replaces, of which it takes the parts.
    embedding: what makes the vectors of positions, for all layers.
    """

    def __init__(self, theirs: nn.Module, embedding: tuple[nn.Module, ...]) -> None:
        super().__init__()
        for name, part in theirs.named_children():
            self.add_module(name, part)
        self.training = theirs.training
        self.heads = theirs.num_attention_heads
        kinds = theirs.pos_att_type
        width = theirs.attention_head_size * (1 + ("c2p" in kinds) + ("p2c" in kinds))
        self.scale = width**-0.5
        prefix = "" if theirs.share_att_key else "pos_"
        names = {"c2p": f"{prefix}key_proj", "p2c": f"{prefix}query_proj"}
        relative = theirs.relative_attention
        # Names of what projects the positions, for each kind.
        self.projections = {kind: name for kind, name in names.items() if relative and kind in kinds}
        # As many before as behind.
        self.n_positions = 2 * theirs.pos_ebd_size if relative else 0
        # A tuple, as these are no parts of this layer.
        self._embedding = embedding
        self._tables: Memo[dict[str, Tensor]] = Memo()

    def forward(
        self,
        hidden_states: Tensor,
        attention_mask: Tensor,
        output_attentions: bool = False,
        query_states: Tensor | None = None,
        relative_pos: Tensor | None = None,
        rel_embeddings: Tensor | None = None,
    ) -> tuple[Tensor, None]:
        """Attend, called as what it replaces is.

        hidden_states (batch, subtokens, width)
        attention_mask (batch, 1, subtokens, subtokens): 1 where one may attend to the other.
        relative_pos (1, subtokens, subtokens): which position each distance has.
        rel_embeddings (positions, width): vectors of positions.
        RETURNS (batch, subtokens, width): and nothing, in place of the probabilities.
        """
        if output_attentions or query_states is not None:
            raise NotImplementedError("Only transformers' own attention has probabilities and other queries.")
        query, key, value = (
            projection(hidden_states).unflatten(-1, (self.heads, -1))  # (batch, subtokens, heads, size)
            for projection in (self.query_proj, self.key_proj, self.value_proj)
        )
        bias = query.new_zeros(len(query), self.heads, query.shape[1], query.shape[1])
        if self.projections:
            self._add_positions(bias, query, key, relative_pos, rel_embeddings)
        # Not infinite: where nothing may be attended to, that would not be a number.
        bias.masked_fill_(~attention_mask.bool(), torch.finfo(bias.dtype).min)
        context = F.scaled_dot_product_attention(
            *(part.transpose(1, 2) for part in (query, key, value)),
            attn_mask=bias,
            dropout_p=self.dropout.p if self.training else 0.0,
            scale=self.scale,
        )
        return context.transpose(1, 2).flatten(2), None  # (batch, subtokens, heads * size)

    def _add_positions(
        self, bias: Tensor, query: Tensor, key: Tensor, relative_pos: Tensor, rel_embeddings: Tensor
    ) -> None:
        """Add the scores of contents with positions to a bias (batch, heads, subtokens, subtokens)."""
        tables = self._project_positions(rel_embeddings, query.dtype)
        # Of the distances from query to key, from the least upwards.
        positions = torch.cat((relative_pos[0, :, 0].flip(0), relative_pos[0, 0, 1:]))
        rows = (positions + self.n_positions // 2).clamp(0, self.n_positions - 1)
        if "c2p" in tables:
            add_by_distance(bias, query, tables["c2p"], rows)
        if "p2c" in tables:
            add_by_distance(bias.mT, key, tables["p2c"], rows.flip(0))

    def _project_positions(self, rel_embeddings: Tensor, dtype: torch.dtype) -> dict[str, Tensor]:
        """Keys and queries of positions (positions, heads, size), scaled."""

        def project() -> dict[str, Tensor]:
            vectors = self.pos_dropout(rel_embeddings[: self.n_positions])
            return {
                kind: getattr(self, name)(vectors).unflatten(-1, (self.heads, -1)) * self.scale
                for kind, name in self.projections.items()
            }

        if self.training or torch.is_grad_enabled():
            # Dropout differs from call to call, and gradients are of one.
            return project()
        parts = (*self._embedding, *map(self.get_submodule, self.projections.values()))
        weights = [weight for part in parts for weight in part.parameters()]
        return self._tables.get(weights, dtype, project)
