"""Speed, memory and exactness of the component on documents up to the length of a shelf of books.

Run: python -m benchmarks.long_document --words 1000 --words 10000 --words 100000 --words 1000000
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer
from spacy.tokens import Doc
from wasabi import MarkdownRenderer

from .machine import describe_machine
from .memory import call_with_peak, run_in_fresh_process
from .methods import MINI, Entities, load_ours, read_entities
from .reports import write_report

LABELS = ("person", "company", "city")
PLANTED = "Angela Merkel met the board of Siemens in Munich ."
FILLER = (
    "The rain had stopped in the morning , and the streets were still wet . "
    "Nobody knew how long the work would take , or what it would cost in the end . "
    "She put the letters back into the drawer and closed it without a sound . "
    "A narrow path leads through the trees down to the water . "
    "Most of the chairs were empty when the music began again . "
    "They had agreed to wait until the others came back from the field . "
    "It was the kind of evening on which people leave their windows open . "
    "He counted the boxes twice and wrote the number on the wall . "
    "What remained of the bread was given to the birds . "
    "The door opened slowly , and a cold wind came into the room . "
)


TITLE = "One document of many words"
# Words that are read at least, however short the document: it is read several times then.
ENOUGH = 5_000


@dataclass(frozen=True)
class Report:
    """What happened to a document.

    words: whitespace words in it.
    seconds: that it took, with the component loaded.
    peak_mib: memory above that after loading.
    windows: overlapping pieces in which it was read.
    alone: entities of the planted sentence by itself, by their characters.
    in_place: those of each planted sentence where it stands; the last one ends the text.
    """

    words: int
    seconds: float
    peak_mib: float
    windows: int
    alone: Entities
    in_place: list[Entities]

    @property
    def cost(self) -> float:
        """Seconds per word."""
        return self.seconds / self.words


def main(
    words: Annotated[list[int] | None, typer.Option(min=20, help="Words of a document; 200,000.")] = None,
    every: Annotated[int, typer.Option(min=20, help="Words from one planted sentence to the next.")] = 5_000,
    checkpoint: Annotated[str, typer.Option(help="A folder or hub id.")] = MINI,
    output: Annotated[Path | None, typer.Option(help="Markdown file to write, too.")] = None,
) -> None:
    """Print what documents take, and whether planted entities are found in their places."""
    reports = [run_in_fresh_process(measure, checkpoint, some, every) for some in words or [200_000]]
    table = format_reports(reports)
    alone = reports[0].alone
    found = ", ".join(f"{PLANTED[start:end]} ({label})" for start, end, label in sorted(alone))
    facts = f"Planted: '{PLANTED}' By itself: {found}."
    print(f"{describe_machine()}. {facts}\n\n{table}")
    if output:
        write_report(output, TITLE, facts, table)


def measure(checkpoint: str, words: int, every: int) -> Report:
    """Measure the component on one document."""
    text, offsets = build_document(words, every)
    nlp = load_ours(checkpoint, LABELS)
    # spaCy refuses texts above a million characters, for the sake of its parser.
    nlp.max_length = max(nlp.max_length, len(text))
    # Also loads the checkpoint, which is not to be measured.
    alone = read_entities(nlp(PLANTED))
    times = max(1, ENOUGH // words)
    warm_up, _ = build_document(min(words, ENOUGH), every)

    def read() -> tuple[list[Doc], float]:
        # What torch prepares for the first inputs of a size stays in memory, but takes its time once.
        nlp(warm_up)
        start = perf_counter()
        return [nlp(text) for _ in range(times)], perf_counter() - start

    (docs, seconds), peak_mib = call_with_peak(read)
    entities = read_entities(docs[0])
    return Report(
        words=len(text.split()),
        seconds=seconds / times,
        peak_mib=peak_mib,
        windows=docs[0]._.gliner_report.windows,
        alone=alone,
        in_place=[cut_out(entities, offset) for offset in offsets],
    )


def build_document(words: int, every: int) -> tuple[str, list[int]]:
    """Write equal sections of filler that each end with the planted sentence.

    every: words of a section; those of the document if it has less.
    RETURNS: the text, and the first character of each planted sentence.
    """
    size = min(every, words)
    filler = islice(cycle(FILLER.split()), size - len(PLANTED.split()))
    section = " ".join((*filler, PLANTED)) + "\n"
    sections = words // size
    offsets = [len(section) * (i + 1) - len(PLANTED) - 1 for i in range(sections)]
    return (section * sections).rstrip(), offsets


def format_reports(reports: Sequence[Report]) -> str:
    """Format what documents took as Markdown, their costs beside the least one."""
    least = min(report.cost for report in reports)
    rows = [
        (
            f"{report.words:,}",
            f"{report.seconds:.2f}",
            f"{1 / report.cost:.0f}",
            f"{report.cost / least - 1:+.0%}",
            f"{report.peak_mib:.0f}",
            str(report.windows),
            f"{sum(len(report.alone & found) for found in report.in_place)}"
            f" of {len(report.alone) * len(report.in_place)}",
            "yes" if report.in_place[-1] == report.alone else "no",
        )
        for report in reports
    ]
    header = (
        "words",
        "seconds",
        "words/s",
        "cost per word",
        "MiB above load",
        "windows",
        "planted found",
        "at the end, too",
    )
    return MarkdownRenderer().table(rows, header=header).strip()


def cut_out(entities: Entities, offset: int) -> Entities:
    """Cut out the entities of the sentence planted at an offset, their characters counted from it."""
    end = offset + len(PLANTED)
    return {(a - offset, b - offset, label) for a, b, label in entities if offset <= a < end}


if __name__ == "__main__":
    typer.run(main)
