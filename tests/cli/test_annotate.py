"""Annotate: each input to each output with the embedded model, and what stops it."""

import json

import pytest
import spacy
from spacy.tokens import DocBin

ADA = "Ada Lovelace was born in London."
MARIE = "Marie Curie lived in Paris."
TOO_LONG = "word " * 600  # as one label, it leaves no room for a text


@pytest.fixture
def texts(tmp_path):
    path = tmp_path / "in.txt"
    path.write_text(f"{ADA}\n\n{MARIE}\n")
    return path


@pytest.fixture
def jsonl(tmp_path):
    """Write objects, one per line."""

    def write(*objects):
        path = tmp_path / "in.jsonl"
        path.write_text("".join(f"{json.dumps(each)}\n" for each in objects))
        return path

    return write


def found(lines):
    """The texts and labels in lines of JSONL."""
    docs = [json.loads(line) for line in lines.splitlines()]
    return [
        [(doc["text"][entity["start"] : entity["end"]], entity["label"]) for entity in doc["entities"]]
        for doc in docs
    ]


def test_table_on_standard_output(run, texts):
    result = run("annotate", texts, "--labels", "person, city")
    assert result.exit_code == 0, result.output
    rows = [line.split(maxsplit=4) for line in result.stdout.splitlines()]
    assert [(row[0], row[3], row[4]) for row in rows] == [
        ("doc", "label", "text"),
        ("1", "person", "Ada Lovelace"),
        ("1", "city", "London"),
        ("2", "person", "Marie Curie"),
        ("2", "city", "Paris"),
    ]
    summary = "2 documents, 4 spans, 2 windows, 0 truncated words, 0 misaligned spans, 0 failed\n"
    assert result.stderr == summary


def test_standard_input(run):
    result = run("annotate", "-", "--labels", "person", "--format", "jsonl", input=f"{ADA}\n\n{MARIE}")
    assert found(result.stdout) == [[("Ada Lovelace", "person")], [("Marie Curie", "person")]]


def test_quiet_leaves_only_results(run, texts):
    result = run("annotate", texts, "--labels", "person", "--quiet", "--progress")
    assert (result.exit_code, result.stderr) == (0, "")


def test_progress_can_be_forced(run, texts, tmp_path):
    forced = run("annotate", texts, "--labels", "person", "--progress")
    assert "2/2" in forced.stderr
    assert "2/2" not in run("annotate", texts, "--labels", "person").stderr


def test_jsonl_to_jsonl(run, jsonl, tmp_path):
    source = jsonl({"text": ADA, "id": 1}, {"text": MARIE, "labels": {"town": "city"}}, {"text": ""})
    output = tmp_path / "out.jsonl"
    result = run("annotate", source, "--labels", "person", "--output", output)
    assert (result.exit_code, result.stdout) == (0, "")
    assert found(output.read_text()) == [[("Ada Lovelace", "person")], [("Paris", "town")], []]
    assert json.loads(output.read_text().splitlines()[0])["id"] == 1


def test_docs_can_be_annotated_again(run, texts, tmp_path):
    docs = tmp_path / "out.spacy"
    run("annotate", texts, "--labels", "person", "--threshold", "0.01", "--output", docs)
    first, _ = DocBin().from_disk(docs).get_docs(spacy.blank("en").vocab)
    assert "Ada Lovelace" in [span.text for span in first.spans["entities"]]
    assert first._.gliner_report.windows == 1
    again = run("annotate", docs, "--labels", "city", "--format", "jsonl")
    assert found(again.stdout) == [[("London", "city")], [("Paris", "city")]]


def test_html(run, texts, tmp_path):
    run("annotate", texts, "--labels", "person", "--output", tmp_path / "out.html")
    assert (tmp_path / "out.html").read_text().count("<mark") == 2


def test_threshold(run, texts):
    result = run("annotate", texts, "--labels", "person", "--threshold", "1", "--format", "jsonl")
    assert found(result.stdout) == [[], []]


def test_pipeline_with_labels_needs_none(run, texts, tmp_path, model_config):
    config = {"labels": ["person"], "spans_key": "found", "threshold": 0.0, "model": model_config}
    nlp = spacy.blank("en")
    nlp.add_pipe("gliner_multitask", config=config)
    nlp.to_disk(tmp_path / "pipeline")

    def labels(*options):
        result = run("annotate", texts, "--model", tmp_path / "pipeline", "--format", "jsonl", *options)
        return {label for doc in found(result.stdout) for _, label in doc}

    assert labels() == {"person"}
    assert labels("--labels", "city") == {"city"}


@pytest.mark.parametrize("processes", [1, 2])
def test_failing_texts_are_told_and_left_out(run, jsonl, processes):
    source = jsonl(
        {"text": ADA}, {"text": MARIE, "labels": [TOO_LONG]}, {"text": "a" * 1_000_001}, {"text": MARIE}
    )
    result = run("annotate", source, "--labels", "city", "--format", "jsonl", "--n-process", processes)
    assert result.exit_code == 1
    assert found(result.stdout) == [[("London", "city")], [("Paris", "city")]]
    assert "[GM107] Left out text 3, because 'tokenizer' failed: [E088]" in result.stderr
    assert "2 documents, 2 spans, 2 windows, 0 truncated words, 0 misaligned spans, 2 failed" in result.stderr
    if processes == 1:  # what worker processes write passes the runner by
        assert "[GM107] Left out text 2, because 'gliner_multitask' failed: [GM010]" in result.stderr


@pytest.mark.parametrize(
    "arguments, code",
    [
        (("missing.txt", "--labels", "person"), "GM110"),
        (("in.csv", "--labels", "person"), "GM100"),
        (("in.txt",), "GM106"),
        (("in.txt", "--labels", " , "), "GM106"),
        (("-",), "GM106"),
        (("in.txt", "--labels", "person,person"), "GM003"),
        (("in.txt", "--labels", "person", "--model", "no-such-model"), "GM020"),
        (("in.txt", "--labels", "person", "--lang", "xyz"), "E048"),
        (("in.txt", "--labels", "person", "--output", "missing/out.jsonl"), "GM105"),
        (("bad.jsonl", "--labels", "person"), "GM101"),
    ],
)
def test_mistakes_are_told_before_anything_is_written(run, texts, tmp_path, monkeypatch, arguments, code):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.csv").write_text(ADA)
    (tmp_path / "bad.jsonl").write_text(f'{{"text": "{ADA}"}}\nno json\n')
    result = run("annotate", *arguments)
    assert result.exit_code == 1
    assert (result.stdout, result.stderr.count("\n")) == ("", 1)
    assert f"[{code}]" in result.stderr


def test_an_unknown_format_lists_the_known(run, texts):
    result = run("annotate", texts, "--labels", "person", "--format", "xml")
    assert result.exit_code == 2
    assert "jsonl" in result.stderr


def test_bad_standard_input_leaves_an_older_file_alone(run, tmp_path):
    output = tmp_path / "out.jsonl"
    output.write_text("old")
    result = run("annotate", "-", "--labels", "person", "--output", output, input=b"fine\n\xff\n")
    assert result.exit_code == 1
    assert "[GM104] Line 2" in result.stderr
    assert [output.read_text(), *tmp_path.iterdir()] == ["old", output]
