"""Label pool: what is known of the labels of many texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..gold import Gold
from .exclusion import Companions, find_companions


@dataclass(frozen=True)
class LabelPool:
    """Labels of many texts.

    counts: kind of labels -> name -> how many texts mention it.
    companions: of labels that have no prefixes.
    """

    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    companions: Companions = field(default_factory=dict)

    @classmethod
    def of(cls, golds: Iterable[Gold]) -> LabelPool:
        golds = [gold for gold in golds if gold.kind]
        counts: dict[str, Counter[str]] = {}
        for gold in golds:
            of_kind = counts.setdefault(gold.kind, Counter())
            # Those that are never mentioned are known too.
            of_kind.update(dict.fromkeys(gold.names, 0))
            of_kind.update({gold.names[label] for label in gold.spans.label.tolist()})
        return cls(counts, find_companions(_mark(gold) for gold in golds if not any(gold.prefixes)))

    def __add__(self, other: LabelPool) -> LabelPool:
        kinds = [*self.counts, *(kind for kind in other.counts if kind not in self.counts)]
        more = {name: {*names, *self.companions.get(name, ())} for name, names in other.companions.items()}
        counts = {kind: _add(self.of_kind(kind), other.of_kind(kind)) for kind in kinds}
        return LabelPool(counts, {**self.companions, **more})

    def of_kind(self, kind: str) -> Mapping[str, int]:
        return self.counts.get(kind, {})


def _mark(gold: Gold) -> Iterable[tuple[int, int, str]]:
    names = [gold.names[label] for label in gold.spans.label.tolist()]
    return zip(gold.spans.start.tolist(), gold.spans.end.tolist(), names, strict=True)


def _add(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {**one, **{name: count + one.get(name, 0) for name, count in other.items()}}
