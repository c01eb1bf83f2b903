"""Writers: the same Docs in each format, and files that are never left half-written."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from spacy.tokens import Doc, DocBin, Span, SpanGroup
from spacy.vocab import Vocab

from spacy_gliner_mt.cli.results import Result
from spacy_gliner_mt.cli.writers import Format, save, write_results
from spacy_gliner_mt.pipeline.extensions import register_extensions
from spacy_gliner_mt.settings import Settings

SETTINGS = Settings(labels=["person", "first name", "odd"], spans_key="found")
WORDS = ["Ada", "Lovelace", "met", "Zoë", "<3", "in", "\n", "Paris"]


@pytest.fixture
def result():
    """A text with a nested pair of spans, as the component leaves it."""
    doc = Doc(Vocab(), words=WORDS)
    spans = [Span(doc, 0, 2, "person"), Span(doc, 0, 1, "first name"), Span(doc, 3, 8, "odd")]
    doc.ents = [spans[0]]
    doc.spans["found"] = SpanGroup(doc, name="found", spans=spans, attrs={"scores": [0.98765, 0.5, 1.0]})
    doc.user_data["key"] = "value"
    return Result(7, doc, SETTINGS, {"id": 1, "text": "old", "entities": "old"})


@pytest.fixture
def empty():
    """A text that the component had nothing to say about."""
    return Result(8, Doc(Vocab(), words=["Nothing"], spaces=[False]), SETTINGS)


@pytest.fixture
def related(result):
    """The first text, with a relation in it."""
    register_extensions()
    place = {"start": 29, "end": 34, "text": "Paris", "label": "city"}
    person = {"start": 0, "end": 12, "text": "Ada Lovelace", "label": "person"}
    result.doc._.relation_data = [{"label": "was in", "score": 0.5, "head": person, "tail": place}]
    return replace(result, settings=replace(SETTINGS, relations=["was in"]))


def write(results, format):
    return b"".join(write_results(results, format))


@pytest.mark.parametrize(
    "name, format",
    [
        ("a.jsonl", Format.jsonl),
        ("a.SPACY", Format.spacy),
        ("a.html", Format.html),
        ("a.txt", Format.table),
        ("a", Format.table),
    ],
)
def test_format_follows_from_the_suffix(name, format):
    assert Format.of(Path(name)) is format


def test_format_is_a_table_without_a_file():
    assert Format.of(None) is Format.table


def test_table_has_one_aligned_row_per_finding(related, empty):
    lines = write([related, empty], Format.table).decode().splitlines()
    assert lines == [
        "  doc  task         start-end   score  label                 text",
        "    7  entities          0-12   0.988  person                Ada Lovelace",
        "    7  entities           0-3   0.500  first name            Ada",
        "    7  entities         17-34   1.000  odd                   Zoë <3 in Paris",
        "    7  relations         0-34   0.500  was in                Ada Lovelace → Paris",
    ]


def test_table_comes_row_by_row(result):
    def results():
        yield result
        raise AssertionError("The second result must not be asked for yet.")

    pieces = write_results(results(), Format.table)
    assert [next(pieces) for _ in range(4)]


def test_jsonl_has_characters_and_keeps_other_keys(result, empty):
    first, second = map(json.loads, write([result, empty], Format.jsonl).splitlines())
    text = result.doc.text
    assert first == {
        "id": 1,
        "text": text,
        "entities": [
            {"start": 0, "end": 12, "text": "Ada Lovelace", "label": "person", "score": 0.9877},
            {"start": 0, "end": 3, "text": "Ada", "label": "first name", "score": 0.5},
            {"start": 17, "end": 34, "text": text[17:34], "label": "odd", "score": 1.0},
        ],
    }
    assert text[17:34] == "Zoë <3 in \n Paris"
    assert second == {"text": "Nothing", "entities": []}


def test_jsonl_is_readable_utf8(result):
    assert "Zoë" in write([result], Format.jsonl).decode()


def test_jsonl_returns_what_utf8_cannot_hold(empty):
    line = write([replace(empty, fields={"half": "\ud83d"})], Format.jsonl)
    assert json.loads(line)["half"] == "\ud83d"


def test_docs_keep_everything(result, empty):
    first, second = DocBin().from_bytes(write([result, empty], Format.spacy)).get_docs(Vocab())
    assert [(ent.text, ent.label_) for ent in first.ents] == [("Ada Lovelace", "person")]
    assert list(first.spans["found"].attrs["scores"]) == [0.98765, 0.5, 1.0]
    assert first.user_data["key"] == "value"
    assert second.text == "Nothing"


def test_html_is_one_page_with_all_docs(result, empty, recwarn):
    page = write([result, empty], Format.html).decode()
    assert page.count("<html") == page.count("</html>") == 1
    assert page.count("<figure") == 2
    assert page.count("<mark") == 1
    assert "&lt;3" in page and "<3" not in page
    assert not recwarn


def test_jsonl_leaves_other_keys_to_the_input(result):
    line = write([replace(result, settings=Settings(summarize=True))], Format.jsonl)
    fields = json.loads(line)
    assert (fields["entities"], fields["summary"]) == ("old", [])


def test_html_has_relations_below_their_text(related, empty):
    page = write([empty, related, empty], Format.html).decode()
    assert page.count("<html") == page.count("<svg") == page.count("was in</textPath>") == 1
    drawn = page.split("</figure>")
    assert ["<svg" in figure for figure in drawn] == [False, True, False, False]
    assert drawn[1].index("<mark") < drawn[1].index("<svg")


def test_html_has_no_relations_that_were_not_asked(related):
    assert "<svg" not in write([replace(related, settings=SETTINGS)], Format.html).decode()


@pytest.mark.parametrize("format", Format)
def test_no_results_are_still_a_file(format):
    assert isinstance(write([], format), bytes)


def test_save_replaces_a_file(tmp_path):
    path = tmp_path / "out.jsonl"
    path.write_text("old")
    save([b"a", b"b"], path)
    assert path.read_bytes() == b"ab"
    assert list(tmp_path.iterdir()) == [path]


def test_save_leaves_the_old_file_where_results_fail(tmp_path):
    def pieces():
        yield b"half"
        raise ValueError("broken")

    path = tmp_path / "out.jsonl"
    path.write_text("old")
    with pytest.raises(ValueError, match="broken"):
        save(pieces(), path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
