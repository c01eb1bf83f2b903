"""Matching: where strings stand in a text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .records import Mention

Bounds = tuple[int, int]


def find_string(text: str, string: str) -> list[Bounds]:
    """All places of a string that do not begin or end inside a word.

    string: as the text has it, but for the kind and number of spaces between its words.
    RETURNS: characters, end exclusive, in the order of the text; they do not overlap.
    """
    words = string.split()
    if not words:
        return []
    pattern = r"\s+".join(map(re.escape, words))
    before = r"(?<!\w)" if words[0][0].isalnum() else ""
    after = r"(?!\w)" if words[-1][-1].isalnum() else ""
    return [match.span() for match in re.finditer(f"{before}{pattern}{after}", text)]


def find_mentions(
    text: str, strings: Iterable[tuple[str, str]]
) -> tuple[list[Mention], list[tuple[str, str]]]:
    """All places of labelled strings. A string does not count where it is part of a longer one, as
    "York" in "New York", unless it is nowhere else.

    strings: with their labels.
    RETURNS: the mentions in the order of the text, and the strings that are not in it.
    """
    found = {pair: find_string(text, pair[0]) for pair in dict.fromkeys(strings)}
    every = {bounds for places in found.values() for bounds in places}
    mentions: set[Mention] = set()
    for (_, label), places in found.items():
        alone = [bounds for bounds in places if not any(_is_inside(bounds, other) for other in every)]
        mentions.update(Mention(*bounds, label) for bounds in alone or places)
    return sorted(mentions), [pair for pair, places in found.items() if not places]


def _is_inside(bounds: Bounds, other: Bounds) -> bool:
    return bounds != other and other[0] <= bounds[0] and bounds[1] <= other[1]
