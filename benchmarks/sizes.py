"""Sizes: checkpoints of the sizes that are common, with random weights where there are no others."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, get_args

import torch
from torch import nn

from spacy_gliner_mt.models.bundle import name_tensors
from spacy_gliner_mt.models.checkpoint import Checkpoint
from spacy_gliner_mt.models.config import GlinerConfig
from spacy_gliner_mt.nn.encoder import Encoder, build_transformer
from spacy_gliner_mt.nn.network import Batch, Network

from .methods import MINI

Size = Literal["MiniLM", "DeBERTa-v3-small", "DeBERTa-v3-large"]
SIZES: tuple[Size, ...] = get_args(Size)
# What is made, and need not be made again. Git does not look there.
MODELS = Path(__file__).parent.parent / "build" / "benchmarks"

# Width, heads and layers.
SHAPES: dict[Size, tuple[int, int, int]] = {
    "DeBERTa-v3-small": (768, 12, 6),
    "DeBERTa-v3-large": (1024, 16, 24),
}
# What the logits of a random head are made like: how they spread, and how much of those of ends and
# insides is not that of starts.
_SPREAD, _OWN_SHARE = 2.0, 0.3


def find_checkpoint(size: Size) -> str:
    """The folder of a checkpoint, which is made unless it is there: the embedded one, or one of
    random weights with its tokenizer."""
    if size not in SHAPES:
        return MINI
    folder = MODELS / size
    if not folder.is_dir():
        unfinished = folder.with_suffix(".unfinished")
        make_checkpoint(*SHAPES[size]).to_folder(unfinished)
        unfinished.rename(folder)
    return str(folder)


def make_checkpoint(width: int, heads: int, layers: int) -> Checkpoint:
    """A checkpoint of random weights with a DeBERTa-v3 encoder, the same in every call."""
    embedded = Checkpoint.from_folder(Path(MINI))
    torch.manual_seed(0)
    encoder = make_encoder_config(width, heads, layers, embedded.config.vocab_size)
    network = Network(Encoder(build_transformer(encoder), width), width).eval()
    _enliven(network)
    _spread_logits(network, embedded.config.vocab_size)
    raw: dict[str, Any] = {
        **embedded.config.raw,
        "name": "random",
        "model_name": "none",
        "hidden_size": width,
        "max_len": 512,
        # Markers are alike where nothing was learned, and so would be all labels.
        "embed_ent_token": False,
        "encoder_config": encoder,
    }
    state = name_tensors(network)
    return Checkpoint(GlinerConfig.from_checkpoint(raw, state), embedded.tokenizer, state)


def make_encoder_config(width: int, heads: int, layers: int, vocab_size: int) -> dict[str, Any]:
    """The config of a DeBERTa-v3."""
    return {
        "model_type": "deberta-v2",
        "vocab_size": vocab_size,
        "hidden_size": width,
        "num_attention_heads": heads,
        "num_hidden_layers": layers,
        "intermediate_size": 4 * width,
        "relative_attention": True,
        "position_buckets": 256,
        "pos_att_type": ["p2c", "c2p"],
        "position_biased_input": False,
        "share_att_key": True,
        "norm_rel_ebd": "layer_norm",
        "layer_norm_eps": 1e-7,
    }


def _enliven(network: Network) -> None:
    """Draw weights so large that vectors depend on what stands around a subtoken, as trained ones do."""
    for name, weight in network.named_parameters():
        if "norm" not in name.lower():
            nn.init.normal_(weight, std=weight.shape[-1] ** -0.5)


def _spread_logits(network: Network, vocab_size: int) -> None:
    """Make the scorer's logits like those of a trained one, for which words begin entities that end
    there or soon after: decoding depends on it."""
    n_labels, n_words = 16, 112
    batch = Batch(
        ids=torch.randint(vocab_size, (1, n_labels + n_words)),
        mask=torch.ones(1, n_labels + n_words, dtype=torch.bool),
        label_positions=torch.arange(n_labels),
        word_positions=torch.arange(n_labels, n_labels + n_words),
        word_lengths=torch.ones(n_words, dtype=torch.long),
        n_labels=[n_labels],
        n_words=[n_words],
    )
    output: nn.Linear = network.scorer.output
    with torch.no_grad():
        output.weight[1:].mul_(_OWN_SHARE).add_(output.weight[0])
        (logits,) = network(batch)
        deviations, means = torch.std_mean(logits.flatten(0, 1), dim=0)  # (3,)
        output.weight.mul_(_SPREAD / deviations[:, None])
        output.bias.sub_(means).mul_(_SPREAD / deviations)
