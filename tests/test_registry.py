"""What setup.cfg registers: all of it resolves, and none of it costs much before it is used."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from configparser import ConfigParser
from importlib.metadata import distribution, entry_points
from pathlib import Path

import pytest
import spacy
from spacy.util import registry

from spacy_gliner_mt.tasks.registry import registry as tasks
from spacy_gliner_mt.training.converters.registry import BUILT_IN
from spacy_gliner_mt.training.converters.registry import registry as converters

SETUP = Path(__file__).parent.parent / "setup.cfg"
# Run first: the only plugins known to spaCy are those whose names are given.
ONLY = """
import sys
import catalogue

def know_only(*names):
    points = {group: known.select(group=group) for group in known.groups if group.startswith("spacy_")}
    catalogue.AVAILABLE_ENTRY_POINTS = {
        group: [point for point in of_group if point.name in names] for group, of_group in points.items()
    }

known = catalogue.AVAILABLE_ENTRY_POINTS
"""


def _registered() -> list[tuple[str, str, str]]:
    """Group, name and object of all entry points, as they stand in setup.cfg."""
    parser = ConfigParser()
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(SETUP, encoding="utf8")
    return [
        (group, *(part.strip() for part in line.split("=")))
        for group, lines in parser["options.entry_points"].items()
        for line in lines.strip().splitlines()
    ]


def _run(script: str) -> str:
    command = [sys.executable, "-W", "ignore", "-c", ONLY + script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_there_are_entry_points():
    groups = Counter(group for group, _, _ in _registered())
    assert set(groups) == {
        "spacy_factories",
        "spacy_architectures",
        "spacy_scorers",
        "spacy_misc",
        "thinc_optimizers",
        "thinc_schedules",
        "spacy_readers",
        "spacy_cli",
        "spacy_gliner_mt_tasks",
        "spacy_gliner_mt_converters",
    }


@pytest.mark.parametrize(("group", "name", "value"), _registered())
def test_entry_point_resolves(group: str, name: str, value: str):
    (point,) = [point for point in entry_points(group=group, name=name) if point.value == value]
    spacy.blank("xx")  # makes all factories known
    own = {"spacy_gliner_mt_tasks": tasks, "spacy_gliner_mt_converters": converters}
    found = own.get(group) or getattr(registry, group.split("_", 1)[1])
    assert found.get(name) is point.load()


def test_names_are_unique():
    assert max(Counter((group, name) for group, name, _ in _registered()).values()) == 1
    for group, name, value in _registered():
        # Nobody else in this environment has it either.
        assert [point.value for point in entry_points(group=group, name=name)] == [value]


def test_what_is_installed_is_what_setup_cfg_says():
    """Fails where setup.cfg has changed since `pip install`."""
    points = distribution("spacy-gliner-mt").entry_points
    installed = {(point.group, point.name, point.value) for point in points}
    assert installed == set(_registered())


def test_names_carry_a_version():
    for group, name, _ in _registered():
        if group not in ("spacy_factories", "spacy_cli") and not group.startswith("spacy_gliner_mt"):
            assert name.startswith("spacy-gliner-mt.") and name.endswith(".v1")


def test_help_names_all_converters():
    registered = [name for group, name, _ in _registered() if group == "spacy_gliner_mt_converters"]
    assert list(BUILT_IN) == registered


def test_nothing_imports_transformers_early():
    names = [name for _, name, _ in _registered()]
    loaded = _run(
        f"""
know_only(*{names})
import spacy
import spacy.cli
for group in ("architectures", "scorers", "readers", "misc", "cli"):
    getattr(spacy.registry, group).get_all()
nlp = spacy.blank("en")
nlp.add_pipe("gliner_multitask", config={{"labels": ["person"]}})
heavy = ["transformers", "huggingface_hub", "sklearn", "pandas", "gliner", "onnxruntime", "onnx"]
ours = ["spacy_gliner_mt.pipeline.factory", "spacy_gliner_mt.cli"]
print(*(name for name in heavy + ours if name in sys.modules))
"""
    )
    assert loaded.split() == ["spacy_gliner_mt.pipeline.factory", "spacy_gliner_mt.cli"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Copies a process that has imported spaCy.")
def test_the_factory_adds_little_to_spacy_blank():
    """Processor time, which a busy machine does not stretch as it does the clock's, in processes that
    differ in nothing but the plugin. The least of fifteen, as all else is the machine's other work."""
    output = _run(
        """
import os
import time
import spacy
# As an installed package has it; the first of the processes writes it.
sys.dont_write_bytecode = False

for names in [(), ("gliner_multitask",)] * 15:
    if os.fork() == 0:
        know_only(*names)
        start = time.process_time()
        spacy.blank("en")
        seconds = time.process_time() - start
        print(len(names), "spacy_gliner_mt.pipeline.factory" in sys.modules, seconds, flush=True)
        os._exit(0)
    os.wait()
"""
    )
    rows = [line.split() for line in output.splitlines()]
    assert [(row[0], row[1]) for row in rows] == [("0", "False"), ("1", "True")] * 15
    without, with_plugin = ([float(row[2]) for row in rows if row[0] == kind] for kind in "01")
    assert min(with_plugin) - min(without) < 0.1
