"""Convert: each kind of output, what is told, and what stops it."""

import gzip
import json

import spacy
from spacy.tokens import DocBin

from spacy_gliner_mt.training.corpus import make_corpus

CONLL = "Bo\tB-PER\nleft\tO\nRhum\tB-LOC\n\nCy\tB-PER\n"


def write(path, text):
    path.write_text(text)
    return path


def test_jsonl(run, tmp_path):
    result = run("convert", write(tmp_path / "a.txt", CONLL), tmp_path / "b.jsonl", "--format", "conll")
    assert result.exit_code == 0, result.output
    assert result.stdout == "2 records (2 ner), 3 spans, 0 relations, 2 labels\n"
    lines = [json.loads(line) for line in (tmp_path / "b.jsonl").read_text().splitlines()]
    assert lines[1] == {
        "task": "ner",
        "text": "Cy",
        "id": "a-1",
        "labels": ["LOC", "PER"],
        "spans": [[0, 2, "PER"]],
    }


def test_every_output_holds_the_same(run, tmp_path):
    source = write(tmp_path / "a.txt", CONLL)
    for name in ("b.jsonl", "b.jsonl.gz", "b.spacy"):
        assert run("convert", source, tmp_path / name, "-f", "conll").exit_code == 0
    assert gzip.decompress((tmp_path / "b.jsonl.gz").read_bytes()) == (tmp_path / "b.jsonl").read_bytes()
    nlp = spacy.blank("en")
    found = [
        [(ent.text, ent.label_) for example in make_corpus(tmp_path / name)(nlp) for ent in example.y.ents]
        for name in ("b.jsonl", "b.jsonl.gz", "b.spacy")
    ]
    assert found == [[("Bo", "PER"), ("Rhum", "LOC"), ("Cy", "PER")]] * 3
    assert len(DocBin().from_disk(tmp_path / "b.spacy")) == 2


def test_labels_are_renamed(run, tmp_path):
    names = write(tmp_path / "names.json", '{"PER": "person", "LOC": ["place", "where something is"]}')
    source, output = write(tmp_path / "a.txt", CONLL), tmp_path / "b.jsonl"
    assert run("convert", source, output, "-f", "conll", "--names", names).exit_code == 0
    first = json.loads(output.read_text().splitlines()[0])
    assert first["labels"] == ["place", "person"]
    assert first["spans"] == [[0, 2, "person"], [8, 12, "place"]]


def test_what_was_left_out_is_told(run, tmp_path):
    item = {"tokenized_text": ["AdaLov", "x"], "ner": [[0, 0, "person"], [4, 5, "person"]]}
    source = write(tmp_path / "a.json", json.dumps([item]))
    result = run("convert", source, tmp_path / "b.spacy", "-f", "gliner")
    assert result.stdout == (
        "1 records (1 ner), 1 spans, 0 relations, 1 labels\n"
        "      1 entities whose words the text does not have\n"
    )


def test_spans_that_spacy_cannot_hold_are_told(run, tmp_path):
    passage = {"t": "[[Ada|person]]Lov left. [[Bo|person]] too."}
    source = write(tmp_path / "a.jsonl", json.dumps(passage))
    result = run("convert", source, tmp_path / "b.spacy", "-f", "synthetic")
    assert result.stdout.splitlines()[1:] == ["      1 spans widened to whole tokens"]


def test_failures_leave_no_file(run, tmp_path):
    source = write(tmp_path / "a.txt", CONLL + "\nhello world\n")
    for output, format, message in [
        ("b.jsonl", "conll", "GM223"),
        ("b.jsonl", "conl", "GM220"),
        ("b.txt", "conll", "GM225"),
        ("deep/b.jsonl", "conll", "GM105"),
    ]:
        result = run("convert", source, tmp_path / output, "-f", format)
        assert result.exit_code == 1 and message in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt"]
