"""CNN/DailyMail: news stories with highlights (Hermann et al. 2015)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from ...errors import Errors
from ...tasks.summary import LABEL
from ..lines import read_lines
from ..records import Mention, Record
from ..sentences import split_sentences
from .base import Counts

HIGHLIGHT = "@highlight"
WORDLESS = "stories whose highlights share no word with them"
INCOMPLETE = "stories without a text or without highlights"


def read_cnn_dailymail(path: Path, counts: Counts) -> Iterator[Record]:
    """Read a `.story` file, or a folder of them. The spans of a summary are sentences, chosen one by
    one as long as ROUGE-1 and ROUGE-2 with the highlights grow (Nallapati et al. 2017)."""
    files = sorted(path.rglob("*.story")) if path.is_dir() else [path]
    if not files:
        raise ValueError(Errors.GM215.format(path=path, suffixes=".story"))
    for file in files:
        text, highlights = _read_story(file)
        if not text or not highlights:
            counts[INCOMPLETE] += 1
            continue
        bounds, reference = split_sentences(text), " ".join(highlights)
        chosen = choose_sentences([text[start:end] for start, end in bounds], reference)
        counts[WORDLESS] += not chosen
        spans = tuple(Mention(*bounds[index], LABEL) for index in chosen)
        yield Record("summarization", text, file.stem, labels=(LABEL,), spans=spans, reference=reference)


def _read_story(path: Path) -> tuple[str, list[str]]:
    """The text, a line for each paragraph, and the highlights."""
    lines = [line for _, line in read_lines(path) if line]
    end = lines.index(HIGHLIGHT) if HIGHLIGHT in lines else len(lines)
    return "\n".join(lines[:end]), [line for line in lines[end:] if line != HIGHLIGHT]


def choose_sentences(sentences: Sequence[str], summary: str) -> list[int]:
    """The sentences that together share most with a summary, as far as a greedy search finds out.

    RETURNS: their indices, in the order of the text.
    """
    rouge = _rouge()
    words = [_words(sentence) for sentence in sentences]
    target = _words(summary)
    chosen: list[int] = []
    best = 0.0
    while len(chosen) < len(sentences):
        scores = {
            index: sum(
                score.fmeasure
                for score in rouge.score(target, _join(words, sorted([*chosen, index]))).values()
            )
            for index in range(len(sentences))
            if index not in chosen
        }
        index = max(scores, key=scores.__getitem__)
        if scores[index] <= best:
            break
        best = scores[index]
        chosen.append(index)
    return sorted(chosen)


def _join(words: Sequence[str], which: Sequence[int]) -> str:
    return " ".join(words[index] for index in which)


class _Spaces:
    """A tokenizer for words that are stemmed already: ROUGE would do it again for every choice."""

    def tokenize(self, text: str) -> list[str]:
        return text.split()


def _words(text: str) -> str:
    from rouge_score.tokenizers import DefaultTokenizer

    return " ".join(DefaultTokenizer(use_stemmer=True).tokenize(text))


@cache
def _rouge() -> Any:
    # Takes seconds to import, as it brings nltk along.
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(["rouge1", "rouge2"], tokenizer=_Spaces())
