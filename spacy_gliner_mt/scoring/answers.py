"""Answers: how well the best answer to each question agrees with those of the reference."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from spacy.tokens import Doc
from spacy.training import Example

from ..errors import Errors
from ..settings import ANSWERS
from ..tasks.answers import ASKED
from .squad import average, match_text


def make_answers_scorer() -> Callable[..., dict[str, Any]]:
    return score_answers


def score_answers(examples: Iterable[Example], **cfg: Any) -> dict[str, Any]:
    """Score the questions of Docs whose reference has the span group "answers", or right texts under
    that name in `user_data`, by SQuAD's measures.

    In the group, spans with the same question as `Span.id_` are alternatives, and `attrs["questions_asked"]`
    lists all questions, also those without an answer. A group that does not list them is taken to
    have all answers to the questions that the predicted Doc was asked. Texts that are right too, but
    no span has, stand in `user_data["answers"]` under their question.

    examples: predicted Docs and their references.
    RETURNS: "answers_em" and "answers_f" are exact match and F1 of all questions, "answers_has_em" and
        "answers_has_f" of those with an answer, "answers_no_acc" is the share of those without one
        that got none. Each is None where the references have no such question.
    RAISES: ValueError if a gold answer has no question.
    """
    answerable, unanswerable = [], []
    for example in examples:
        if ANSWERS not in example.reference.spans and ANSWERS not in example.reference.user_data:
            continue
        # They stand best first: of each question the first one stays.
        found = {span.id_: span.text for span in reversed(example.predicted.spans.get(ANSWERS, ()))}
        for question, golds in _read_golds(example).items():
            kind = answerable if golds else unanswerable
            kind.append(match_text(found.get(question, ""), golds))
    every, has, no = average(answerable + unanswerable), average(answerable), average(unanswerable)
    return {
        "answers_em": every.em,
        "answers_f": every.f,
        "answers_has_em": has.em,
        "answers_has_f": has.f,
        "answers_no_acc": no.em,
    }


def _read_golds(example: Example) -> dict[str, list[str]]:
    """All questions, and their gold answers."""
    asked = {**_read_attrs(example.predicted), **_read_attrs(example.reference)}.get(ASKED, ())
    golds: dict[str, list[str]] = {question: [] for question in asked}
    for span in example.reference.spans.get(ANSWERS, ()):
        if not span.id_:
            raise ValueError(Errors.GM060.format(text=span.text))
        golds.setdefault(span.id_, []).append(span.text)
    for question, texts in example.reference.user_data.get(ANSWERS, {}).items():
        golds.setdefault(question, []).extend(texts)
    return golds


def _read_attrs(doc: Doc) -> dict[str, Any]:
    return doc.spans[ANSWERS].attrs if ANSWERS in doc.spans else {}
