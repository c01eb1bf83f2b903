"""Annotation of a text for all tasks, by strings rather than places, as people and language models
write it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from ..tasks import answers, prompts, summary
from .matching import Bounds, find_mentions, find_string
from .records import Mention, Record, Triple

UNPLACED_RELATIONS = "relations whose head or tail is not in the text"
UNPLACED_ANSWERS = "answers that are not in the text"
REPEATED_ANSWERS = "answers that are in the text several times, taken to be the first"
UNPLACED_MATCHES = "matches of an instruction that are not in the text"
ALL_SENTENCES = "summaries that leave nothing out"


@dataclass(frozen=True)
class Annotation:
    """What is to be found in a text.

    entities: all mentions of all labels that are used.
    negatives: labels that have no mention.
    relations: head, relation and tail, for example ("Ada", "born in", "London").
    questions: with their answers, which are empty where the text has none.
    summary: the places of the sentences that sum up the text.
    matches: instructions with what follows them.
    """

    text: str
    entities: tuple[Mention, ...] = ()
    negatives: tuple[str, ...] = ()
    relations: tuple[tuple[str, str, str], ...] = ()
    questions: tuple[tuple[str, str], ...] = ()
    summary: tuple[Bounds, ...] = ()
    matches: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def to_records(self, name: str, counts: Counter[str]) -> Iterator[Record]:
        """A record for each task, question and instruction.

        name: what their ids begin with.
        counts: receives what could not be aligned, in words, and how often.
        """
        yield from self._entities(name)
        yield from self._relations(name, counts)
        yield from self._answers(name, counts)
        yield from self._summary(name, counts)
        yield from self._matches(name, counts)

    def _entities(self, name: str) -> Iterator[Record]:
        used = [span.label for span in self.entities]
        labels = tuple(dict.fromkeys([*used, *self.negatives]))
        if labels:
            yield Record("ner", self.text, name, labels=labels, spans=self.entities)

    def _relations(self, name: str, counts: Counter[str]) -> Iterator[Record]:
        triples = []
        for head, relation, tail in self.relations:
            pair = self._nearest(head, tail)
            if pair:
                triples.append(Triple(*pair[0], relation, *pair[1]))
            else:
                counts[UNPLACED_RELATIONS] += 1
        if triples:
            labels = tuple(dict.fromkeys(triple.relation for triple in triples))
            relations = tuple(dict.fromkeys(triples))
            yield Record(
                "relation",
                self.text,
                f"{name}-relation",
                labels=labels,
                spans=self.entities,
                relations=relations,
            )

    def _answers(self, name: str, counts: Counter[str]) -> Iterator[Record]:
        for number, (question, answer) in enumerate(self.questions):
            places = find_string(self.text, answer)
            if answer and not places:
                counts[UNPLACED_ANSWERS] += 1
                continue
            counts[REPEATED_ANSWERS] += len(places) > 1
            yield Record(
                "qa",
                self.text,
                f"{name}-qa{number}",
                prompt=question,
                labels=(answers.LABEL,),
                spans=tuple(Mention(*bounds, answers.LABEL) for bounds in places[:1]),
                answers=(answer,) if answer else (),
            )

    def _summary(self, name: str, counts: Counter[str]) -> Iterator[Record]:
        chosen = sorted(set(self.summary))
        starts, ends = [0, *(end for _, end in chosen)], [*(start for start, _ in chosen), len(self.text)]
        rest = "".join(self.text[end:start] for end, start in zip(starts, ends, strict=True))
        if chosen and not rest.strip():
            counts[ALL_SENTENCES] += 1
        elif chosen:
            spans = tuple(Mention(*bounds, summary.LABEL) for bounds in chosen)
            yield Record("summarization", self.text, f"{name}-summary", labels=(summary.LABEL,), spans=spans)

    def _matches(self, name: str, counts: Counter[str]) -> Iterator[Record]:
        for number, (instruction, strings) in enumerate(self.matches):
            spans, absent = find_mentions(self.text, [(string, prompts.LABEL) for string in strings])
            counts[UNPLACED_MATCHES] += len(absent)
            # With nothing to match the instruction says something, but not where all is missing.
            if spans or not strings:
                yield Record(
                    "open",
                    self.text,
                    f"{name}-open{number}",
                    prompt=instruction,
                    labels=(prompts.LABEL,),
                    spans=tuple(spans),
                )

    def _nearest(self, head: str, tail: str) -> tuple[Bounds, Bounds] | None:
        """The places of two strings that have least between them; None if one is nowhere, or they
        are the same place."""
        pairs = product(self._places(head), self._places(tail))
        apart = [pair for pair in pairs if _distance(*pair) >= 0]
        return min(apart, key=lambda pair: _distance(*pair), default=None)

    def _places(self, string: str) -> Sequence[Bounds]:
        """Where a string stands as an entity, or else anywhere."""
        entities = [span[:2] for span in self.entities if self.text[span.start : span.end] == string]
        return list(dict.fromkeys(entities)) or find_string(self.text, string)


def _distance(first: Bounds, second: Bounds) -> int:
    """Characters between two places; negative where they overlap."""
    return max(first[0], second[0]) - min(first[1], second[1])
