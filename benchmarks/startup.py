"""Start-up: how long a fresh process takes to its first entity, and what the factory adds to spaCy.

Run: python -m benchmarks.startup
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Annotated

import typer
from wasabi import MarkdownRenderer

from .machine import THREADS, describe_machine
from .methods import MINI, load_ours
from .reports import write_report

TITLE = "Start-up of a fresh process"
LABELS = ("person", "company", "city")
TEXT = "Angela Merkel met the board of Siemens in Munich."
OURS = ("spacy_gliner_mt",)
# Seconds of each step, by name.
Steps = dict[str, float]

# A script runs its steps in order, and tells the seconds of each. What it is given is a folder.
_BLANK = {"import": "import spacy", "spacy.blank": "nlp = spacy.blank('en')"}
# spaCy imports the factories of all packages that are installed, peers among them; here only those of some.
# Entry points have been read by now, but not yet asked for.
_KEEP = """
import catalogue, importlib.metadata as metadata
points = [point for some in metadata.distributions() for point in some.entry_points]
kept = [point for point in points if point.group != "spacy_factories" or point.value.startswith({packages!r})]
catalogue.AVAILABLE_ENTRY_POINTS = metadata.EntryPoints(kept)
"""
SCRIPTS: dict[str, dict[str, str]] = {
    "spacy without the factory": {"": _KEEP.format(packages=()), **_BLANK},
    "spacy with the factory": {"": _KEEP.format(packages=OURS), **_BLANK},
    "ours, spacy.load": {
        "": _KEEP.format(packages=OURS),
        "import": "import spacy",
        "load": "nlp = spacy.load(folder)",
        "first entity": f"assert nlp({TEXT!r}).ents",
    },
    "gliner": {
        "import": "from gliner import GLiNER",
        "load": "model = GLiNER.from_pretrained(folder)",
        "first entity": f"assert model.predict_entities({TEXT!r}, {list(LABELS)!r})",
    },
}


def main(
    checkpoint: Annotated[str, typer.Option(help="A folder.")] = MINI,
    rounds: Annotated[int, typer.Option(help="Rounds; each starts every process once.")] = 5,
    output: Annotated[Path | None, typer.Option(help="Markdown file to write, too.")] = None,
) -> None:
    """Print the seconds of each step, and those of the whole process, interpreter included."""
    with TemporaryDirectory() as folder:
        pipeline = Path(folder) / "pipeline"
        nlp = load_ours(checkpoint, LABELS)
        nlp(TEXT)
        nlp.to_disk(pipeline)
        names = [name for name in SCRIPTS if name != "gliner" or find_spec("gliner")]
        folders = {name: checkpoint if name == "gliner" else str(pipeline) for name in names}
        measured: dict[str, list[Steps]] = {name: [] for name in names}
        # The first round reads files into the system's cache, and does not count.
        for _ in range(1 + rounds):
            for name in names:
                measured[name].append(run_script(SCRIPTS[name], folders[name]))
    table = format_steps({name: steps[1:] for name, steps in measured.items()})
    print(f"{describe_machine()}. Medians of {rounds}.\n\n{table}")
    if output:
        write_report(output, TITLE, f"Seconds, medians of {rounds}, files in the system's cache.", table)


def run_script(script: dict[str, str], folder: str) -> Steps:
    """Run the steps of a script in a process of its own.

    RETURNS: seconds of each step that has a name, and of the whole process.
    """
    lines = ["import json, sys, time", "folder, seconds = sys.argv[1], {}"]
    for name, code in script.items():
        lines += ["start = time.perf_counter()", code]
        lines += [f"seconds[{name!r}] = time.perf_counter() - start"] if name else []
    lines += ["print(json.dumps(seconds))"]
    start = perf_counter()
    process = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", "\n".join(lines), folder],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": str(THREADS), "HF_HUB_OFFLINE": "1"},
    )
    steps = json.loads(process.stdout.splitlines()[-1])
    return {**steps, "whole process": perf_counter() - start}


def format_steps(measured: dict[str, Sequence[Steps]]) -> str:
    """Format the median of each step as Markdown."""
    header = ["", *dict.fromkeys(name for rounds in measured.values() for name in rounds[0])]
    rows = [
        [
            script,
            *(
                f"{median(steps[name] for steps in rounds):.2f}" if name in rounds[0] else ""
                for name in header[1:]
            ),
        ]
        for script, rounds in measured.items()
    ]
    return MarkdownRenderer().table(rows, header=header).strip()


if __name__ == "__main__":
    typer.run(main)
