"""Results: what was found in a text, as plain data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from spacy.tokens import Doc, Span

from ..settings import ANSWERS, SUMMARY, Settings

# \b keeps click from joining the lines that follow it.
SCHEMA = """
JSONL results are the objects of the input, with these keys for the tasks that were asked:

\b
  entities    [{start, end, text, label, score}]
  relations   [{label, score, head, tail}], head and tail being {start, end, text, label}
  answers     [{question, start, end, text, score}], best first for each question
  summary     [{start, end, text, score}]
  prompts     {name: [{start, end, text, score}]}
  classes     {class: score}
  clean_text  string

"start" and "end" count characters of "text", and "end" is exclusive. Scores are probabilities.
"""


class Row(NamedTuple):
    """One thing that was found, as text for people; empty where it has no such property."""

    task: str
    place: str
    score: str
    label: str
    text: str


@dataclass(frozen=True)
class Result:
    """An annotated Doc.

    number: of its text in the input, from 1.
    settings: of the component, as they were in force for it.
    fields: the JSON object that the text comes from.
    """

    number: int
    doc: Doc
    settings: Settings
    fields: Mapping[str, Any] | None = None

    @cached_property
    def found(self) -> dict[str, Any]:
        """What each task that was asked has found, as `SCHEMA` says."""
        doc, settings = self.doc, self.settings
        found: dict[str, Any] = {}
        if settings.label_prompts:
            found["entities"] = [
                {**_locate(span), "label": span.label_, "score": score}
                for span, score in _read_group(doc, settings.spans_key)
            ]
        if settings.relations:
            found["relations"] = [
                {**relation, "score": _round(relation["score"])} for relation in doc._.relation_data or ()
            ]
        if settings.questions:
            found["answers"] = [
                {"question": span.id_, **_locate(span), "score": score}
                for span, score in _read_group(doc, ANSWERS)
            ]
        if settings.summarize:
            found["summary"] = _read_spans(doc, SUMMARY)
        if settings.prompts:
            found["prompts"] = {name: _read_spans(doc, name) for name in settings.prompts}
        if settings.classes:
            found["classes"] = {name: _round(doc.cats[name]) for name in settings.classes}
        if settings.clean:
            found["clean_text"] = doc._.clean_text
        return found

    @cached_property
    def rows(self) -> list[Row]:
        """The same, one below the other, without the classes that do not apply."""
        return list(_list_rows(self.found))


def _read_group(doc: Doc, key: str) -> list[tuple[Span, float]]:
    """The spans of a group and their scores; none where the query was skipped."""
    if key not in doc.spans:
        return []
    group = doc.spans[key]
    return list(zip(group, map(_round, group.attrs["scores"]), strict=True))


def _read_spans(doc: Doc, key: str) -> list[dict[str, Any]]:
    return [{**_locate(span), "score": score} for span, score in _read_group(doc, key)]


def _locate(span: Span) -> dict[str, Any]:
    return {"start": span.start_char, "end": span.end_char, "text": span.text}


def _round(score: float) -> float:
    return round(float(score), 4)


def _list_rows(found: Mapping[str, Any]) -> Iterator[Row]:
    for span in found.get("entities", ()):
        yield _make_row("entities", span, span["label"], span["text"])
    for relation in found.get("relations", ()):
        head, tail = relation["head"], relation["tail"]
        stretch = {"start": min(head["start"], tail["start"]), "end": max(head["end"], tail["end"])}
        text = f"{head['text']} → {tail['text']}"
        yield _make_row("relations", {**relation, **stretch}, relation["label"], text)
    for span in found.get("answers", ()):
        yield _make_row("answers", span, "", f"{span['question']} → {span['text']}")
    for span in found.get("summary", ()):
        yield _make_row("summary", span, "", span["text"])
    for name, spans in found.get("prompts", {}).items():
        for span in spans:
            yield _make_row("prompts", span, name, span["text"])
    for name, score in found.get("classes", {}).items():
        if score > 0:
            yield Row("classes", "", f"{score:.3f}", name, "")
    if found.get("clean_text"):
        yield Row("clean", "", "", "", found["clean_text"])


def _make_row(task: str, span: Mapping[str, Any], label: str, text: str) -> Row:
    return Row(task, f"{span['start']}-{span['end']}", f"{span['score']:.3f}", label, text)
