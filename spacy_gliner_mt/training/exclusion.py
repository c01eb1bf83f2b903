"""Exclusion: one label for a span that has several, as sets of labels are mostly meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ..gold import Gold
from ..types import Ints, Spans

# Start and end of a span -> its places among the spans of a gold.
_Groups = dict[tuple[int, int], list[int]]


def keep_specific(gold: Gold, counts: Mapping[str, int]) -> Gold:
    """Of the labels of a span only the most specific is right: a "poet" is then no "person".

    counts: how many texts mention each name; the rarest is taken for the most specific.
    """
    ranks = _rank(gold, counts)
    kept = [
        min(group, key=lambda place: ranks[gold.spans.label[place]]) for group in _group(gold.spans).values()
    ]
    return replace(gold, spans=gold.spans.take(np.array(kept, dtype=np.int64)))


def keep_general(gold: Gold, counts: Mapping[str, int]) -> tuple[Gold, Ints]:
    """A label that shares a span with a more general one gives way to it, wherever it stands: every
    "poet" is a "person" then.

    counts: how many texts mention each name; the commonest is taken for the most general.
    RETURNS: also the labels that may still be asked, which are those that did not give way.
    """
    ranks = _rank(gold, counts)
    general = np.arange(len(gold.names))  # (labels,)
    for group in _group(gold.spans).values():
        labels = gold.spans.label[group]
        top = labels[ranks[labels].argmax()]
        for label in labels.tolist():
            if ranks[top] > ranks[general[label]]:
                general[label] = top
    spans = replace(gold.spans, label=general[gold.spans.label])
    marks = np.stack([spans.start, spans.end, spans.label], axis=1)  # (spans, 3)
    _, first = np.unique(marks, axis=0, return_index=True)
    asked = np.flatnonzero(general == np.arange(len(general)))
    wrong = gold.wrong.take(np.isin(gold.wrong.label, asked))
    return replace(gold, spans=spans.take(np.sort(first)), wrong=wrong), asked


def _rank(gold: Gold, counts: Mapping[str, int]) -> Ints:
    """How common each label is (labels,)."""
    return np.array([counts.get(name, 0) for name in gold.names], dtype=np.int64)


def _group(spans: Spans) -> _Groups:
    groups: _Groups = {}
    for place, bounds in enumerate(zip(spans.start.tolist(), spans.end.tolist(), strict=True)):
        groups.setdefault(bounds, []).append(place)
    return groups
