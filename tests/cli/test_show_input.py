"""Show input: every subtoken with its id and what it stands for."""

import numpy as np
import pytest

from spacy_gliner_mt.cli.show_input import subtoken_roles
from spacy_gliner_mt.encoding.plan import Part
from spacy_gliner_mt.encoding.prompts import build_input
from spacy_gliner_mt.encoding.windows import Window
from spacy_gliner_mt.models import extraction
from spacy_gliner_mt.types import Markers, Pieces, Words

from ..util import make_query

MARKERS = Markers(prefix=(1,), suffix=(2,), label=3, separator=4)


def pieces(*lengths):
    """Strings of as many subtokens, with ids from 10."""
    offsets = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    return Pieces(np.arange(10, 10 + offsets[-1]), offsets)


def rows(table):
    """The subtokens and roles of printed tables."""
    lines = [line.split(maxsplit=2) for line in table.splitlines()]
    return [(line[0], line[2].strip()) for line in lines if len(line) == 3 and line[1].isdigit()]


def test_roles_of_a_window_and_a_pass():
    words = Words(("a", "b", "c", "d"), np.arange(4), np.arange(1, 5))
    query = make_query(["one", "two", "three"], instruction="Find it")
    # The last two words and labels; the third word, "c", has no subtoken.
    part = Part(
        query,
        window=Window(2, 4, 2, 4),
        labels=np.array([1, 2]),
        n_instruction=2,
        input=build_input(pieces(1, 2), pieces(1, 1), pieces(0, 2), MARKERS),
    )
    assert subtoken_roles(part, words, MARKERS) == [
        "special",
        "special",
        "label 2: two",
        "special",
        "label 3: three",
        "label 3: three",
        "special",
        "instruction",
        "instruction",
        "word 4: d",
        "word 4: d",
        "special",
    ]


def test_markers_in_text_are_text(run):
    result = run("show-input", "Ada [SEP]", "--labels", "<<ENT>>,city")
    assert result.exit_code == 0, result.output
    subtokens = rows(result.stdout)
    assert [role for subtoken, role in subtokens if subtoken in ("<<ENT>>", "[SEP]")] == ["special"] * 3
    assert ("ada", "word 1: Ada") in subtokens and ("city", "label 2: city") in subtokens
    assert {role for _, role in subtokens} >= {"label 1: <<ENT>>", "word 2: [", "word 3: SEP"}


def test_windows_and_passes_are_apart(run, checkpoint):
    text, labels = "word " * 70, ",".join(f"label{number}" for number in range(31))
    result = run("show-input", text, "--labels", labels, "--model", checkpoint)
    heads = [line for line in result.stdout.splitlines() if line.startswith("Input ")]
    assert len(heads) > 2
    assert heads[-1].startswith(f"Input {len(heads)} of {len(heads)}, entities: ")
    roles = {role for _, role in rows(result.stdout)}
    assert {"word 70: word", "label 31: label30"} <= roles


def tasks(result):
    """The tasks that ask for the inputs of a printed run."""
    heads = [line for line in result.stdout.splitlines() if line.startswith("Input ")]
    return [head.split(", ")[1].split(":")[0] for head in heads]


def test_every_query_of_every_task_is_shown(run, checkpoint):
    result = run(
        *("show-input", "Ada met Bob", "--model", checkpoint, "--labels", "person", "--threshold", "0"),
        *("--relations", "knows", "--question", "Who?", "--question", "Why?", "--summarize"),
        *("--prompt", "verbs=Find verbs", "--clean", "--classes", "news"),
    )
    assert result.exit_code == 0, result.output
    assert tasks(result) == [
        *("entities", "questions", "questions", "summary", "prompts", "prompts", "classes", "relations")
    ]
    roles = {role for _, role in rows(result.stdout)}
    assert {"label 1: person", "label 1: answer", "instruction", "word 3: Bob"} <= roles
    assert any(role.startswith("label 1: ") and role.endswith(" <> knows") for role in roles)


@pytest.mark.parametrize("relations, n_runs", [((), 0), (("--relations", "knows"), 1)])
def test_the_network_runs_only_where_answers_are_needed(run, checkpoint, monkeypatch, relations, n_runs):
    runs = []
    monkeypatch.setattr(extraction, "pack_batches", lambda *_: runs.append(1) or [])
    arguments = ("Ada met Bob", "--labels", "person", "--question", "Who?", "--model", checkpoint)
    result = run("show-input", *arguments, *relations)
    assert result.exit_code == 0, result.output
    assert len(runs) == n_runs


def test_the_text_comes_through_the_pipes_before(run, nlp, tmp_path):
    ruler = nlp.add_pipe("entity_ruler", before="gliner_multitask")
    ruler.add_patterns([{"label": "person", "pattern": "Bob"}])
    nlp.to_disk(tmp_path)
    result = run(
        *("show-input", "Ada met Bob", "--model", tmp_path),
        *("--labels", "", "--relations", "knows", "--set", "relation_heads=ents"),
    )
    assert tasks(result) == ["relations"]
    labels = {role for _, role in rows(result.stdout) if role.startswith("label")}
    assert labels == {"label 1: Bob <> knows"}


def test_a_query_that_is_skipped_leaves_the_others(run, checkpoint):
    question = f"Why {'not ' * 40}?"
    with pytest.warns(UserWarning, match="GM011"):
        result = run("show-input", "Ada", "-l", "person", "-q", question, "--model", checkpoint)
    assert (result.exit_code, tasks(result)) == (0, ["entities"])


@pytest.mark.parametrize(
    "arguments, code",
    [
        (("Ada",), "GM106"),
        ((" ", "--labels", "person"), "GM108"),
        (("Ada", "--prompt", "person"), "GM111"),
        (("Ada", "--set", "no_setting=1"), "GM009"),
    ],
)
def test_mistakes_are_told(run, arguments, code):
    result = run("show-input", *arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"[{code}]" in result.stderr
