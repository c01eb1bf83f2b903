"""The group: part of spaCy's own command line, at no cost to its other commands."""

import subprocess
import sys


def test_spacy_has_the_commands_and_imports_no_model_for_them():
    command = [sys.executable, "-X", "importtime", "-m", "spacy", "gliner", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert all(name in done.stdout for name in ("annotate", "inspect", "show-input"))
    imported = {line.split("|")[-1].strip() for line in done.stderr.splitlines()}
    assert "spacy_gliner_mt.cli.annotate" in imported
    assert not imported & {"transformers", "tokenizers", "spacy_gliner_mt.models", "spacy_gliner_mt.nn"}
