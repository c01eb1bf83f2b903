"""Fresh checkpoints: a pretrained encoder under a head that has learned nothing yet."""

from __future__ import annotations

import torch
from tokenizers import Tokenizer as FastTokenizer

from ..errors import Errors
from ..nn.encoder import Encoder
from ..nn.network import Network
from .bundle import name_tensors
from .checkpoint import TOKENIZER_NAME, Checkpoint, convert_tokenizer
from .config import GlinerConfig

LABEL_MARKER, SEPARATOR = "<<ENT>>", "<<SEP>>"


def make_fresh_checkpoint(
    encoder: str, *, seed: int, max_words: int = 384, n_rnn_layers: int = 1, dropout: float = 0.1
) -> Checkpoint:
    """Put a head on an encoder.

    encoder: a folder or hub id of a transformer with its tokenizer.
    seed: of the head's weights, and the vectors of new tokens.
    max_words: of one input.
    n_rnn_layers: over words.
    RAISES: OSError if the encoder cannot be had.
    """
    # transformers takes seconds to import, and this is for training only.
    from transformers import AutoModel

    torch.manual_seed(seed)
    try:
        tokenizer = convert_tokenizer(encoder, LABEL_MARKER, SEPARATOR)
        transformer = AutoModel.from_pretrained(encoder).float()
    except (OSError, ValueError) as error:
        raise OSError(Errors.GM243.format(encoder=encoder, error=error)) from error
    tokens = FastTokenizer.from_str(tokenizer[TOKENIZER_NAME]).get_vocab_size()
    transformer.resize_token_embeddings(tokens)
    width = transformer.config.hidden_size
    network = Network(Encoder(transformer, width), width, n_rnn_layers=n_rnn_layers, dropout=dropout)
    raw = {
        "model_name": encoder,
        "span_mode": "token_level",
        "max_len": max_words,
        "dropout": dropout,
        "ent_token": LABEL_MARKER,
        "sep_token": SEPARATOR,
        "encoder_config": transformer.config.to_dict(),
        "tasks": [],
    }
    state = name_tensors(network)
    return Checkpoint(GlinerConfig.from_checkpoint(raw, state), tokenizer, state)
