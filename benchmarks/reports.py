"""Reports: a Markdown file of a measurement, and a plot of the same."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

from .machine import describe_machine

# Title of a panel -> name of a curve -> x -> y.
Panels = dict[str, dict[str, dict[float, float]]]


def write_report(path: Path, title: str, facts: str, table: str) -> None:
    """Write a table with what it was measured with.

    facts: whatever must be known to read it, beside the machine.
    table: in Markdown.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    facts = f"{facts} Machine: {describe_machine()}."
    path.write_text(f"# {title}\n\n{facts}\n\n{table.strip()}\n", encoding="utf8")


def plot_bars(path: Path, title: str, scores: Mapping[str, Mapping[str, float]]) -> None:
    """Draw a group of bars for each row of scores.

    path: .png, .svg or .pdf.
    scores: names of rows -> names of methods or measures -> values.
    """
    pyplot = _import_pyplot()
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


def plot_curves(path: Path, title: str, panels: Panels, axes: tuple[str, str]) -> None:
    """Draw panels of curves, three in a row, with logarithmic axes.

    path: .png, .svg or .pdf.
    axes: names of x and y.
    """
    pyplot = _import_pyplot()
    columns = min(3, len(panels))
    rows = -(-len(panels) // columns)
    size = (1.5 + 4.5 * columns, 3.5 * rows)
    figure, grid = pyplot.subplots(rows, columns, figsize=size, squeeze=False, layout="constrained")
    for place in grid.flat[len(panels) :]:
        place.set_visible(False)
    names = dict.fromkeys(curve for curves in panels.values() for curve in curves)
    colors = {curve: f"C{number}" for number, curve in enumerate(names)}
    for place, (name, curves) in zip(grid.flat, panels.items(), strict=False):
        for curve, points in curves.items():
            style = {"marker": "o", "markersize": 3, "color": colors[curve], "label": curve}
            place.loglog(list(points), list(points.values()), **style)
        ticks = sorted({x for points in curves.values() for x in points})
        place.set_xticks(ticks, [f"{x:g}" for x in ticks])
        place.yaxis.set_major_locator(pyplot.LogLocator(subs=(1, 2, 5)))
        place.yaxis.set_major_formatter("{x:g}")
        place.minorticks_off()
        place.set(title=name, xlabel=axes[0], ylabel=axes[1])
    figure.legend(*grid.flat[0].get_legend_handles_labels(), loc="outside right upper", fontsize=7)
    figure.suptitle(title)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def _import_pyplot() -> ModuleType:
    # Neither the package nor the tables need it.
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    return pyplot
