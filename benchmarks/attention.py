"""Attention of DeBERTa: transformers' own beside ours, on the same weights.

Run: python -m benchmarks.attention
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Annotated

import torch
import typer
from torch import Tensor, nn
from wasabi import MarkdownRenderer

from spacy_gliner_mt.nn.deberta import fuse_attention
from spacy_gliner_mt.nn.encoder import build_transformer

from .machine import THREADS, describe_machine
from .reports import write_report
from .sizes import SHAPES, Size, make_encoder_config
from .speed import time_in_turn

TITLE = "Encoder time with transformers' attention and with ours"
LENGTHS = (32, 64, 128, 256, 512)
VOCABULARY = 1000


def main(
    size: Annotated[Size, typer.Option(help="Of the encoder, with random weights.")] = "DeBERTa-v3-small",
    length: Annotated[list[int] | None, typer.Option(help=f"Subtokens; {LENGTHS}.")] = None,
    tokens: Annotated[int, typer.Option(help="Subtokens of a batch; one text if it is longer.")] = 1,
    rounds: Annotated[int, typer.Option(help="Rounds that count.")] = 7,
    threads: Annotated[int, typer.Option(help="Threads to compute with.")] = THREADS,
    output: Annotated[Path | None, typer.Option(help="Markdown file to write, too.")] = None,
) -> None:
    """Print milliseconds of the whole encoder, taken in turn, and how far its vectors differ."""
    torch.set_num_threads(threads)
    theirs = build_transformer(make_encoder_config(*SHAPES[size], VOCABULARY))
    ours = copy.deepcopy(theirs)
    fuse_attention(ours)
    rows = [compare(theirs, ours, max(1, tokens // some), some, rounds) for some in length or LENGTHS]
    header = ("texts", "subtokens", "transformers, ms", "ours, ms", "times faster", "greatest difference")
    table = MarkdownRenderer().table(rows, header=header).strip()
    facts = f"{size}, {threads} threads, medians of {rounds}."
    print(f"{describe_machine()}. {facts}\n\n{table}")
    if output:
        write_report(output, TITLE, facts, table)


def compare(theirs: nn.Module, ours: nn.Module, n_texts: int, length: int, rounds: int) -> Sequence[str]:
    """Time both on texts of random subtokens."""
    ids = torch.randint(VOCABULARY, (n_texts, length), generator=torch.Generator().manual_seed(0))
    difference = float((read(theirs, ids) - read(ours, ids)).abs().max())
    calls = {"theirs": partial(read, theirs, ids), "ours": partial(read, ours, ids)}
    seconds = {name: median(some) for name, some in time_in_turn(calls, rounds).items()}
    return (
        str(n_texts),
        str(length),
        f"{1000 * seconds['theirs']:.1f}",
        f"{1000 * seconds['ours']:.1f}",
        f"{seconds['theirs'] / seconds['ours']:.2f}",
        f"{difference:.0e}",
    )


def read(transformer: nn.Module, ids: Tensor) -> Tensor:
    """The vectors of subtokens (texts, subtokens, width)."""
    with torch.inference_mode():
        return transformer(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state


if __name__ == "__main__":
    typer.run(main)
