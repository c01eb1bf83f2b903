"""FewRel: sentences by the relation of their head and tail (Han et al. 2018)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..records import Mention, Record, Triple
from .base import Counts
from .files import Text, read_json
from .words import Joined

LABEL = "entity"
UNPLACED = "sentences whose head or tail is not in one piece"

# Name, identifier, and the words of each mention.
End = tuple[str, str, tuple[tuple[int, ...], ...]]


@dataclass(frozen=True)
class Sentence:
    tokens: tuple[str, ...]
    h: End
    t: End


def read_fewrel(path: Path, counts: Counts) -> Iterator[Record]:
    """Read sentences. All relations of a file are taken to be annotated in all of it. Relations of
    Wikidata have identifiers for names; FewRel's pid2name.json has their names."""
    by_relation = read_json(path, dict[Text, tuple[Sentence, ...]])
    labels = tuple(sorted(by_relation))
    for relation, sentences in by_relation.items():
        for number, sentence in enumerate(sentences):
            joined = Joined.of(sentence.tokens)
            heads, tails = (_locate(joined, end[2]) for end in (sentence.h, sentence.t))
            if not heads or not tails:
                counts[UNPLACED] += 1
                continue
            yield Record(
                "relation",
                joined.text,
                f"{path.stem}-{relation}-{number}",
                labels=labels,
                spans=tuple(sorted(Mention(*bounds, LABEL) for bounds in {*heads, *tails})),
                relations=(Triple(*heads[0], relation, *tails[0]),),
            )


def _locate(joined: Joined, mentions: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """The mentions whose words stand side by side."""
    whole = [words for words in mentions if words and list(words) == [*range(words[0], words[-1] + 1)]]
    placed = (joined.bounds(words[0], words[-1]) for words in whole)
    return [bounds for bounds in placed if bounds]
