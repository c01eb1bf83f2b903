"""Synthesize: from a config to a corpus."""

import spacy

from spacy_gliner_mt.training.corpus import make_corpus

from ..training.synthesis.chat_server import Step, serve
from ..training.synthesis.util import TEXT, answer


def write_config(tmp_path, chat, texts):
    (tmp_path / "texts.txt").write_text("".join(f"{text}\n" for text in texts))
    path = tmp_path / "synthesis.cfg"
    path.write_text(
        f'[synthesis]\ntexts = "{tmp_path / "texts.txt"}"\noutput = "{tmp_path / "out.jsonl"}"\n\n'
        '[synthesis.model]\n@misc = "spacy-gliner-mt.ChatModel.v1"\nmodel = "tiny"\n'
        f'url = "{chat.url}"\nretries = 0\ntimeout = 5.0\n'
    )
    return path


def test_a_corpus_comes_out(run, tmp_path):
    with serve({TEXT: [Step(answer())], "Oh no.": [Step("Sorry")], "More": [Step(answer())]}) as chat:
        config = write_config(tmp_path, chat, [TEXT, "Oh no.", "More"])
        result = run("synthesize", config, "--synthesis.limit", "2")
    assert result.exit_code == 0, result.output
    assert "1 texts annotated" in result.stdout
    assert "1 texts put aside, as the answer is broken" in result.stdout
    assert set(chat.asked) == {TEXT, "Oh no."}
    tasks = [
        example.reference.user_data["id"]
        for example in make_corpus(tmp_path / "out.jsonl")(spacy.blank("en"))
    ]
    assert len(tasks) == 6
    assert "Sorry" in (tmp_path / "out.rejected.jsonl").read_text()


def test_what_is_missing_is_told_by_the_status(run, tmp_path):
    with serve({TEXT: [Step({}, 500), Step(answer())], "a": [Step("No")]}) as chat:
        config = write_config(tmp_path, chat, [TEXT, "a"])
        first, second = run("synthesize", config), run("synthesize", config)
    assert first.exit_code == 1 and "1 texts without an answer" in first.stdout
    assert second.exit_code == 0 and "1 texts done before" in second.stdout


def test_failures_are_told(run, tmp_path):
    with serve({TEXT: [Step({"error": "bad key"}, 401)]}) as chat:
        config = write_config(tmp_path, chat, [TEXT])
        result = run("synthesize", config)
        assert result.exit_code == 1 and "GM234" in result.stderr and "bad key" in result.stderr
        (tmp_path / "texts.txt").write_text("\n")
        result = run("synthesize", config)
        assert result.exit_code == 1 and "GM240" in result.stderr
        result = run("synthesize", config, "--synthesis.texts", str(tmp_path / "nowhere.txt"))
        assert result.exit_code == 1 and "GM110" in result.stderr
