"""Exclusion: one label for a span that has several, as sets of labels are mostly meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

import numpy as np

from ..gold import Gold
from ..tasks.gold import mark_spans
from ..types import Ints, Spans

# Names of labels -> others that stand on one of their spans in any text. The more there are, the more
# general the label is: a "person" may be a "poet", a "physicist" or a "king".
Companions = Mapping[str, AbstractSet[str]]


def find_companions(texts: Iterable[Iterable[tuple[int, int, str]]]) -> dict[str, set[str]]:
    """Labels that share spans.

    texts: start, end and name of all spans of each.
    """
    companions: dict[str, set[str]] = {}
    for marks in texts:
        spans: dict[tuple[int, int], set[str]] = {}
        for start, end, name in marks:
            spans.setdefault((start, end), set()).add(name)
        for names in spans.values():
            for name in names:
                if others := names - {name}:
                    companions.setdefault(name, set()).update(others)
    return companions


def keep_specific(gold: Gold, companions: Companions) -> Gold:
    """Of the labels of a span only the most specific is right: a poet is then no "person"."""
    generality = _measure(gold, companions)
    kept = [places[generality[gold.spans.label[places]].argmin()] for places in _group(gold.spans)]
    return replace(gold, spans=gold.spans.take(np.array(kept, dtype=np.int64)))


def keep_general(gold: Gold, companions: Companions) -> tuple[Gold, Ints]:
    """Labels that share a span give way to the most general of them wherever they stand: every
    "poet" is a "person" then.

    RETURNS: also the labels that may still be asked, which are those that did not give way.
    """
    generality = _measure(gold, companions)
    general = np.arange(len(gold.names))  # (labels,)
    for places in _group(gold.spans):
        labels = general[gold.spans.label[places]]
        general[np.isin(general, labels)] = labels[generality[labels].argmax()]
    labels = general[gold.spans.label].tolist()
    spans = mark_spans(zip(gold.spans.start.tolist(), gold.spans.end.tolist(), labels, strict=True))
    asked = np.flatnonzero(general == np.arange(len(general)))
    return replace(gold, spans=spans, wrong=gold.wrong.take(np.isin(gold.wrong.label, asked))), asked


def _measure(gold: Gold, companions: Companions) -> Ints:
    """How general each label is (labels,)."""
    return np.array([len(companions.get(name, ())) for name in gold.names], dtype=np.int64)


def _group(spans: Spans) -> Iterable[list[int]]:
    """The places of the spans that have the same bounds."""
    groups: dict[tuple[int, int], list[int]] = {}
    for place, bounds in enumerate(zip(spans.start.tolist(), spans.end.tolist(), strict=True)):
        groups.setdefault(bounds, []).append(place)
    return groups.values()
