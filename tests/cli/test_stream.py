"""Stream: results in order, counts of what came of them, and settings of single texts."""

import pytest

from spacy_gliner_mt.cli.loading import configure, find_component
from spacy_gliner_mt.cli.readers import Record
from spacy_gliner_mt.cli.stream import Stream

TEXTS = [Record("One two three"), Record("", fields={"id": 2}), Record("Four", {"labels": ["animal"]})]


def test_results_are_numbered_and_keep_fields(nlp):
    results = list(Stream(nlp).annotate(TEXTS))
    assert [(result.number, result.doc.text, result.fields) for result in results] == [
        (1, "One two three", None),
        (2, "", {"id": 2}),
        (3, "Four", None),
    ]


def test_settings_of_a_record_come_first(nlp):
    configure(find_component(nlp), {"labels": ["plant"], "threshold": 0.0})
    results = list(Stream(nlp).annotate(TEXTS))
    labels = [{entity["label"] for entity in result.found["entities"]} for result in results]
    assert labels == [{"plant"}, set(), {"animal"}]
    assert [result.doc._.gliner for result in results] == [None, None, {"labels": ["animal"]}]


def test_results_have_what_their_record_asked_for(nlp):
    records = [Record("One"), Record("Two", {"labels": [], "questions": ["Who?"], "spans_key": "own"})]
    assert [list(result.found) for result in Stream(nlp).annotate(records)] == [["entities"], ["answers"]]


@pytest.mark.parametrize("settings", [{"no setting": 1}, {"threshold": 2}, ["labels"]])
def test_settings_that_make_no_sense_are_refused(nlp, settings):
    with pytest.raises(ValueError, match="GM00"):
        Stream(nlp).settings_of(settings)


def test_docs_are_taken_as_they_are(nlp):
    doc = nlp.make_doc("One two")
    (result,) = Stream(nlp).annotate([Record(doc)])
    assert result.doc is doc


def test_summary_counts_all_reports(nlp):
    configure(find_component(nlp), {"threshold": 1.0})
    stream = Stream(nlp)
    no_heads = Record("Five", {"labels": [], "relations": ["near"]})
    with pytest.warns(UserWarning, match="GM052"):
        list(stream.annotate([*TEXTS, Record("word " * 100), no_heads]))
    # The empty text and the one without heads have no window, and the long one more than one.
    windows = 2 + nlp("word " * 100)._.gliner_report.windows
    assert windows > 3
    assert stream.summary == (
        f"5 documents, 0 results, {windows} windows, 1 skipped queries, 0 truncated words, "
        "0 misaligned spans, 0 failed"
    )


def test_results_of_all_tasks_are_counted(nlp):
    settings = {"threshold": 0.0, "questions": ["Who?"], "answer_threshold": 0.0}
    configure(find_component(nlp), settings)
    stream = Stream(nlp)
    (result,) = stream.annotate([Record("One two three")])
    assert {row.task for row in result.rows} == {"entities", "answers"}
    assert f" {len(result.rows)} results," in stream.summary


def test_a_failure_is_told_and_counted(nlp, capsys):
    stream = Stream(nlp)
    results = list(stream.annotate([Record("One", {"no setting": 1}), Record("Two")]))
    assert [result.number for result in results] == [2]
    assert stream.failed == 1
    assert "[GM107] Left out text 1, because 'gliner_multitask' failed: [GM009]" in capsys.readouterr().err


def test_a_failed_worker_names_no_texts(nlp, capsys):
    Stream(nlp)
    nlp.default_error_handler(None, None, None, ValueError("killed"))
    assert "Left out the rest of a batch, because 'worker' failed: killed" in capsys.readouterr().err
