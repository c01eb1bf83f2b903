"""Inputs of the network from texts, and its logits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from spacy_gliner_mt.encoding.prompts import build_input
from spacy_gliner_mt.encoding.words import split_words
from spacy_gliner_mt.models.bundle import Bundle
from spacy_gliner_mt.models.collate import collate
from spacy_gliner_mt.types import ModelInput

# Inputs that differ in their labels, words and subtokens.
EXAMPLES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Rosa Weber left Bremen.", ("person", "city")),
    ("No.", ("ship",)),
    (
        "In 1921 the brig Merganser, Captain Ole Ruud, took forty-two crates of tea from Leith to Bergen.",
        ("ship", "captain of a ship", "place", "date"),
    ),
    ("a-b_c 7", ("person", "city", "date")),
)


def make_input(bundle: Bundle, text: str, labels: Sequence[str]) -> ModelInput:
    """The whole text and all labels as one input."""
    encode = bundle.tokenizer.encode
    return build_input(encode(labels), encode(()), encode(split_words(text).texts), bundle.tokenizer.markers)


def make_inputs(bundle: Bundle) -> list[ModelInput]:
    """One input per example."""
    return [make_input(bundle, text, labels) for text, labels in EXAMPLES]


def score(bundle: Bundle, inputs: Sequence[ModelInput]) -> list[np.ndarray]:
    """The logits of each input, all of them in one batch."""
    with torch.inference_mode():
        return [logits.numpy() for logits in bundle(collate(inputs, bundle.pad_id, torch.device("cpu")))]


def assert_same_logits(bundle: Bundle, expected: Bundle) -> None:
    """Both score the examples alike, bit for bit."""
    inputs = make_inputs(expected)
    for logits, others in zip(score(bundle, inputs), score(expected, inputs), strict=True):
        assert np.array_equal(logits, others)


def enliven(bundle: Bundle) -> Bundle:
    """Give the network weights with which context matters and logits spread as those of trained
    networks do: fresh ones are so small that a transformer hardly attends to anything."""
    torch.manual_seed(2)
    enliven_weights(bundle.network)
    logits = np.concatenate([logits.reshape(-1, 3) for logits in score(bundle, make_inputs(bundle))])
    spread_logits(bundle.network.scorer.output, logits)
    return bundle


def enliven_weights(module: nn.Module) -> None:
    """Draw larger weights; norms stay as they are."""
    for name, parameter in module.named_parameters():
        if "norm" not in name.lower():
            nn.init.normal_(parameter, std=1 / parameter.shape[-1] ** 0.5)


def spread_logits(output: nn.Linear, logits: np.ndarray) -> None:
    """Scale the last layer so that each kind of these logits (any, 3) spreads by 1 around 0."""
    mean, scale = torch.from_numpy(logits.mean(axis=0)), 1 / torch.from_numpy(logits.std(axis=0))
    with torch.no_grad():
        output.bias.sub_(mean).mul_(scale)
        output.weight.mul_(scale[:, None])
