"""FLOPs: how many an exact computation needs at least, whoever does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spacy_gliner_mt.models.config import GlinerConfig
from spacy_gliner_mt.types import ModelInput


@dataclass(frozen=True)
class NetworkShape:
    """What the cost of a network depends on.

    width, layers, inner: of the encoder; the last is that of its feed-forward layers.
    position_scores: scores of contents with positions, for each pair of subtokens.
    hidden_size, n_rnn_layers: of what reads the encoder's vectors.
    """

    width: int
    layers: int
    inner: int
    position_scores: int
    hidden_size: int
    n_rnn_layers: int

    @classmethod
    def from_config(cls, config: GlinerConfig) -> NetworkShape:
        """The shape of a checkpoint that has its encoder's config."""
        encoder = config.encoder or {}
        relative = encoder.get("relative_attention", False)
        return cls(
            width=encoder["hidden_size"],
            layers=encoder["num_hidden_layers"],
            inner=encoder["intermediate_size"],
            position_scores=len(encoder["pos_att_type"]) if relative else 0,
            hidden_size=config.hidden_size,
            n_rnn_layers=config.n_rnn_layers,
        )


def count_flops(network: NetworkShape, inputs: Sequence[ModelInput]) -> int:
    """Count the useful FLOPs of matrix products, a multiplication with its addition being two.

    Neither padding counts, nor what can be left out exactly: projections of positions, which are the
    same for all inputs, and the scorer's products that do not depend on both word and label.
    """
    return sum(
        count_encoder(network, len(item))
        + count_head(network, len(item.word_positions), len(item.label_positions))
        for item in inputs
    )


def count_encoder(network: NetworkShape, subtokens: int) -> int:
    """Count for one input: the layers' projections, and what each pair of subtokens needs."""
    projections = 4 * network.width**2 + 2 * network.width * network.inner
    pairs = (2 + network.position_scores) * subtokens * network.width
    return 2 * network.layers * subtokens * (projections + pairs)


def count_head(network: NetworkShape, words: int, labels: int) -> int:
    """Count for one input: projection to another width, recurrent layers, and scorer."""
    hidden = network.hidden_size
    adapter = (words + labels) * network.width * hidden if network.width != hidden else 0
    # Two directions of half the width, four gates each, from the input and from the state before.
    recurrent = words * network.n_rnn_layers * 2 * 4 * (hidden // 2) * (hidden + hidden // 2)
    # Two halves of the width each, of which one goes through a part of the hidden layer.
    alone = (words + labels) * (2 * hidden**2 + 4 * hidden**2)
    pairs = words * labels * (4 * hidden**2 + 3 * 4 * hidden)
    return 2 * (adapter + recurrent + alone + pairs)
