"""Self-training: what a model is sure of, as a corpus to train it with (Stepanov & Shtopko 2024,
section 3.5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from spacy.tokens import Doc, Span

from ..settings import ANSWERS, SUMMARY, Settings
from ..tasks import answers, prompts, summary
from .records import Mention, Record, Triple

KEPT = "labels, relations, questions and instructions that are kept"
DOUBTFUL = "left out, as something that was found for them is doubtful"
SUPERFLUOUS = "left out, as nothing was found for them, and enough of those are kept"


@dataclass(frozen=True)
class SureRecords:
    """Makes records of annotated Docs, with only what is beyond doubt.

    A label, relation, question or instruction is present if everything that was found for it has the
    score `confidence`, absent if nothing was found, and left out otherwise. What is below the thresholds
    that Docs were annotated with looks like nothing: where those equal `confidence`, nothing is left out
    as doubtful. Absent ones are many, and some are only missed: learning them all teaches silence, so
    each Doc keeps a few of them by chance. Classes and clean texts have no place in a record.

    confidence: the least score.
    negatives: how many absent ones are kept, for one that is present; None for all.
    rng: the chance.
    counts: receives how much was kept and left out, in words.
    """

    confidence: float
    negatives: float | None = 1.0
    rng: Random = field(default_factory=lambda: Random(0))
    counts: Counter[str] = field(default_factory=Counter)

    def read(self, doc: Doc, settings: Settings, name: str) -> Iterator[Record]:
        """The records of a Doc; none where all is doubtful.

        doc: annotated by the component.
        settings: that were in force for it.
        name: becomes the id of the records.
        """
        shared = {"text": doc.text, "id": name}
        yield from self._read_entities(doc, settings, shared)
        yield from self._read_relations(doc, settings, shared)
        found = _read_group(doc, ANSWERS) or []
        asked = doc.spans[ANSWERS].attrs[answers.ASKED] if ANSWERS in doc.spans else ()
        for question in self._sure(asked, [(span.id_, score) for span, score in found]):
            spans = [span for span, _ in found if span.id_ == question]
            texts = tuple(dict.fromkeys(span.text for span in spans))
            yield _make_record("qa", spans, answers.LABEL, prompt=question, answers=texts, **shared)
        groups = {key: _read_group(doc, key) for key in settings.prompts}
        matches = {key: group for key, group in groups.items() if group is not None}
        for key in self._sure(matches, [(name, score) for name in matches for _, score in matches[name]]):
            spans = [span for span, _ in matches[key]]
            yield _make_record("open", spans, prompts.LABEL, prompt=settings.prompts[key], **shared)
        # No text is without anything that matters: nothing found teaches nothing.
        found = _read_group(doc, SUMMARY) if settings.summarize else None
        if found and self._sure([SUMMARY], [(SUMMARY, score) for _, score in found]):
            yield _make_record("summarization", [span for span, _ in found], summary.LABEL, **shared)

    def _read_entities(self, doc: Doc, settings: Settings, shared: dict[str, Any]) -> Iterator[Record]:
        found = _read_group(doc, settings.spans_key)
        if found is None:
            return
        labels = self._sure(settings.label_prompts, [(span.label_, score) for span, score in found])
        if labels:
            spans = _locate(span for span, _ in found if span.label_ in labels)
            yield Record(task="ner", labels=labels, spans=spans, **shared)

    def _read_relations(self, doc: Doc, settings: Settings, shared: dict[str, Any]) -> Iterator[Record]:
        found = doc._.relation_data
        if not settings.relations or found is None:
            return
        labels = self._sure(settings.relations, [(data["label"], data["score"]) for data in found])
        if labels:
            sides = ("start", "end")
            triples = tuple(
                Triple(*(data["head"][s] for s in sides), data["label"], *(data["tail"][s] for s in sides))
                for data in found
                if data["label"] in labels
            )
            sure = (
                span for span, score in _read_group(doc, settings.spans_key) or () if self._is_sure(score)
            )
            yield Record(task="relation", labels=labels, spans=_locate(sure), relations=triples, **shared)

    def _sure(self, asked: Iterable[str], found: Iterable[tuple[str, float]]) -> tuple[str, ...]:
        """Those of what was asked that are present, and some of those that are absent.

        found: what it was found for, and its score.
        """
        asked, scores = tuple(asked), tuple(found)
        doubtful = {name for name, score in scores if not self._is_sure(score)}
        present = {name for name, _ in scores} - doubtful
        absent = [name for name in asked if name not in present | doubtful]
        if self.negatives is not None and len(absent) > (room := round(self.negatives * len(present))):
            absent = self.rng.sample(absent, room)
        kept = tuple(name for name in asked if name in present.union(absent))
        left_out = {DOUBTFUL: len(doubtful), SUPERFLUOUS: len(asked) - len(doubtful) - len(kept)}
        self.counts.update({KEPT: len(kept), **left_out})
        return kept

    def _is_sure(self, score: float) -> bool:
        return float(score) >= self.confidence


def _read_group(doc: Doc, key: str) -> list[tuple[Span, float]] | None:
    """The spans of a group and their scores; None where it could not be asked for."""
    if key not in doc.spans:
        return None
    group = doc.spans[key]
    return list(zip(group, group.attrs["scores"], strict=True))


def _make_record(task: Any, spans: Iterable[Span], label: str, **fields: Any) -> Record:
    mentions = tuple(span._replace(label=label) for span in _locate(spans))
    return Record(task=task, labels=(label,), spans=mentions, **fields)


def _locate(spans: Iterable[Span]) -> tuple[Mention, ...]:
    return tuple(sorted(Mention(span.start_char, span.end_char, span.label_) for span in spans))
