"""Locating: built-in names and folders at once, hub ids through the hub's own client.

The client reads its settings when it is imported, so it runs in a process of its own."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from spacy_gliner_mt.models.locate import (
    BUILT_IN,
    DEFAULT,
    built_in_names,
    locate_checkpoint,
    locate_graph,
)

from ..util import make_bundle, read_bundle, write_checkpoint
from .hub_server import commit_of, files_in, serve
from .util import assert_same_logits

LOCATE = """
import json, sys
from spacy_gliner_mt.models.locate import locate_checkpoint
for arguments in json.loads(sys.argv[1]):
    try:
        print(json.dumps([None, str(locate_checkpoint(*arguments))]))
    except Exception as error:
        print(json.dumps([type(error).__name__, str(error)]))
"""
NOWHERE = "http://127.0.0.1:9"


def locate_in_subprocess(cache, calls, **environment):
    """Each call's (name of the exception or None, message or folder)."""
    result = subprocess.run(
        [sys.executable, "-c", LOCATE, json.dumps(calls)],
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("HF_")},
            "HF_HUB_CACHE": str(cache),
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "NO_PROXY": "127.0.0.1",
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr
    return [tuple(json.loads(line)) for line in result.stdout.splitlines()]


def write_files(folder, names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"{folder.name} {name}")
    return folder


@pytest.fixture
def cache(tmp_path):
    """An empty cache of the hub's client."""
    return tmp_path / "cache"


def test_the_default_is_built_in():
    assert DEFAULT in built_in_names()
    assert locate_checkpoint(DEFAULT) == BUILT_IN / DEFAULT
    assert (BUILT_IN / DEFAULT / "gliner_config.json").is_file()


def test_a_built_in_name_goes_before_a_folder_of_that_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / DEFAULT).mkdir()
    assert locate_checkpoint(DEFAULT) == BUILT_IN / DEFAULT


@pytest.mark.parametrize("name", ["mine", "./mine", "org/mine", "~/mine", "{home}/mine"])
@pytest.mark.parametrize("kind", [str, Path])
def test_folders_are_found(tmp_path, monkeypatch, name, kind):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for folder in ("mine", "org/mine"):
        (tmp_path / folder).mkdir(parents=True)
    expected = tmp_path / ("org/mine" if name.startswith("org") else "mine")
    assert locate_checkpoint(kind(name.format(home=tmp_path))).resolve() == expected


@pytest.mark.parametrize(
    "name",
    [
        "nonsense",
        DEFAULT.upper(),
        f"{DEFAULT}/",
        "owner/",
        "/owner",
        "a/b/c",
        "/no/such/folder",
        "~/no/such/folder",
        "./missing",
        "../missing",
        "owner/two words",
        "https://huggingface.co/owner/name",
        Path("nonsense"),
    ],
)
def test_unknown_names_are_told_the_built_in_ones(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=rf"GM020.*{re.escape(str(name))}.*{DEFAULT}"):
        locate_checkpoint(name)


@pytest.mark.parametrize("name", ["a..b/c", "owner/a--b", "-owner/name", "owner/name.git"])
def test_names_the_hub_would_not_allow_are_refused(name):
    with pytest.raises((ValueError, OSError), match=rf"GM02[02].*{re.escape(name)}"):
        locate_checkpoint(name)


def test_a_file_is_no_checkpoint(tmp_path):
    (tmp_path / "model.safetensors").touch()
    with pytest.raises(ValueError, match="GM020"):
        locate_checkpoint(tmp_path / "model.safetensors")


@pytest.mark.parametrize("name", [DEFAULT, "{folder}"])
@pytest.mark.parametrize("revision", ["main", ""])
def test_only_a_hub_id_has_revisions(tmp_path, name, revision):
    name = name.format(folder=tmp_path)
    with pytest.raises(ValueError, match=rf"GM021.*{name}.*'{revision}'"):
        locate_checkpoint(name, revision)


def test_what_lies_in_the_cache_is_found_offline(cache):
    main, other = commit_of("main"), commit_of("v1")
    repository = cache / "models--owner--name"
    write_files(repository / "snapshots" / main, ["gliner_config.json", "model.safetensors"])
    write_files(repository / "snapshots" / other, ["gliner_config.json", "pytorch_model.bin"])
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(main)
    (repository / "refs" / "v1").write_text(other)
    calls = [
        ("owner/name",),
        ("owner/name", "main"),
        ("owner/name", "v1"),
        ("owner/name", "v2"),
        ("owner/other",),
    ]
    *found, unknown_revision, unknown_name = locate_in_subprocess(cache, calls, HF_HUB_OFFLINE="1")
    snapshots = [repository / "snapshots" / commit for commit in (main, main, other)]
    assert found == [(None, str(folder)) for folder in snapshots]
    for (error, message), name in ((unknown_revision, "'owner/name'"), (unknown_name, "'owner/other'")):
        assert error == "OSError"
        assert message.startswith(f"[GM022] The checkpoint {name}")
    assert "'v2'" in unknown_revision[1]
    assert "'main'" in unknown_name[1]


NEEDED = [
    "gliner_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "added_tokens.json",
    "special_tokens_map.json",
    "spm.model",
    "vocab.txt",
]
USELESS = [
    "README.md",
    ".gitattributes",
    "training_args.bin",
    "optimizer.pt",
    "model.fp16.safetensors",
    "logo.png",
    "onnx/model.onnx",
    "onnx/tokenizer.json",
    "checkpoint-100/model.safetensors",
    "checkpoint-100/gliner_config.json",
]


@pytest.mark.parametrize(
    "weights, fetched",
    [
        (["model.safetensors"], "model.safetensors"),
        (["pytorch_model.bin"], "pytorch_model.bin"),
        (["model.safetensors", "pytorch_model.bin"], "model.safetensors"),
    ],
)
def test_only_the_files_at_the_top_that_are_needed_are_fetched(tmp_path, cache, weights, fetched):
    folder = write_files(tmp_path / "remote", [*NEEDED, *USELESS, *weights])
    with serve({"owner/name": {"main": folder}}) as hub:
        ((error, found),) = locate_in_subprocess(cache, [("owner/name",)], HF_ENDPOINT=hub.url)
    assert error is None, found
    assert sorted(hub.fetched) == files_in(Path(found)) == sorted([*NEEDED, fetched])
    assert (Path(found) / fetched).read_text() == f"remote {fetched}"


def test_what_was_fetched_is_not_fetched_again(tmp_path, cache):
    names = ["gliner_config.json", "pytorch_model.bin"]
    folder = write_files(tmp_path / "remote", names)
    call = ("owner/name",)
    with serve({"owner/name": {"main": folder}}) as hub:
        first = locate_in_subprocess(cache, [call, call], HF_ENDPOINT=hub.url)
        assert sorted(hub.fetched) == names
        asked = hub.requests
        second = locate_in_subprocess(cache, [call], HF_ENDPOINT=hub.url, HF_HUB_OFFLINE="1")
        assert hub.requests == asked
    third = locate_in_subprocess(cache, [call], HF_ENDPOINT=NOWHERE)
    assert len({*first, *second, *third}) == 1
    assert first[0][0] is None


def test_revisions_are_branches_tags_and_commits(tmp_path, cache):
    revisions = {
        name: write_files(tmp_path / name, ["gliner_config.json", "model.safetensors"])
        for name in ("main", "v1")
    }
    calls = [("owner/name", revision) for revision in (None, "main", "v1", commit_of("v1"))]
    with serve({"owner/name": revisions}) as hub:
        found = locate_in_subprocess(cache, calls, HF_ENDPOINT=hub.url)
    contents = [(Path(folder) / "gliner_config.json").read_text().split()[0] for _, folder in found]
    assert contents == ["main", "main", "v1", "v1"]


def test_what_the_hub_refuses_is_told(tmp_path, cache):
    folder = write_files(tmp_path / "remote", ["gliner_config.json", "model.safetensors"])
    calls = [("owner/other",), ("owner/name", "v2"), ("owner/gated",)]
    with serve({"owner/name": {"main": folder}}, gated=("owner/gated",)) as hub:
        results = locate_in_subprocess(cache, calls, HF_ENDPOINT=hub.url)
        assert hub.fetched == []
    named = [
        "'owner/other' (revision 'main')",
        "'owner/name' (revision 'v2')",
        "'owner/gated' (revision 'main')",
    ]
    for (error, message), name in zip(results, named, strict=True):
        assert error == "OSError"
        assert message.startswith(f"[GM022] The checkpoint {name} cannot be had from the hub.")


def test_a_hub_that_does_not_answer_is_told(cache):
    ((error, message),) = locate_in_subprocess(cache, [("owner/name",)], HF_ENDPOINT=NOWHERE)
    assert (error, message[:7]) == ("OSError", "[GM022]")


def test_a_fetched_checkpoint_loads(tmp_path, cache):
    folder = write_checkpoint(tmp_path / "remote", "deberta-v2")
    with serve({"owner/name": {"main": folder}}) as hub:
        ((error, found),) = locate_in_subprocess(cache, [("owner/name",)], HF_ENDPOINT=hub.url)
    assert error is None, found
    assert_same_logits(read_bundle(Path(found)), make_bundle("deberta-v2"))


@pytest.mark.parametrize(
    "files, name, expected",
    [
        (["model.safetensors"], None, None),
        (["README.md"], None, None),
        (["model.onnx"], None, "model.onnx"),
        (["onnx/model.onnx"], None, "onnx/model.onnx"),
        (["onnx/model_quantized.onnx"], None, "onnx/model_quantized.onnx"),
        (["onnx/model.onnx", "onnx/model_fp16.onnx", "onnx/model_q4.onnx"], None, "onnx/model.onnx"),
        (["model.onnx", "onnx/model.onnx"], None, "model.onnx"),
        (["model.safetensors", "onnx/model.onnx"], None, None),
        (["pytorch_model.bin", "onnx/model.onnx"], None, None),
        (["model.safetensors", "onnx/model.onnx"], "onnx/model.onnx", "onnx/model.onnx"),
        (["onnx/model.onnx", "onnx/model_fp16.onnx"], "onnx/model_fp16.onnx", "onnx/model_fp16.onnx"),
    ],
)
def test_a_graph_is_what_is_named_or_stands_in_for_weights(tmp_path, files, name, expected):
    assert locate_graph(write_files(tmp_path / "checkpoint", files), name) == expected


def test_which_of_several_graphs_is_meant_is_not_guessed(tmp_path):
    folder = write_files(tmp_path / "checkpoint", ["onnx/model_fp16.onnx", "onnx/model_q4.onnx"])
    with pytest.raises(ValueError, match=r"GM024.*\['onnx/model_fp16.onnx', 'onnx/model_q4.onnx'\]"):
        locate_graph(folder, None)


@pytest.mark.parametrize("name", ["model.onnx", "onnx", "../checkpoint/onnx/a.onnx", "model.safetensors", ""])
def test_a_graph_that_is_not_there_is_told(tmp_path, name):
    folder = write_files(tmp_path / "checkpoint", ["model.safetensors", "onnx/a.onnx"])
    with pytest.raises(ValueError, match=rf"GM023.*{folder}.*'{name}'.*\['onnx/a.onnx'\]"):
        locate_graph(folder, name)


GRAPHS = ["model.onnx", "onnx/model.onnx", "onnx/model.onnx_data", "onnx/model_q4.onnx", "old/model.onnx"]


@pytest.mark.parametrize(
    "remote, call, fetched",
    [
        (["model.safetensors", *GRAPHS], ("owner/name", None, None), ["model.safetensors"]),
        (GRAPHS, ("owner/name", None, None), GRAPHS[:3]),
        (GRAPHS[1:], ("owner/name", None, None), GRAPHS[1:3]),
        (["model.safetensors", *GRAPHS], ("owner/name", None, "onnx/model.onnx"), GRAPHS[1:3]),
        (GRAPHS, ("owner/name", "v1", "onnx/model_q4.onnx"), ["onnx/model_q4.onnx"]),
    ],
)
def test_graphs_are_fetched_where_they_are_asked_for_or_there_is_nothing_else(
    tmp_path, cache, remote, call, fetched
):
    folder = write_files(tmp_path / "remote", [*NEEDED, *set(USELESS) - set(GRAPHS), *remote])
    with serve({"owner/name": {"main": folder, "v1": folder}}) as hub:
        ((error, found),) = locate_in_subprocess(cache, [call], HF_ENDPOINT=hub.url)
    assert error is None, found
    assert sorted(hub.fetched) == files_in(Path(found)) == sorted([*NEEDED, *fetched])
