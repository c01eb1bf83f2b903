"""Synthesize: the command that has texts annotated by a large language model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

# Private, but what makes overrides look like those of `spacy train`.
from spacy.cli._util import parse_config_overrides
from spacy.vocab import Vocab
from tqdm import tqdm

from ..errors import Errors
from ..training.synthesis.config import load_synthesis
from ..training.synthesis.synthesizer import FAILED
from .failure import exit_on
from .readers import read_records


def synthesize_cli(
    context: typer.Context,
    config: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Config file (.cfg).")],
) -> None:
    """Let a large language model annotate texts for all tasks, as a corpus to train with.

    The model is any endpoint that speaks OpenAI's protocol, or one of spacy-llm. Settings of the config
    can be overridden, as in --synthesis.limit 10. Answers that are broken are put aside in a file of
    their own. Started again, it goes on with the texts that are missing; the exit status is 1 if
    there still are some.
    """
    counts: Counter[str] = Counter()
    # What makes a request fail is told in the end; so is the summary, however it ends.
    with exit_on(ValueError, OSError, ImportError):
        synthesis = load_synthesis(config, parse_config_overrides(context.args))
        synthesizer = synthesis.make_synthesizer()
        texts = list(islice(_read_texts(synthesis.texts), synthesis.limit or None))
        if not texts:
            raise ValueError(Errors.GM240.format(path=synthesis.texts))
        try:
            for _ in tqdm(synthesizer.run(texts, counts), total=len(texts), unit="text", disable=None):
                pass
        finally:
            for reason, count in counts.items():
                if count:
                    typer.echo(f"{count:>7} {reason}")
    if counts[FAILED]:
        raise typer.Exit(1)


def _read_texts(path: Path) -> Iterator[str]:
    for record in read_records(path, Vocab()):
        yield record.content if isinstance(record.content, str) else record.content.text
