"""CoNLL: a word in each line with its tag in the last column, and a blank line after each sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from ...errors import Errors
from ..lines import read_lines
from ..records import Mention, Record
from .base import Counts
from .words import Joined

TAG = re.compile(r"O|[BIESULM]-.+")
STRAY = "tags that continue no entity, taken to begin one"
WORDLESS = "tags without a word"


def read_conll(path: Path, counts: Counts) -> Iterator[Record]:
    """Read BIO, IOB1, BIOES or BILUO tags. Columns are separated by tabs, or else by spaces. All labels
    of a file are taken to be annotated in all of it."""
    labels = {tag[2:] for _, tags in _read_sentences(path, Counts()) for tag in tags if tag != "O"}
    for number, (words, tags) in enumerate(_read_sentences(path, counts)):
        joined = Joined.of(words)
        spans = tuple(
            Mention(joined.starts[first], joined.ends[last], label)
            for first, last, label in _read_tags(tags, counts)
        )
        name = f"{path.stem}-{number}"
        yield Record("ner", joined.text, name, labels=tuple(sorted(labels)), spans=spans)


def _read_sentences(path: Path, counts: Counts) -> Iterator[tuple[list[str], list[str]]]:
    """The words and tags of each sentence."""
    words: list[str] = []
    tags: list[str] = []
    for word, tag in _read_rows(path, counts):
        if word:
            words.append(word)
            tags.append(tag)
        elif words:
            yield words, tags
            words, tags = [], []


def _read_rows(path: Path, counts: Counts) -> Iterator[tuple[str, str]]:
    """Words with their tags; both empty after each sentence."""
    for number, line in read_lines(path):
        *cells, tag = line.split("\t") if "\t" in line else line.split() or [""]
        is_tag = TAG.fullmatch(tag.strip())
        if not line or line.startswith("-DOCSTART-"):
            yield "", ""
        elif is_tag and cells and cells[0].strip():
            yield cells[0].strip(), tag.strip()
        elif is_tag:
            counts[WORDLESS] += 1
        elif not line.startswith("#"):  # a comment, as CoNLL-U has them
            raise ValueError(Errors.GM223.format(number=number, path=path, line=line))
    yield "", ""


def _read_tags(tags: Sequence[str], counts: Counts) -> Iterator[tuple[int, int, str]]:
    """First and last word, and label, of each entity."""
    start = None
    for index, tag in enumerate([*tags, "O"]):
        kind, _, label = tag.partition("-")
        continues = start is not None and kind in "IELM" and label == tags[start][2:]
        if start is not None and not continues:
            yield start, index - 1, tags[start][2:]
            start = None
        if kind != "O" and start is None:
            counts[STRAY] += kind in "ELM"
            start = index
        if start is not None and kind in "ELSU":
            yield start, index, label
            start = None
