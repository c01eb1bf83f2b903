"""Reports: a Markdown file of a measurement, and a plot of the same."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from .machine import describe_machine


def write_report(path: Path, title: str, checkpoint: str, table: str) -> None:
    """Write a table with what it was measured with.

    table: in Markdown.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    facts = f"Checkpoint: {Path(checkpoint).name}. Machine: {describe_machine()}."
    path.write_text(f"# {title}\n\n{facts}\n\n{table.strip()}\n", encoding="utf8")


def plot_bars(path: Path, title: str, scores: Mapping[str, Mapping[str, float]]) -> None:
    """Draw a group of bars for each row of scores.

    path: .png, .svg or .pdf.
    scores: names of rows -> names of methods or measures -> values.
    """
    # Neither the package nor the tables need it.
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    names = list(dict.fromkeys(name for row in scores.values() for name in row))
    height = 0.8 / len(names)
    figure, axes = pyplot.subplots(figsize=(8, 1 + 0.5 * len(scores) * max(1, len(names) / 2)))
    for number, name in enumerate(names):
        places = [row + number * height for row in range(len(scores))]
        bars = axes.barh(places, [row.get(name, 0.0) for row in scores.values()], height, label=name)
        axes.bar_label(bars, fmt="%.3g", padding=2, fontsize=7)
    axes.set_yticks([row + (len(names) - 1) * height / 2 for row in range(len(scores))], list(scores))
    axes.invert_yaxis()
    axes.set_title(title)
    if len(names) > 1:
        axes.legend(fontsize=7)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, bbox_inches="tight", dpi=120)
    pyplot.close(figure)
