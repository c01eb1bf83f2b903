"""Relations: spans that complete a head and a relation, linked to the head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from spacy.tokens import Doc, Span

from ..errors import Errors, QueryError
from ..gold import Gold
from ..settings import Settings
from ..types import Answer, Query
from .base import Answers
from .entities import NAME as ENTITIES
from .entities import read_entities
from .gold import mark_spans
from .templates import TEMPLATES


class Relation(NamedTuple):
    """A relation between two spans of a Doc, and its probability."""

    head: Span
    tail: Span
    label: str
    score: float


class Entity(NamedTuple):
    """An entity that may be a head or a tail, in tokens."""

    start: int
    end: int
    label: str

    def distance(self, other: Entity) -> int:
        """Tokens between two entities; negative where they overlap."""
        return max(self.start, other.start) - min(self.end, other.end)


@dataclass(frozen=True)
class Target:
    """What a label "head <> relation" stands for.

    relation: its name.
    heads: all mentions of that string that may be its head.
    entities: all that may be tails.
    """

    relation: str
    heads: tuple[Entity, ...]
    entities: tuple[Entity, ...]


@dataclass(frozen=True)
class RelationTask:
    """Relations between entities.

    The model is asked for the string of a head, so it cannot tell two mentions of the same string
    apart: a tail belongs to the mention nearest to it, the earlier of two that are as near.
    """

    settings: Settings
    name = "relations"
    needs = (ENTITIES,)

    def queries(self, doc: Doc, answers: Answers) -> Sequence[Query] | None:
        return self._ask(doc, self._entities(doc, answers)) if self.settings.relations else None

    def gold(self, doc: Doc) -> Sequence[Gold] | None:
        if not self.settings.relations or doc._.relation_data is None:
            return None
        relations = read_relations(doc)
        golds = []
        for query in self._ask(doc, self._gold_entities(doc, relations)):
            labels = {label: index for index, label in enumerate(query.labels)}
            asked = [(labels.get(_label(rel.head.text, rel.label)), rel.tail) for rel in relations]
            tails = [(tail.start_char, tail.end_char, label) for label, tail in asked if label is not None]
            names = tuple(target.relation for target in query.targets)
            pairs = zip(query.labels, names, strict=True)
            prefixes = tuple(label.removesuffix(name) for label, name in pairs)
            left_out = len(relations) - len(tails)
            golds.append(
                Gold(
                    query,
                    mark_spans(tails),
                    kind=self.name,
                    names=names,
                    prefixes=prefixes,
                    left_out=left_out,
                )
            )
        return golds

    def _ask(self, doc: Doc, entities: tuple[Entity, ...]) -> list[Query]:
        settings = self.settings
        targets: dict[str, Target] = {}
        for relation in settings.relations:
            for head in entities:
                if not self._allows(relation, head):
                    continue
                label = _label(doc[head.start : head.end].text, relation)
                heads = targets[label].heads if label in targets else ()
                targets[label] = Target(relation, (*heads, head), entities)
        if not targets:
            return []
        relations = [target.relation for target in targets.values()]
        return [
            Query(
                labels=tuple(targets),
                thresholds=settings.thresholds_of(relations, settings.relation_threshold),
                targets=tuple(targets.values()),
                instruction=TEMPLATES[settings.templates].relation,
                anchors=tuple(
                    tuple(doc[head.start].idx for head in target.heads) for target in targets.values()
                ),
                span_score=settings.span_score,
                independent=True,
            )
        ]

    def annotate(self, doc: Doc, answers: Sequence[Answer]) -> None:
        found: dict[tuple[Entity, Entity, str], float] = {}
        for answer in answers:
            spans = answer.spans
            for start, end, label, score in zip(
                spans.start, spans.end, spans.label, spans.score, strict=True
            ):
                target = answer.query.targets[label]
                pair = self._link(Entity(int(start), int(end), ""), target)
                if pair is not None:
                    key = (*pair, target.relation)
                    found[key] = max(float(score), found.get(key, 0.0))
        doc._.relation_data = [
            {
                "label": relation,
                "score": score,
                "head": _to_data(doc, head),
                "tail": _to_data(doc, tail),
            }
            for (head, tail, relation), score in sorted(found.items())
        ]

    def _entities(self, doc: Doc, answers: Answers) -> tuple[Entity, ...]:
        if self.settings.relation_heads == "ents":
            return tuple(Entity(ent.start, ent.end, ent.label_) for ent in doc.ents)
        if ENTITIES not in answers:
            raise QueryError(Errors.GM052)
        (answer,) = answers[ENTITIES]
        bounds = zip(answer.spans.start.tolist(), answer.spans.end.tolist(), answer.spans.label, strict=True)
        return tuple(Entity(start, end, answer.query.targets[label]) for start, end, label in bounds)

    def _gold_entities(self, doc: Doc, relations: Sequence[Relation]) -> tuple[Entity, ...]:
        """What is annotated as an entity, and whatever is annotated as a head."""
        own = self.settings.relation_heads == "own"
        annotated = (read_entities(doc, self.settings.spans_key) or ()) if own else doc.ents
        spans = (*annotated, *(relation.head for relation in relations))
        return tuple(dict.fromkeys(Entity(span.start, span.end, span.label_) for span in spans))

    def _allows(self, relation: str, head: Entity, tail: Entity | None = None) -> bool:
        """Whether a relation may start at a head, and end at a tail."""
        pairs = self.settings.relations[relation] if isinstance(self.settings.relations, Mapping) else None
        return not pairs or any(
            head.label == head_label and (tail is None or tail.label == tail_label)
            for head_label, tail_label in pairs
        )

    def _link(self, span: Entity, target: Target) -> tuple[Entity, Entity] | None:
        """The head and the tail that a span found for a target stands for; None if for none."""
        pairs = [
            (head, tail)
            for tail in self._tails(span, target.entities)
            for head in target.heads
            # A free tail is no entity, and has no label that could be wrong.
            if head.distance(tail) >= 0 and self._allows(target.relation, head, tail if tail.label else None)
        ]
        nearest = min(pairs, key=lambda pair: pair[0].distance(pair[1]), default=None)
        limit = self.settings.relation_distance
        if nearest is None or (limit is not None and nearest[0].distance(nearest[1]) > limit):
            return None
        return nearest

    def _tails(self, span: Entity, entities: tuple[Entity, ...]) -> list[Entity]:
        """What a span may stand for as a tail: entities of the same tokens, with all their labels."""
        nearest = span
        if self.settings.relation_tails == "overlap":
            nearest = min(entities, key=span.distance)
            if nearest.distance(span) >= 0:
                return []
        same = [entity for entity in entities if entity[:2] == nearest[:2]]
        return same or ([span] if self.settings.relation_tails == "free" else [])


def _label(head: str, relation: str) -> str:
    return f"{head} <> {relation}"


def read_relations(doc: Doc) -> list[Relation]:
    """The relations of a Doc, from the plain data that is stored with it.

    RAISES: ValueError if the data is another text's.
    """
    return [
        Relation(_to_span(doc, data, "head"), _to_span(doc, data, "tail"), data["label"], data["score"])
        for data in doc._.relation_data or ()
    ]


def _to_data(doc: Doc, entity: Entity) -> dict[str, Any]:
    # Characters rather than tokens: they stay right when tokens are merged or split.
    span = doc[entity.start : entity.end]
    return {"start": span.start_char, "end": span.end_char, "text": span.text, "label": entity.label}


def _to_span(doc: Doc, data: Mapping[str, Any], side: str) -> Span:
    stored = data[side]
    span = doc.char_span(stored["start"], stored["end"], label=stored["label"], alignment_mode="expand")
    if span is None or doc.text[stored["start"] : stored["end"]] != stored["text"]:
        raise ValueError(Errors.GM053.format(relation=data))
    return span
