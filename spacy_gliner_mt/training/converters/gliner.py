"""GLiNER: the JSON that its own trainer reads, with words, and entities by their first and last word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import Errors
from ..records import Mention, Record
from .base import Counts
from .files import Text, read_items
from .words import Joined

OUTSIDE = "entities whose words the text does not have"


@dataclass(frozen=True)
class Item:
    """A text.

    tokenized_text: its words.
    ner: first word, last word and label of each entity.
    ner_negatives: labels it has no entities of.
    ner_labels: all labels that are annotated.
    """

    tokenized_text: tuple[str, ...]
    ner: tuple[tuple[int, int, Text], ...]
    ner_negatives: tuple[Text, ...] = ()
    ner_labels: tuple[Text, ...] = ()


def read_gliner(path: Path, counts: Counts) -> Iterator[Record]:
    """Read a list of items, or a line of each. Where an item does not say which labels are annotated,
    these are the ones it has.

    RAISES: ValueError too if the last words are not included, a common mistake.
    """
    items = list(read_items(path, Item))
    _check_ends(path, items)
    for number, item in enumerate(items):
        joined = Joined.of(item.tokenized_text)
        if not joined.text.strip():
            counts["texts without words"] += 1
            continue
        found = [(joined.bounds(first, last), label) for first, last, label in item.ner]
        spans = tuple(Mention(*bounds, label) for bounds, label in found if bounds)
        counts[OUTSIDE] += len(found) - len(spans)
        used = (span.label for span in spans)
        labels = tuple(dict.fromkeys([*item.ner_labels, *used, *item.ner_negatives]))
        yield Record("ner", joined.text, f"{path.stem}-{number}", labels=labels, spans=spans)


def _check_ends(path: Path, items: Sequence[Item]) -> None:
    """Check that ends are not exclusive: then some entity would end behind the last word, and none
    would be of a single word."""
    ends = [(last - first, len(item.tokenized_text) - last) for item in items for first, last, _ in item.ner]
    behind = sum(left == 0 for _, left in ends)
    if behind and not any(length == 0 for length, _ in ends):
        raise ValueError(Errors.GM224.format(path=path, count=behind))
