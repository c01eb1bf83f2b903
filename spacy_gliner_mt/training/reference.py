"""Reference: a Doc that says what it is annotated for, and what is right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from spacy.tokens import Doc, Span, SpanGroup
from spacy.util import filter_spans

from ..settings import ANSWERS, SUMMARY
from ..tasks import answers, prompts, summary
from .lessons import NO_TASKS
from .records import Mention, Record, Triple

# The span group of what an instruction asks for.
MATCHES = "match"
# What the name of a record is kept under.
ID = "id"


@dataclass(frozen=True)
class Fit:
    """How well the annotation of records fits spaCy's tokens.

    spans: in all.
    widened: ended inside a token, and grew to all of it.
    merged: grew into another span of the same label, and are one with it.
    headless: relations whose head overlaps another entity, so that it is not in `doc.ents`: they
        can be learned from, but not found.
    """

    spans: int = 0
    widened: int = 0
    merged: int = 0
    headless: int = 0

    def __add__(self, other: Fit) -> Fit:
        return Fit(
            spans=self.spans + other.spans,
            widened=self.widened + other.widened,
            merged=self.merged + other.merged,
            headless=self.headless + other.headless,
        )

    @property
    def is_exact(self) -> bool:
        """Whether all fits."""
        return not (self.widened or self.merged or self.headless)


def write_reference(doc: Doc, record: Record, spans_key: str = "entities") -> Fit:
    """Annotate a Doc of a record's text, so that it can be trained with, and scored against.

    doc: without annotation.
    spans_key: the group that receives entities.
    RETURNS: what had to give way.
    """
    require_extensions()
    doc.user_data[ID] = record.id
    write = _WRITERS[record.task]
    settings, fit = write(doc, record, spans_key)
    if record.task == "open" and record.relations:
        more, other = _write_relations(doc, record, spans_key)
        settings, fit = {**settings, **more}, fit + other
    doc._.gliner = {**NO_TASKS, **settings}
    return fit


def require_extensions() -> None:
    """Make known what references use of the component's attributes, as the component itself does."""
    for name in ("gliner", "relation_data"):
        if not Doc.has_extension(name):
            Doc.set_extension(name, default=None)


_Written = tuple[dict[str, Any], Fit]


def _write_entities(doc: Doc, record: Record, spans_key: str) -> _Written:
    spans, fit = _fit(doc, record.spans)
    doc.spans[spans_key] = SpanGroup(doc, name=spans_key, spans=spans)
    doc.set_ents(filter_spans(spans), default="outside")
    return {"labels": list(record.annotated)}, fit


def _write_answers(doc: Doc, record: Record, spans_key: str) -> _Written:
    question = record.prompt or ""
    spans, fit = _fit(doc, record.spans, answers.LABEL, question)
    attrs = {"questions": [question] * len(spans), answers.ASKED: [question]}
    # An empty group says that there is no answer, rather than that nobody knows where it stands.
    if spans or not record.answers:
        doc.spans[ANSWERS] = SpanGroup(doc, name=ANSWERS, spans=spans, attrs=attrs)
    doc.user_data[ANSWERS] = {question: list(record.answers)}
    return {"questions": [question]}, fit


def _write_summary(doc: Doc, record: Record, spans_key: str) -> _Written:
    spans, fit = _fit(doc, record.spans, summary.LABEL)
    if spans:
        doc.spans[SUMMARY] = SpanGroup(doc, name=SUMMARY, spans=spans)
    if record.reference:
        doc.user_data[SUMMARY] = record.reference
    return {"summarize": True}, fit


def _write_matches(doc: Doc, record: Record, spans_key: str) -> _Written:
    spans, fit = _fit(doc, record.spans, prompts.LABEL, MATCHES)
    doc.spans[MATCHES] = SpanGroup(doc, name=MATCHES, spans=spans)
    return {"prompts": {MATCHES: record.prompt}}, fit


def _write_relations(doc: Doc, record: Record, spans_key: str) -> _Written:
    labels = {span[:2]: span.label for span in reversed(record.spans)}
    ends = [end for triple in record.relations for end in (triple[:2], triple[3:])]
    mentions = [Mention(*end, labels.get(end, "entity")) for end in dict.fromkeys(ends)]
    related, fit = _fit(doc, mentions)
    others, other_fit = _fit(doc, [span for span in record.spans if span[:2] not in {*ends}])
    # Where entities overlap, those that relations name come first.
    ents = filter_spans(related)
    taken = {token for ent in ents for token in range(ent.start, ent.end)}
    ents += filter_spans(span for span in others if not taken.intersection(range(span.start, span.end)))
    doc.set_ents(ents, default="outside")
    found = {(ent.start, ent.end) for ent in ents}
    doc._.relation_data, headless, text = [], 0, doc.text
    for triple in record.relations:
        head, tail = (_widen(doc, text, *end, labels.get(end, "entity")) for end in (triple[:2], triple[3:]))
        sides = {"head": _to_data(head), "tail": _to_data(tail)}
        doc._.relation_data.append({"label": triple.relation, "score": 1.0, **sides})
        headless += (head.start, head.end) not in found
    settings = {"relations": list(record.annotated), "relation_heads": "ents"}
    return settings, fit + other_fit + Fit(headless=headless)


_WRITERS: dict[str, Callable[[Doc, Record, str], _Written]] = {
    "ner": _write_entities,
    "qa": _write_answers,
    "relation": _write_relations,
    "summarization": _write_summary,
    "open": _write_matches,
}


def _fit(
    doc: Doc, mentions: Iterable[Mention], label: str | None = None, span_id: str = ""
) -> tuple[list[Span], Fit]:
    """The tokens that mentions touch, in the order of the text.

    label: of all spans; None for each mention's own.
    """
    spans: dict[tuple[int, int, str], Span] = {}
    fit = Fit()
    text = doc.text
    for mention in sorted(mentions):
        span = _widen(doc, text, *mention[:2], label or mention.label, span_id)
        key = (span.start, span.end, span.label_)
        widened = span.text != text[mention.start : mention.end].strip()
        fit += Fit(spans=1, widened=int(widened), merged=int(key in spans))
        spans.setdefault(key, span)
    return list(spans.values()), fit


def _widen(doc: Doc, text: str, start: int, end: int, label: str, span_id: str = "") -> Span:
    """The tokens that hold some characters.

    text: of the Doc, which puts it together anew each time it is asked.
    """
    part = text[start:end]
    # A space belongs to the token before it, which would be taken along.
    start, end = start + len(part) - len(part.lstrip()), end - len(part) + len(part.rstrip())
    return doc.char_span(start, end, label=label, span_id=span_id, alignment_mode="expand")


def _to_data(span: Span) -> dict[str, Any]:
    return {"start": span.start_char, "end": span.end_char, "text": span.text, "label": span.label_}


def read_reference(doc: Doc, spans_key: str = "entities") -> Iterator[Record]:
    """The records that say what is on a Doc, one for each task and each question or instruction.

    doc: its own settings say what it is annotated for; without them, what is found there does.
        `doc.cats` has no place in a record.
    spans_key: the group that holds entities; without it `doc.ents` is read.
    """
    require_extensions()
    settings = doc._.gliner or {}
    shared = {"text": doc.text, "id": doc.user_data.get(ID, "")}
    given = settings.get("relation_heads") == "ents" and not settings.get("labels")
    if not given and (spans_key in doc.spans or doc.has_annotation("ENT_IOB")):
        spans = _read_spans(doc.spans.get(spans_key, doc.ents))
        labels = tuple(settings.get("labels") or dict.fromkeys(span.label for span in spans))
        yield Record(task="ner", labels=labels, spans=spans, **shared)
    if doc._.relation_data is not None:
        yield _read_relations(doc, settings, shared)
    if ANSWERS in doc.spans or ANSWERS in doc.user_data:
        yield from _read_answers(doc, shared)
    if SUMMARY in doc.spans or SUMMARY in doc.user_data:
        spans = _read_spans(doc.spans.get(SUMMARY, ()))
        reference = doc.user_data.get(SUMMARY, "")
        labels = (summary.LABEL,)
        yield Record(task="summarization", labels=labels, spans=spans, reference=reference, **shared)
    for name, prompt in settings.get("prompts", {}).items():
        spans = _read_spans(doc.spans.get(name, ()))
        yield Record(task="open", prompt=prompt, labels=(prompts.LABEL,), spans=spans, **shared)


def _read_relations(doc: Doc, settings: dict[str, Any], shared: dict[str, Any]) -> Record:
    triples = tuple(
        Triple(
            data["head"]["start"],
            data["head"]["end"],
            data["label"],
            data["tail"]["start"],
            data["tail"]["end"],
        )
        for data in doc._.relation_data
    )
    labels = tuple(settings.get("relations") or dict.fromkeys(triple.relation for triple in triples))
    return Record(task="relation", labels=labels, spans=_read_spans(doc.ents), relations=triples, **shared)


def _read_answers(doc: Doc, shared: dict[str, Any]) -> Iterator[Record]:
    group = doc.spans.get(ANSWERS)
    texts = doc.user_data.get(ANSWERS, {})
    asked = () if group is None else group.attrs.get(answers.ASKED, ())
    for question in dict.fromkeys([*asked, *(span.id_ for span in group or ()), *texts]):
        spans = [span for span in group or () if span.id_ == question]
        right = texts.get(question) or [span.text for span in spans]
        yield Record(
            task="qa",
            prompt=question,
            labels=(answers.LABEL,),
            spans=_read_spans(spans),
            answers=tuple(dict.fromkeys(right)),
            **shared,
        )


def _read_spans(spans: Iterable[Span]) -> tuple[Mention, ...]:
    return tuple(Mention(span.start_char, span.end_char, span.label_) for span in spans)
