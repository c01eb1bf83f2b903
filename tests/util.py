"""A tiny checkpoint, and Docs and inputs made by hand."""

from __future__ import annotations

import json
import string
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, DebertaV2Config, ModernBertConfig, PretrainedConfig, RobertaConfig

from spacy_gliner_mt.models.bundle import Bundle
from spacy_gliner_mt.models.checkpoint import Checkpoint
from spacy_gliner_mt.models.config import GlinerConfig
from spacy_gliner_mt.models.tokenizer import Tokenizer as GlinerTokenizer
from spacy_gliner_mt.nn.deberta import fuse_attention
from spacy_gliner_mt.nn.encoder import Encoder, build_transformer
from spacy_gliner_mt.nn.network import Network
from spacy_gliner_mt.types import Query

SIZES: dict[str, Any] = {
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_attention_heads": 2,
    "num_hidden_layers": 2,
    "max_position_embeddings": 128,
}
ENCODERS: dict[str, PretrainedConfig] = {
    "bert": BertConfig(**SIZES),
    "deberta-v2": DebertaV2Config(
        **SIZES,
        relative_attention=True,
        position_buckets=16,
        pos_att_type=["p2c", "c2p"],
        position_biased_input=False,
        share_att_key=True,
        norm_rel_ebd="layer_norm",
    ),
    "roberta": RobertaConfig(**{**SIZES, "max_position_embeddings": 130}, pad_token_id=1),
    "modernbert": ModernBertConfig(**SIZES, pad_token_id=0, reference_compile=False),
}


def make_tokenizer_json() -> str:
    """A word-piece tokenizer of single characters, with BERT's special tokens and the markers."""
    characters = sorted(set(string.printable) - set(string.whitespace) - set(string.ascii_uppercase))
    specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocabulary = [*specials, *characters, *(f"##{character}" for character in characters)]
    ids = {token: index for index, token in enumerate(vocabulary)}
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", ids["[SEP]"]), ("[CLS]", ids["[CLS]"]))
    added = [*specials, "[FLERT]", "<<ENT>>", "<<SEP>>"]
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in added])
    return tokenizer.to_str()


TOKENIZER_JSON = make_tokenizer_json()
TOKENIZER_FILES = {
    "tokenizer.json": TOKENIZER_JSON,
    "tokenizer_config.json": json.dumps(
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "cls_token": "[CLS]",
            "sep_token": "[SEP]",
            "pad_token": "[PAD]",
            "unk_token": "[UNK]",
            "mask_token": "[MASK]",
        }
    ),
}


def make_bundle(
    encoder: str = "bert",
    *,
    hidden_size: int = 16,
    n_rnn_layers: int = 1,
    fuse_layers: bool = False,
    **settings: Any,
) -> Bundle:
    """A network with random weights, the same in every call.

    settings: further fields of gliner_config.json.
    """
    torch.manual_seed(0)
    tokenizer = GlinerTokenizer(TOKENIZER_JSON, "<<ENT>>", "<<SEP>>")
    encoder_config = {**ENCODERS[encoder].to_dict(), "vocab_size": tokenizer.vocab_size}
    raw = {"model_name": "none", "max_len": 64, "encoder_config": encoder_config, **settings}
    transformer = build_transformer(encoder_config)
    fuse_attention(transformer)
    network = Network(
        Encoder(transformer, hidden_size, fuse_layers=fuse_layers),
        hidden_size,
        n_rnn_layers=n_rnn_layers,
    ).eval()
    for parameter in network.scorer.parameters():
        torch.nn.init.normal_(parameter, std=0.5)  # so that scores differ between words
    config = GlinerConfig(
        hidden_size=hidden_size,
        n_rnn_layers=n_rnn_layers,
        fuse_layers=fuse_layers,
        pooling=raw.get("subtoken_pooling", "first"),
        dropout=0.0,
        max_words=raw["max_len"],
        label_marker="<<ENT>>",
        separator="<<SEP>>",
        embed_marker=True,
        encoder=encoder_config,
        encoder_name="none",
        vocab_size=tokenizer.vocab_size,
        tasks=None,
        raw=raw,
    )
    return Bundle(network, tokenizer, config, TOKENIZER_FILES)


def write_checkpoint(folder: Path, encoder: str = "bert", **options: Any) -> Path:
    """Write a tiny checkpoint; the options are those of `make_bundle`."""
    make_bundle(encoder, **options).to_checkpoint().to_folder(folder)
    return folder


def read_bundle(folder: Path) -> Bundle:
    return Bundle.from_checkpoint(Checkpoint.from_folder(folder)).eval()


def make_query(labels: Sequence[str], threshold: float = 0.5, **options: Any) -> Query:
    return Query(tuple(labels), np.full(len(labels), threshold, dtype=np.float32), **options)
