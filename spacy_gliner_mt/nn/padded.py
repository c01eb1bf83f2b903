"""Padded network: the same scores in one tensor, as a graph for export must give them."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from .network import Network
from .pooling import Pooling


class PaddedNetwork(nn.Module):
    """A network that reads and returns what the graphs that gliner exports do. It has no branches
    that depend on an input, so that one trace of it is right for all.

    network: with its weights.
    label_marker: the id that stands before each label.
    label_offset: whose vector stands for a label: its marker's (0), or the next subtoken's (1).
    """

    def __init__(self, network: Network, label_marker: int, label_offset: int) -> None:
        super().__init__()
        self.network = network
        self.label_marker = label_marker
        self.label_offset = label_offset

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, words_mask: Tensor, text_lengths: Tensor
    ) -> Tensor:
        """Score all words for all labels; what is behind the words or labels of an input is noise.

        input_ids (batch, subtokens): padded subtoken ids.
        attention_mask (batch, subtokens): 1 where a subtoken is no padding, 0 where it is.
        words_mask (batch, subtokens): the word that each subtoken is pooled for, from 1; 0 for none.
        text_lengths (batch, 1): words of each input.
        RETURNS (batch, words, labels, 3): logits of start, end and inside.
        """
        network = self.network
        vectors = network.encoder(input_ids, attention_mask.bool())  # (batch, subtokens, width)
        marked = (input_ids == self.label_marker).long() * attention_mask
        marked = marked.roll(self.label_offset, dims=1)
        labels_mask = marked * marked.cumsum(dim=1)  # (batch, subtokens), as words_mask
        labels = pool_padded(vectors, labels_mask, labels_mask.max(), "first")
        words = pool_padded(vectors, words_mask, text_lengths.max(), network.pooling)
        words = self._contextualise(words, text_lengths[:, 0])
        return network.scorer(words, labels, at_once=True)

    def _contextualise(self, words: Tensor, lengths: Tensor) -> Tensor:
        """Run the recurrent layers over the words (batch, words, width) of each input."""
        rnn = self.network.rnn
        if rnn is None:
            return words
        # Without a state of its own, the graph would keep the size of the batch it was traced with.
        state = words.new_zeros(2 * rnn.num_layers, words.shape[0], rnn.hidden_size)
        packed = pack_padded_sequence(words, lengths, batch_first=True, enforce_sorted=False)
        packed, _ = rnn(packed, (state, state))
        return pad_packed_sequence(packed, batch_first=True)[0]


def pool_padded(vectors: Tensor, mask: Tensor, count: Tensor, pooling: Pooling) -> Tensor:
    """Reduce the subtokens of each word to one vector.

    vectors (batch, subtokens, width): of all subtokens.
    mask (batch, subtokens): the word that each is pooled for, from 1; 0 for none. For "first" and
        "last" pooling, no word has more than one.
    count (): words of the longest input.
    RETURNS (batch, words, width): the words' vectors; zeros for a word without subtokens.
    """
    batch, _, width = vectors.shape
    # What is for no word is pooled for one before the first of its input, which is left out.
    rows = mask + (count + 1) * torch.arange(batch, device=mask.device)[:, None]
    index = rows.flatten()[:, None].expand(-1, width)
    vectors = vectors.flatten(0, 1)  # (batch * subtokens, width)
    shape = (batch * (count + 1), width)
    if pooling == "max":
        lowest = torch.finfo(vectors.dtype).min
        pooled = vectors.new_full(shape, lowest).scatter_reduce(0, index, vectors, "amax")
        pooled = pooled.masked_fill(pooled == lowest, 0.0)
    else:
        pooled = vectors.new_zeros(shape).scatter_add(0, index, vectors)
    if pooling == "mean":
        counts = vectors.new_zeros(shape).scatter_add(0, index, torch.ones_like(vectors))
        pooled = pooled / counts.clamp(min=1)
    return pooled.reshape(batch, -1, width)[:, 1:]
