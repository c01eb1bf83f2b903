"""SQuAD: questions on paragraphs, versions 1.1 and 2.0 (Rajpurkar et al. 2016, 2018)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ...tasks.answers import LABEL
from ..records import Mention, Record
from .base import Counts
from .files import read_json

MISPLACED = "answers that are not where they are said to be"


@dataclass(frozen=True)
class Answer:
    text: str
    answer_start: int


@dataclass(frozen=True)
class Question:
    id: str
    question: str
    answers: tuple[Answer, ...] = ()
    is_impossible: bool = False


@dataclass(frozen=True)
class Paragraph:
    context: str
    qas: tuple[Question, ...]


@dataclass(frozen=True)
class Article:
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True)
class Squad:
    data: tuple[Article, ...]


def read_squad(path: Path, counts: Counts) -> Iterator[Record]:
    """Read questions. Of several answers the most frequent has the span, as they mostly overlap; the
    texts of all are kept. Those that are only plausible are passed over."""
    squad = read_json(path, Squad)
    for paragraph in (paragraph for article in squad.data for paragraph in article.paragraphs):
        text = paragraph.context
        for question in paragraph.qas:
            if not question.question.strip() or not text.strip():
                counts["blank questions or paragraphs"] += 1
                continue
            answers = () if question.is_impossible else question.answers
            yield Record(
                "qa",
                text,
                question.id,
                prompt=question.question.strip(),
                labels=(LABEL,),
                spans=_locate(text, answers, counts),
                answers=tuple(dict.fromkeys(answer.text for answer in answers if answer.text.strip())),
            )


def _locate(text: str, answers: tuple[Answer, ...], counts: Counts) -> tuple[Mention, ...]:
    placed: Counter[tuple[int, int]] = Counter()
    for answer in answers:
        start, end = answer.answer_start, answer.answer_start + len(answer.text)
        if answer.text.strip() and start >= 0 and text[start:end] == answer.text:
            placed[start, end] += 1
        else:
            counts[MISPLACED] += 1
    return tuple(Mention(*bounds, LABEL) for bounds, _ in placed.most_common(1))
