"""Network: from subtokens to start, end and inside logits of words."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_sequence, unpack_sequence

from .encoder import Encoder
from .pooling import Pooling, pool_words
from .scorer import Scorer


@dataclass(frozen=True)
class Batch:
    """Several inputs as the network reads them. Words and labels are not padded: they stand one
    after the other, and their positions index the flattened subtokens.

    ids (batch, subtokens): padded subtoken ids.
    mask (batch, subtokens): true where a subtoken is no padding.
    label_positions (labels of all inputs,): where each label's vector is read.
    word_positions, word_lengths (words of all inputs,): first subtoken of each word, and how many.
    n_labels, n_words (batch,): labels and words of each input.
    """

    ids: Tensor
    mask: Tensor
    label_positions: Tensor
    word_positions: Tensor
    word_lengths: Tensor
    n_labels: list[int]
    n_words: list[int]


class Network(nn.Module):
    """Token-classification GLiNER (Stepanov & Shtopko 2024): encoder, recurrent layers over words,
    scorer. Labels skip the recurrent layers.

    encoder: subtoken vectors.
    hidden_size: their width.
    n_rnn_layers: bidirectional LSTM layers over the words; may be 0.
    pooling: how a word's vector follows from those of its subtokens.
    dropout: probability, in training, of the LSTM and the scorer.
    """

    def __init__(
        self,
        encoder: Encoder,
        hidden_size: int,
        *,
        n_rnn_layers: int = 1,
        pooling: Pooling = "first",
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.pooling = pooling
        self.rnn = (
            nn.LSTM(
                hidden_size,
                hidden_size // 2,
                num_layers=n_rnn_layers,
                # PyTorch warns of dropout it could only apply between layers.
                dropout=dropout if n_rnn_layers > 1 else 0.0,
                bidirectional=True,
                batch_first=True,
            )
            if n_rnn_layers
            else None
        )
        self.scorer = Scorer(hidden_size, dropout=dropout)

    def forward(self, batch: Batch) -> list[Tensor]:
        """Score the words of every input for each of its labels.

        RETURNS: one tensor (words, labels, 3) per input: logits of start, end and inside.
        """
        vectors = self.encoder(batch.ids, batch.mask).flatten(0, 1)  # (batch * subtokens, width)
        labels = vectors[batch.label_positions].split(batch.n_labels)
        words = pool_words(vectors, batch.word_positions, batch.word_lengths, self.pooling)
        words = self._contextualise(words.split(batch.n_words))
        return [self.scorer(of_words, of_labels) for of_words, of_labels in zip(words, labels, strict=True)]

    def _contextualise(self, words: tuple[Tensor, ...]) -> list[Tensor]:
        """Run the recurrent layers over the words of each input (words, width)."""
        if self.rnn is None:
            return list(words)
        if words[0].device.type == "cpu" and torch.is_grad_enabled():
            # The way back through a packed batch takes time with the square of its words.
            return [self.rnn(some.unsqueeze(0))[0].squeeze(0) for some in words]  # (words, width) each
        packed, _ = self.rnn(pack_sequence(words, enforce_sorted=False))
        return unpack_sequence(packed)
