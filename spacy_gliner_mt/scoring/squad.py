"""SQuAD: its measures of a text against gold ones, as in version 2.0 of the official evaluation script."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import fmean
from typing import NamedTuple

_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLES = re.compile(r"\b(a|an|the)\b")


class Match(NamedTuple):
    """How well a text matches, or several do on average; None if there was none to match.

    em: 1.0 if it has the words of a gold text.
    f: F1 of its words and those of the gold text that it shares most with.
    """

    em: float | None
    f: float | None


def match_text(text: str, golds: Iterable[str]) -> Match:
    """Match a text with the gold texts, of which the best one counts.

    text: empty if nothing was found.
    golds: alternatives; none where only an empty text is right.
    """
    words = normalize(text)
    # As officially, a gold text without words is none.
    alternatives = [gold for gold in map(normalize, golds) if gold] or [[]]
    return Match(em=float(words in alternatives), f=max(_f1(words, gold) for gold in alternatives))


def average(matches: Sequence[Match]) -> Match:
    """The mean of each measure."""
    if not matches:
        return Match(None, None)
    ems, fs = zip(*matches, strict=True)
    return Match(fmean(ems), fmean(fs))


def normalize(text: str) -> list[str]:
    """The words of a text in lower case, without punctuation and articles."""
    return _ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split()


def _f1(words: list[str], gold: list[str]) -> float:
    if not words or not gold:
        return float(words == gold)
    shared = (Counter(words) & Counter(gold)).total()
    return 2 * shared / (len(words) + len(gold))
