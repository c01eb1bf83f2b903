"""Convert the public corpora that have been fetched, and say which have not.

Run: python scripts/convert.py assets corpus
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from spacy_gliner_mt.cli.convert import convert_cli

NAMES = "names.json"


@dataclass(frozen=True)
class Asset:
    """A corpus in a format of its own.

    source: file or folder below that of the assets.
    target: file below that of the corpora.
    format: as `spacy gliner convert` takes it.
    names: file of names for its labels.
    tag_first: of a file in columns, whether the tag comes before its word.
    """

    source: str
    target: str
    format: str
    names: str | None = None
    tag_first: bool = False


DOMAINS = ("ai", "literature", "music", "politics", "science")
ASSETS = [
    *(Asset(f"crossner/{it}/test.txt", f"test/ner.crossner_{it}.jsonl", "conll", NAMES) for it in DOMAINS),
    Asset("mit/movie_test.bio", "test/ner.mit_movie.jsonl", "conll", NAMES, tag_first=True),
    Asset("mit/restaurant_test.bio", "test/ner.mit_restaurant.jsonl", "conll", NAMES, tag_first=True),
    Asset("squad/dev-v2.0.json", "test/qa.squad2.jsonl", "squad"),
    Asset("cnn_dailymail/test", "test/sum.cnn_dailymail.jsonl", "cnn_dailymail"),
    Asset("fewrel/val_wiki.json", "test/rel.fewrel.jsonl", "fewrel", "fewrel/pid2name.json"),
    Asset("pile_ner/train.json", "train/ner/ner.pile_ner.jsonl", "universal_ner"),
    Asset("squad/train-v2.0.json", "train/qa/qa.squad2.jsonl", "squad"),
    Asset("cnn_dailymail/train", "train/sum/sum.cnn_dailymail.jsonl", "cnn_dailymail"),
    Asset("fewrel/train_wiki.json", "train/rel/rel.fewrel.jsonl", "fewrel", "fewrel/pid2name.json"),
]


def main(
    assets: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Folder of the assets.")],
    output: Annotated[Path, typer.Argument(help="Folder to write corpora to.")],
) -> None:
    """Convert what there is. The exit status is 1 if there is nothing."""
    there = [asset for asset in ASSETS if (assets / asset.source).exists()]
    for asset in ASSETS:
        if asset not in there:
            typer.echo(f"{asset.target}: left out, as there is no {assets / asset.source}", err=True)
    if not there:
        typer.echo("There is nothing to convert. Fetch the corpora: python -m spacy project assets --extra")
        raise typer.Exit(1)
    for asset in there:
        target = output / asset.target
        target.parent.mkdir(parents=True, exist_ok=True)
        typer.echo(f"{target}: ", nl=False)
        with TemporaryDirectory() as folder:
            source = assets / asset.source
            if asset.tag_first:
                source = swap_columns(source, Path(folder) / source.name)
            names = assets / asset.names if asset.names else None
            convert_cli(source, target, format=asset.format, names=names)


def swap_columns(source: Path, target: Path) -> Path:
    """Write a file of two columns the other way round."""
    lines = (line.split("\t", 1) for line in source.read_text(encoding="utf8").splitlines())
    target.write_text("".join("\t".join(reversed(line)) + "\n" for line in lines), encoding="utf8")
    return target


if __name__ == "__main__":
    typer.run(main)
