"""The README: its commands print what it says. Its Python is run by pytest's own doctests."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"
BLOCKS = re.findall(r"```console\n(.*?)```", README.read_text(encoding="utf8"), flags=re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_commands_print_what_the_readme_says(tmp_path: Path, block: str):
    commands = re.findall(r"^\$ (.*)$", block, flags=re.MULTILINE)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        " && ".join(commands), shell=True, cwd=tmp_path, env={**os.environ, "PATH": path}, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()
    expected = [line for line in block.splitlines() if not line.startswith("$ ")]
    assert [line.rstrip() for line in done.stdout.decode().splitlines()] == expected


def test_there_are_commands():
    assert len(BLOCKS) >= 2
