"""Config: what a file says, and what is wrong with it."""

import sys
from collections import Counter
from pathlib import Path

import pytest

from spacy_gliner_mt.training.synthesis.chat import ChatModel
from spacy_gliner_mt.training.synthesis.config import load_synthesis

EXAMPLE = Path(__file__).parents[3] / "examples" / "synthesize.cfg"
CHAT = '@misc = "spacy-gliner-mt.ChatModel.v1"\nurl = "http://127.0.0.1:1/v1"\nmodel = "tiny"'


FILES = 'texts = "a.txt"\noutput = "b.jsonl"'


def write(tmp_path, synthesis=FILES, model=CHAT):
    path = tmp_path / "synthesis.cfg"
    path.write_text(f"[synthesis]\n{synthesis}\n\n[synthesis.model]\n{model}\n")
    return path


def test_defaults_and_overrides(tmp_path):
    synthesis = load_synthesis(write(tmp_path), {"synthesis.limit": 3, "synthesis.model.model": "big"})
    assert (synthesis.texts, synthesis.output, synthesis.limit) == (Path("a.txt"), Path("b.jsonl"), 3)
    assert isinstance(synthesis.model, ChatModel) and synthesis.model.model == "big"
    assert synthesis.tasks == ["ner", "qa", "relation", "summarization", "open"]


def test_example(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    synthesis = load_synthesis(EXAMPLE, {})
    assert isinstance(synthesis.model, ChatModel)
    assert (EXAMPLE.parents[1] / synthesis.texts).exists()


@pytest.mark.parametrize(
    ("synthesis", "place"),
    [
        ('texts = "a.txt"', r"synthesis\.output"),
        (f"{FILES}\ntaks = []", r"synthesis\.taks"),
        (f'{FILES}\ntasks = ["nerr"]', r"synthesis\.tasks\.0"),
        (f"{FILES}\ntasks = []", r"synthesis\.tasks"),
        (f"{FILES}\nworkers = 0", r"synthesis\.workers"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, synthesis, place):
    with pytest.raises(ValueError, match=rf"GM238.*synthesis\.cfg.*{place}"):
        load_synthesis(write(tmp_path, synthesis), {})


def test_other_configs_are_named(tmp_path):
    path = tmp_path / "other.cfg"
    path.write_text('[nlp]\nlang = "en"\n')
    with pytest.raises(ValueError, match="GM238"):
        load_synthesis(path, {})


def test_spacy_llm_is_asked_for_where_it_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "spacy_llm", None)
    with pytest.raises(ValueError, match=r"GM239.*pip install"):
        load_synthesis(write(tmp_path, model='@llm_models = "spacy.NoOp.v1"'), {})


def test_models_of_spacy_llm(tmp_path):
    pytest.importorskip("spacy_llm")
    output = tmp_path / "out.jsonl"
    path = write(tmp_path, f'texts = "a.txt"\noutput = "{output}"', '@llm_models = "spacy.NoOp.v1"')
    synthesis = load_synthesis(path, {})
    counts = Counter()
    # It says nothing, which is no JSON.
    assert list(synthesis.make_synthesizer().run(["a", "b"], counts)) == ["a", "b"]
    assert counts["texts put aside, as the answer is broken"] == 2
