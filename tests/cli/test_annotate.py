"""Annotate: each input to each output with the embedded model, and what stops it."""

import json

import pytest
import spacy
from spacy.tokens import DocBin

ADA = "Ada Lovelace was born in London."
MARIE = "Marie Curie lived in Paris."


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
    rows = [line.split(maxsplit=5) for line in result.stdout.splitlines()]
    assert [(row[0], row[1], row[4], row[5]) for row in rows] == [
        ("doc", "task", "label", "text"),
        ("1", "entities", "person", "Ada Lovelace"),
        ("1", "entities", "city", "London"),
        ("2", "entities", "person", "Marie Curie"),
        ("2", "entities", "city", "Paris"),
    ]
    assert result.stderr == (
        "2 documents, 4 results, 2 windows, 0 skipped queries, 0 truncated words, 0 misaligned spans, "
        "0 failed\n"
    )


def test_relations_and_answers(run, texts):
    arguments = (
        "--labels",
        "person,city",
        "--relations",
        "born in",
        "--question",
        "In which city was she born?",
    )
    result = run("annotate", texts, *arguments, "--format", "jsonl")
    assert result.exit_code == 0, result.output
    first = json.loads(result.stdout.splitlines()[0])
    assert list(first) == ["text", "entities", "relations", "answers"]
    assert [(each["head"]["text"], each["label"], each["tail"]["text"]) for each in first["relations"]] == [
        ("Ada Lovelace", "born in", "London")
    ]
    (answer,) = first["answers"]
    assert answer["text"] == ADA[answer["start"] : answer["end"]] == "London"


ALL_TASKS = (
    *("--labels", "person", "--relations", "knows", "--question", "Who?", "--summarize"),
    *("--prompt", "verbs=Find verbs", "--clean", "--classes", "news", "--threshold", "0"),
    *("--set", "nested=true", "--set", "relation_threshold=0", "--set", "answer_threshold=0"),
    *("--set", "summary_threshold=0", "--set", "prompt_threshold=0", "--set", "class_threshold=0"),
)


@pytest.mark.parametrize("processes", [1, 2])
def test_every_task_has_its_results(run, jsonl, checkpoint, processes):
    # The weights are random, but where every span is good enough each task finds some.
    source = jsonl({"text": "Ada met Bob"}, {"text": "Eve met Ann"})
    arguments = ("annotate", source, "--model", checkpoint, *ALL_TASKS, "--n-process", processes)
    lines = run(*arguments, "--format", "jsonl").stdout.splitlines()
    keys = ["text", "entities", "relations", "answers", "summary", "prompts", "classes", "clean_text"]
    assert [list(json.loads(line)) for line in lines] == [keys, keys]
    table = run(*arguments).stdout.splitlines()
    shown = {line.split()[1] for line in table[1:]}
    assert shown >= {"entities", "relations", "answers", "summary", "prompts", "clean"}


def test_every_task_is_kept_in_docs(run, jsonl, checkpoint, tmp_path):
    output = tmp_path / "out.spacy"
    run("annotate", jsonl({"text": "Ada met Bob"}), "--model", checkpoint, *ALL_TASKS, "--output", output)
    (doc,) = DocBin().from_disk(output).get_docs(spacy.blank("en").vocab)
    assert {*doc.spans} == {"entities", "answers", "summary", "verbs", "clean"}
    assert doc._.relations and doc._.clean_text and "news" in doc.cats


def test_open_entities(run, texts):
    result = run("annotate", texts, "--open-entities", "--format", "jsonl")
    assert ("Ada Lovelace", "person") in found(result.stdout)[0]


def test_settings_of_a_text_come_before_options(run, jsonl):
    own = {"labels": [], "questions": ["Where did she live?"], "answer_threshold": 0}
    source = jsonl({"text": ADA}, {"text": MARIE, "gliner": own})
    result = run("annotate", source, "--labels", "person", "--format", "jsonl")
    first, second = map(json.loads, result.stdout.splitlines())
    assert list(first) == ["text", "entities"]
    assert list(second) == ["text", "gliner", "answers"]
    assert "Paris" in [answer["text"] for answer in second["answers"]]
    # What comes out can be put in again.
    again = run("annotate", jsonl(first, second), "--labels", "person", "--format", "jsonl")
    assert again.stdout == result.stdout


def test_skipped_queries_are_counted(run, texts):
    with pytest.warns(UserWarning, match="GM052"):
        result = run("annotate", texts, "--relations", "knows")
    assert result.exit_code == 0
    assert " 2 skipped queries," in result.stderr


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
    too_long = {"text": "word " * 400, "gliner": {"on_overflow": "raise"}}
    source = jsonl({"text": ADA}, too_long, {"text": "a" * 1_000_001}, {"text": MARIE})
    result = run("annotate", source, "--labels", "city", "--format", "jsonl", "--n-process", processes)
    assert result.exit_code == 1
    assert found(result.stdout) == [[("London", "city")], [("Paris", "city")]]
    assert "[GM107] Left out text 3, because 'tokenizer' failed: [E088]" in result.stderr
    assert "2 documents, 2 results, 2 windows, " in result.stderr
    assert " 2 failed" in result.stderr
    if processes == 1:  # what worker processes write passes the runner by
        assert "[GM107] Left out text 2, because 'gliner_multitask' failed: [GM012]" in result.stderr


@pytest.mark.parametrize(
    "arguments, code",
    [
        (("missing.txt", "--labels", "person", "--model", "no-such-model"), "GM110"),
        (("in.csv", "--labels", "person"), "GM100"),
        (("in.txt",), "GM106"),
        (("in.txt", "--labels", " , "), "GM106"),
        (("-",), "GM106"),
        (("in.txt", "--labels", "person,person"), "GM003"),
        (("in.txt", "--labels", "person", "--model", "no-such-model"), "GM020"),
        (("in.txt", "--labels", "person", "--lang", "xyz"), "E048"),
        (("in.txt", "--labels", "person", "--output", "missing/out.jsonl"), "GM105"),
        (("bad.jsonl", "--labels", "person"), "GM101"),
        (("own.jsonl", "--labels", "person"), "GM102"),
        (("in.txt", "--labels", "person", "--classes", "news,letter"), "GM054"),
        (("in.txt", "--prompt", "Find verbs"), "GM111"),
        (("in.txt", "--prompt", "answers=Find verbs"), "GM050"),
        (("in.txt", "--set", "labels"), "GM111"),
        (("in.txt", "--set", "no_setting=1"), "GM009"),
    ],
)
def test_mistakes_are_told_before_anything_is_written(run, texts, tmp_path, monkeypatch, arguments, code):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.csv").write_text(ADA)
    (tmp_path / "bad.jsonl").write_text(f'{{"text": "{ADA}"}}\nno json\n')
    (tmp_path / "own.jsonl").write_text(f'{{"text": "{ADA}", "gliner": {{"thresholds": {{"city": 1}}}}}}')
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
