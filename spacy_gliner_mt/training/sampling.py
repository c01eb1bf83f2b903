"""Sampling: which labels a text is asked for in training."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Optional, get_args

import numpy as np

from ..errors import Errors, Warnings
from ..gold import Gold
from ..types import Floats, Ints, Spans
from .exclusion import keep_general, keep_specific
from .label_pool import LabelPool
from .wording import Casing, Wording

Negatives = Literal["given", "batch", "uniform", "frequency", "hard"]
# Vectors of names (names, width), by which "hard" negatives are found.
Embed = Callable[[Sequence[str]], Floats]
# The softmax over cosines by which hard negatives are drawn: 0.1 more makes one e times as likely.
_TEMPERATURE = 0.1


@dataclass(frozen=True)
class LabelSampler:
    """Chooses labels: all that have an answer or a known wrong one, then negatives, shuffled.

    max_labels: in one prompt; a text with more positives than that is asked in several prompts.
    negatives: where they come from beside those the text is annotated for, which are half of them if
        there are as many: nowhere ("given"), from the texts of the same "batch", or from all texts
        seen so far, each label as likely ("uniform"), by how many texts mention it ("frequency", the
        best one of Zhou et al. 2023), or by how near it is to the positives ("hard").
    negative_ratio: how many, for one positive; a text without any gets one. None for as many as fit.
    exclusive: where spans of entities have several labels, ask so that one is right: the most specific,
        beside which the others are wrong, or as often the most general, beside which none of them is
        asked.
    shuffle: put the labels in any order.
    wording: how they are written.
    template: an instruction before texts whose `doc.user_data["corpus"]` names where they come from,
        with {corpus} for that name, as in UniversalNER's second stage; empty for none.
    seed: of all that is drawn.
    """

    max_labels: int = 30
    negatives: Negatives = "given"
    negative_ratio: Optional[float] = None
    exclusive: bool = False
    shuffle: bool = True
    wording: Wording = Wording()
    template: str = ""
    seed: int = 0

    def __post_init__(self) -> None:
        if self.negatives not in get_args(Negatives):
            raise ValueError(Errors.GM007.format(name="negatives", value=self.negatives, type=Negatives))
        if self.max_labels < 1:
            raise ValueError(Errors.GM008.format(name="max_labels", value=self.max_labels, least=1))
        if self.negative_ratio is not None and self.negative_ratio < 0:
            raise ValueError(Errors.GM081.format(name="negative_ratio", value=self.negative_ratio))
        if self.template and "{corpus}" not in self.template:
            raise ValueError(Errors.GM082.format(value=self.template))

    def sample(
        self,
        golds: Sequence[Gold],
        pool: LabelPool,
        rng: np.random.Generator,
        embed: Embed | None = None,
    ) -> list[Gold]:
        """Choose the labels of each gold; those of no kind stay as they are.

        golds: of the texts that are learned from together.
        pool: of all texts seen so far, these included.
        embed: needed for "hard" negatives.
        """
        drawn_from = LabelPool.of(golds) if self.negatives == "batch" else pool
        return [
            self._sample(*self._exclude(gold, pool, rng), drawn_from.of_kind(gold.kind), rng, embed)
            if gold.kind
            else gold
            for gold in golds
        ]

    def introduce(self, gold: Gold, corpus: str | None) -> Gold:
        """Put the template before a text of a known corpus; labels of no kind have instructions of
        their own."""
        if not self.template or not gold.kind:
            return gold
        if corpus is None:
            warnings.warn(Warnings.GMW10, stacklevel=2)
            return gold
        parts = (self.template.replace("{corpus}", corpus), gold.query.instruction)
        return replace(gold, query=replace(gold.query, instruction=" ".join(filter(None, parts))))

    def _exclude(self, gold: Gold, pool: LabelPool, rng: np.random.Generator) -> tuple[Gold, Ints]:
        """The gold with one label for each span if that is wanted, and the labels to be asked."""
        labels = np.arange(len(gold.names))
        # What is related to one head in one way may be so in another, too.
        if not self.exclusive or any(gold.prefixes):
            return gold, labels
        if rng.random() < 0.5:
            return keep_specific(gold, pool.companions), labels
        return keep_general(gold, pool.companions)

    def _sample(
        self,
        gold: Gold,
        labels: Ints,
        pool: Mapping[str, int],
        rng: np.random.Generator,
        embed: Embed | None,
    ) -> Gold:
        positives = np.unique(np.concatenate([gold.spans.label, gold.wrong.label]))
        given = np.setdiff1d(labels, positives)
        others = [] if self.negatives == "given" else _others(gold, pool)
        room = max(0, self.max_labels - len(positives))
        if self.negative_ratio is not None:
            room = min(room, round(self.negative_ratio * len(positives)) if len(positives) else 1)
        # They are the hard ones: among all there are, they would hardly ever be drawn.
        n_given = max(room - len(others), (room + 1) // 2)
        if n_given < len(given):
            given = rng.choice(given, size=n_given, replace=False)
        added = others
        if (n_others := room - len(given)) < len(others):
            weights = self._weigh(others, [gold.names[label] for label in positives], pool, embed)
            added = rng.choice(others, size=n_others, replace=False, p=weights / weights.sum()).tolist()
        return self._write(gold, np.sort(np.concatenate([positives, given])), added, rng)

    def _weigh(
        self, names: Sequence[str], positives: Sequence[str], pool: Mapping[str, int], embed: Embed | None
    ) -> Floats:
        """How likely each name is to be drawn (names,)."""
        if self.negatives == "frequency":
            return np.array([1.0 + pool.get(name, 0) for name in names])
        if self.negatives == "hard" and positives:
            if embed is None:
                raise ValueError(Errors.GM083)
            vectors = [_normalize(embed(some)) for some in (names, positives)]
            nearest = (vectors[0] @ vectors[1].T).max(axis=1)  # (names,)
            return np.exp((nearest.astype(np.float64) - nearest.max()) / _TEMPERATURE)
        return np.ones(len(names))

    def _write(self, gold: Gold, kept: Ints, added: Sequence[str], rng: np.random.Generator) -> Gold:
        """The gold of chosen labels.

        kept: labels of the gold.
        added: names that it lacks; each gets the prefix of any of its labels.
        """
        lent = rng.integers(len(gold.names), size=len(added)).tolist()
        sources = [*kept.tolist(), *lent]
        names = [*(gold.names[label] for label in kept), *added]
        texts = [
            *(gold.query.labels[label].removeprefix(gold.prefixes[label]) for label in kept),
            *added,
        ]
        prefixes = [gold.prefixes[source] for source in sources]
        plain = [prefix + text for prefix, text in zip(prefixes, texts, strict=True)]
        order = rng.permutation(len(names)) if self.shuffle else np.arange(len(names))
        chosen = order.tolist()
        written: list[str] = []
        for i in chosen:
            label = prefixes[i] + self.wording.write(texts[i], names[i], rng)
            # Labels mean different things, and must not be written alike.
            written.append(plain[i] if label in plain or label in written else label)
        places = {sources[i]: place for place, i in enumerate(chosen) if i < len(kept)}
        anchors = gold.query.anchors
        query = replace(
            gold.query,
            labels=tuple(written),
            thresholds=np.full(len(chosen), 0.5, dtype=np.float32),
            targets=(),
            anchors=None if anchors is None else tuple(anchors[sources[i]] for i in chosen),
        )
        return replace(
            gold,
            query=query,
            spans=_relabel(gold.spans, places),
            wrong=_relabel(gold.wrong, places),
            names=tuple(names[i] for i in chosen),
            prefixes=tuple(prefixes[i] for i in chosen),
        )


def make_label_sampler_v1(
    *,
    max_labels: int = 30,
    negatives: Negatives = "given",
    negative_ratio: Optional[float] = None,
    exclusive: bool = False,
    shuffle: bool = True,
    casing: Casing = "keep",
    descriptions: Optional[dict[str, list[str]]] = None,
    description_rate: float = 0.5,
    template: str = "",
    seed: int = 0,
) -> LabelSampler:
    """Make a sampler; its arguments are those of `LabelSampler` and `Wording`."""
    return LabelSampler(
        max_labels=max_labels,
        negatives=negatives,
        negative_ratio=negative_ratio,
        exclusive=exclusive,
        shuffle=shuffle,
        wording=Wording(casing, descriptions or {}, description_rate),
        template=template,
        seed=seed,
    )


def _others(gold: Gold, pool: Mapping[str, int]) -> list[str]:
    """Names that the text is not annotated for, under no spelling."""
    known = {name.lower() for name in gold.names} | {
        label.removeprefix(prefix).lower()
        for label, prefix in zip(gold.query.labels, gold.prefixes, strict=True)
    }
    return [name for name in pool if name.lower() not in known]


def _relabel(spans: Spans, places: Mapping[int, int]) -> Spans:
    return replace(spans, label=np.array([places[i] for i in spans.label.tolist()], dtype=np.int64))


def _normalize(vectors: Floats) -> Floats:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-8)
