"""Summary: how much a summary shares with that of the reference."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from statistics import fmean
from typing import Any

from spacy.tokens import Doc
from spacy.training import Example

from ..errors import Errors
from ..settings import SUMMARY

ROUGE = ("rouge1", "rouge2", "rougeL")


def make_summary_scorer() -> Callable[..., dict[str, Any]]:
    return score_summary


def score_summary(examples: Iterable[Example], **cfg: Any) -> dict[str, Any]:
    """Score the summaries of Docs whose reference has one, by ROUGE (Lin 2004) of stemmed words, as
    is usual for CNN/DailyMail. Its words are of a-z and 0-9, so it is of no use beyond English.

    The summary of a reference is the string `user_data["summary"]`, or else the span group "summary".

    examples: predicted Docs and their references.
    RETURNS: "summary_rouge1", "summary_rouge2" and "summary_rougeL", mean F1 of words, of pairs of
        them, and of the longest common subsequence. All are None where no reference has a summary.
    RAISES: ValueError if a reference's summary is no string.
    """
    pairs = [
        (gold, _join(example.predicted))
        for example in examples
        if (gold := _read_gold(example.reference)) is not None
    ]
    return {f"summary_{name}": score for name, score in _average_rouge(pairs).items()}


def _average_rouge(pairs: Sequence[tuple[str, str]]) -> dict[str, float | None]:
    """Mean F1 of each kind of ROUGE.

    pairs: gold and other summaries.
    """
    if not pairs:
        return dict.fromkeys(ROUGE)
    # Takes seconds to import, as it brings nltk along.
    from rouge_score.rouge_scorer import RougeScorer

    rouge = RougeScorer(ROUGE, use_stemmer=True)
    scores = [rouge.score(gold, summary) for gold, summary in pairs]
    return {name: fmean(score[name].fmeasure for score in scores) for name in ROUGE}


def _read_gold(doc: Doc) -> str | None:
    if SUMMARY not in doc.user_data:
        return _join(doc) if SUMMARY in doc.spans else None
    gold = doc.user_data[SUMMARY]
    if not isinstance(gold, str):
        raise ValueError(Errors.GM061.format(value=gold))
    return gold


def _join(doc: Doc) -> str:
    return " ".join(span.text for span in doc.spans.get(SUMMARY, ()))
