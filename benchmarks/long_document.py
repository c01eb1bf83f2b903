"""Speed, memory and exactness of the component on a document of the length of a book.

Run: python -m benchmarks.long_document --words 200000
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import Annotated

import typer

from .machine import describe_machine
from .memory import call_with_peak, run_in_fresh_process
from .methods import MINI, Entities, load_ours, read_entities

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


@dataclass(frozen=True)
class Report:
    """What happened to the document.

    words: whitespace words in it.
    seconds, peak_mib: that it took, with the component loaded.
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


def main(
    words: Annotated[int, typer.Option(help="Words of the document, about.")] = 200_000,
    every: Annotated[int, typer.Option(help="Words from one planted sentence to the next.")] = 5_000,
    checkpoint: Annotated[str, typer.Option(help="A folder or hub id.")] = MINI,
) -> None:
    """Print what the document takes, and whether planted entities are found in their places."""
    report = run_in_fresh_process(measure, checkpoint, words, every)
    alone = ", ".join(f"{PLANTED[start:end]} ({label})" for start, end, label in sorted(report.alone))
    print(describe_machine())
    print(f"{report.words} words in {report.seconds:.1f} s, {report.words / report.seconds:.0f} words/s")
    print(f"{report.peak_mib:.0f} MiB above load, {report.windows} windows")
    print(f"Planted sentence alone: {alone}")
    found = sum(len(report.alone & entities) for entities in report.in_place)
    print(f"The same in their places: {found} of {len(report.alone) * len(report.in_place)}")
    print(f"The same at the very end: {'yes' if report.in_place[-1] == report.alone else 'no'}")


def measure(checkpoint: str, words: int, every: int) -> Report:
    """Measure the component on one document."""
    text, offsets = build_document(words, every)
    nlp = load_ours(checkpoint, LABELS)
    # spaCy refuses texts above a million characters, for the sake of its parser.
    nlp.max_length = len(text)
    # Also loads the checkpoint, which is not to be measured.
    alone = read_entities(nlp(PLANTED))
    start = perf_counter()
    doc, peak_mib = call_with_peak(nlp, text)
    seconds = perf_counter() - start
    entities = read_entities(doc)
    return Report(
        words=len(text.split()),
        seconds=seconds,
        peak_mib=peak_mib,
        windows=doc._.gliner_report.windows,
        alone=alone,
        in_place=[cut_out(entities, offset) for offset in offsets],
    )


def build_document(words: int, every: int) -> tuple[str, list[int]]:
    """Write equal sections of filler that each end with the planted sentence.

    RETURNS: the text, and the first character of each planted sentence.
    """
    section = FILLER * (every // len(FILLER.split())) + PLANTED + "\n"
    sections = max(words // every, 1)
    offsets = [len(section) * (i + 1) - len(PLANTED) - 1 for i in range(sections)]
    return (section * sections).rstrip(), offsets


def cut_out(entities: Entities, offset: int) -> Entities:
    """Cut out the entities of the sentence planted at an offset, their characters counted from it."""
    end = offset + len(PLANTED)
    return {(a - offset, b - offset, label) for a, b, label in entities if offset <= a < end}


if __name__ == "__main__":
    typer.run(main)
