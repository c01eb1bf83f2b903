"""Scorer: start, end and inside logits of every word for every label."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

# Pairs of word and label scored at once: what stays in a CPU's cache, and what fills a GPU.
CPU_PAIRS, GPU_PAIRS = 512, 65536


class Scorer(nn.Module):
    """The scorer of gliner's token model, factored.

    gliner projects words and labels to two halves each, t0, t1 and l0, l1, and applies a
    perceptron to [t0, l0, t1 * l1] for every pair. Its first layer is a sum of three products, of
    which the first depends on the word alone and the second on the label alone: only the third is
    computed for pairs, and the (words, labels, 3 * width) tensor is never built.

    width: of word and label vectors.
    dropout: probability, in training.
    """

    def __init__(self, width: int, *, dropout: float = 0.0) -> None:
        super().__init__()
        self.words = nn.Linear(width, 2 * width)
        self.labels = nn.Linear(width, 2 * width)
        self.hidden = nn.Linear(3 * width, 4 * width)
        self.output = nn.Linear(4 * width, 3)
        self.dropout = nn.Dropout(dropout)

    def forward(self, words: Tensor, labels: Tensor, *, at_once: bool = False) -> Tensor:
        """Score all pairs.

        words (..., words, width), labels (..., labels, width): their vectors.
        at_once: not a part of the words after the other, whose number would depend on them.
        RETURNS (..., words, labels, 3): logits of start, end and inside.
        """
        t0, t1 = self.words(words).chunk(2, dim=-1)
        l0, l1 = self.labels(labels).chunk(2, dim=-1)
        of_word, of_label, of_pair = self.hidden.weight.chunk(3, dim=1)
        from_words = F.linear(t0, of_word)  # (..., words, 4 * width)
        from_labels = F.linear(l0, of_label, self.hidden.bias)  # (..., labels, 4 * width)
        if at_once:
            return self._score(t1, from_words, l1, from_labels, of_pair)
        pairs = CPU_PAIRS if words.device.type == "cpu" else GPU_PAIRS
        rows = max(1, pairs // max(1, labels.shape[-2]))
        parts = zip(t1.split(rows, dim=-2), from_words.split(rows, dim=-2), strict=True)
        return torch.cat([self._score(*part, l1, from_labels, of_pair) for part in parts], dim=-3)

    def _score(
        self, t1: Tensor, from_words: Tensor, l1: Tensor, from_labels: Tensor, of_pair: Tensor
    ) -> Tensor:
        pairs = t1.unsqueeze(-2) * l1.unsqueeze(-3)  # (..., words, labels, width)
        hidden = F.linear(pairs, of_pair)  # (..., words, labels, 4 * width)
        hidden.add_(from_words.unsqueeze(-2)).add_(from_labels.unsqueeze(-3))
        return self.output(self.dropout(hidden).relu_())
