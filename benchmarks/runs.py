"""Runs: what a benchmark of speed has measured, as a table and as curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import srsly
from wasabi import MarkdownRenderer

from .reports import Panels

# The one that others are compared with.
REFERENCE = "gliner"
_HEADER = (
    "texts",
    "labels",
    "method",
    "seconds",
    "words/s",
    f"times {REFERENCE}",
    "MiB above load",
    "of GEMM rate",
    "differing entities",
)


@dataclass(frozen=True)
class Measurement:
    """What one method took for all texts.

    seconds: of each round.
    peak_mib: memory above that after loading.
    differing: entities that only one of it and gliner finds; None where gliner was not measured.
    """

    seconds: list[float]
    peak_mib: float
    differing: int | None


@dataclass(frozen=True)
class Run:
    """All methods on the same texts, with the same weights and labels.

    size, lengths: of the checkpoint and of the texts, by name.
    labels, texts: how many.
    words: whitespace words in all texts.
    threshold: of entities.
    entities: found by gliner; None where it was not measured.
    flops: useful ones, for all texts.
    gemm_rate: FLOPs per second of bare matrix products, measured in turn with the methods.
    """

    machine: str
    size: str
    lengths: str
    labels: int
    texts: int
    words: int
    threshold: float
    entities: int | None
    flops: int
    gemm_rate: float
    methods: dict[str, Measurement]

    def rate(self, method: str) -> float:
        """Words per second, by the median round."""
        return self.words / median(self.methods[method].seconds)


def read_runs(path: Path) -> list[Run]:
    """Read a file of runs; none if it is not there yet. Of equal ones the last counts."""
    records = srsly.read_jsonl(path) if path.is_file() else ()
    runs = {}
    for record in records:
        methods = {name: Measurement(**fields) for name, fields in record.pop("methods").items()}
        run = Run(**record, methods=methods)
        runs[run.size, run.lengths, run.labels] = run
    return list(runs.values())


def add_run(path: Path, run: Run) -> None:
    """Add a run to a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    srsly.write_jsonl(path, [asdict(run)], append=True, append_new_line=False)


def format_runs(runs: Sequence[Run]) -> str:
    """Format runs as Markdown, with a table for each size."""
    sizes = dict.fromkeys(run.size for run in runs)
    return "\n\n".join(
        f"## {size}\n\n" + _format_table([run for run in runs if run.size == size]) for size in sizes
    )


def arrange_panels(runs: Sequence[Run]) -> Panels:
    """Words per second over labels: a panel for each size and kind of texts, a curve for a method."""
    panels: Panels = {}
    for run in sorted(runs, key=lambda run: run.labels):
        curves = panels.setdefault(f"{run.size}, {run.lengths} texts", {})
        for method in run.methods:
            curves.setdefault(method, {})[run.labels] = run.rate(method)
    return panels


def _format_table(runs: Sequence[Run]) -> str:
    rows = [row for run in runs for row in _format_rows(run)]
    return MarkdownRenderer().table(rows, header=_HEADER).strip()


def _format_rows(run: Run) -> list[tuple[str, ...]]:
    reference = run.rate(REFERENCE) if REFERENCE in run.methods else None
    found = "" if run.entities is None else f" of {run.entities}"
    return [
        (
            f"{run.texts} {run.lengths}",
            str(run.labels),
            name,
            f"{median(method.seconds):.3f}",
            f"{run.rate(name):.0f}",
            "" if reference is None else f"{run.rate(name) / reference:.2f}",
            f"{method.peak_mib:.0f}",
            f"{run.flops / median(method.seconds) / run.gemm_rate:.0%}",
            "" if method.differing is None else f"{method.differing}{found}",
        )
        for name, method in run.methods.items()
    ]
