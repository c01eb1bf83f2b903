"""Stream: results in order, counts of what came of them, and Docs that keep no traces."""

from spacy_gliner_mt.cli.readers import Record
from spacy_gliner_mt.cli.stream import Stream

TEXTS = [Record("One two three"), Record("", fields={"id": 2}), Record("Four", {"labels": ["animal"]})]


def test_results_are_numbered_and_keep_fields(nlp):
    results = list(Stream(nlp, {}).annotate(TEXTS))
    assert [(result.number, result.doc.text, result.fields) for result in results] == [
        (1, "One two three", None),
        (2, "", {"id": 2}),
        (3, "Four", None),
    ]


def test_settings_of_a_record_come_first(nlp):
    stream = Stream(nlp, {"labels": ["plant"], "threshold": 0.0})
    labels = [{entity["label"] for entity in result.entities} for result in stream.annotate(TEXTS)]
    assert labels == [{"plant"}, set(), {"animal"}]


def test_docs_keep_only_settings_of_their_own(nlp):
    docs = [result.doc for result in Stream(nlp, {"threshold": 0.1}).annotate(TEXTS)]
    assert [doc._.gliner for doc in docs] == [None, None, {"labels": ["animal"]}]


def test_docs_are_taken_as_they_are(nlp):
    doc = nlp.make_doc("One two")
    (result,) = Stream(nlp, {}).annotate([Record(doc)])
    assert result.doc is doc


def test_summary_counts_all_reports(nlp):
    stream = Stream(nlp, {"threshold": 1.0})
    list(stream.annotate([*TEXTS, Record("word " * 100)]))
    # The empty text has no window, and the long one more than one.
    windows = 2 + nlp("word " * 100)._.gliner_report.windows
    assert windows > 3
    assert stream.summary == (
        f"4 documents, 0 spans, {windows} windows, 0 truncated words, 0 misaligned spans, 0 failed"
    )


def test_a_failure_is_told_and_counted(nlp, capsys):
    stream = Stream(nlp, {})
    results = list(stream.annotate([Record("One", {"no setting": 1}), Record("Two")]))
    assert [result.number for result in results] == [2]
    assert stream.failed == 1
    assert "[GM107] Left out text 1, because 'gliner_multitask' failed: [GM009]" in capsys.readouterr().err


def test_a_failed_worker_names_no_texts(nlp, capsys):
    Stream(nlp, {})
    nlp.default_error_handler(None, None, None, ValueError("killed"))
    assert "Left out the rest of a batch, because 'worker' failed: killed" in capsys.readouterr().err
