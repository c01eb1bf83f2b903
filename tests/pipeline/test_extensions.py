"""Extension attributes: settings for one Doc, the report, and scores."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Any

import pytest
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span

from spacy_gliner_mt.pipeline.extensions import register_extensions
from spacy_gliner_mt.types import Report

from .conftest import MakeNlp
from .util import LONG_TEXT, TEXTS, assert_same, bounds


@pytest.fixture(params=["getter", "attribute"])
def score_extension(request: pytest.FixtureRequest) -> Iterator[str]:
    """`span._.score` as the package makes it, or as gliner-spacy does, which makes it at import and
    by force."""
    before = Span.get_extension("score") if Span.has_extension("score") else None
    if before:
        Span.remove_extension("score")
    if request.param == "attribute":
        Span.set_extension("score", default=0)
    register_extensions()
    yield request.param
    Span.remove_extension("score")
    if before:
        default, method, getter, setter = before
        # spaCy wants exactly one of them, and takes a None for a default only alone.
        Span.set_extension(
            "score", **({"getter": getter, "setter": setter} if getter else {"default": default})
        )


def _with_settings(nlp: Language, text: str, settings: Any) -> Doc:
    doc = nlp.make_doc(text)
    doc._.gliner = settings
    return doc


def test_score_of_every_span(get_nlp: MakeNlp, score_extension: str):
    nlp = get_nlp(nested=True)
    for doc in nlp.pipe(TEXTS):
        group = doc.spans["entities"]
        assert [span._.score for span in group] == group.attrs["scores"].tolist()
        scores = dict(zip(bounds(group), group.attrs["scores"].tolist(), strict=True))
        assert all(ent._.score == scores[ent.start, ent.end, ent.label_] for ent in doc.ents)


def test_score_of_a_span_made_by_hand(get_nlp: MakeNlp, score_extension: str):
    doc = get_nlp()(TEXTS[0])
    found = doc.spans["entities"][0]
    score = float(doc.spans["entities"].attrs["scores"][0])
    assert Span(doc, found.start, found.end, label=found.label)._.score == score
    assert not Span(doc, found.start, found.start)._.score


@pytest.mark.parametrize("score_extension", ["getter"], indirect=True)
def test_score_depends_on_the_label(get_nlp: MakeNlp, score_extension: str):
    doc = get_nlp(threshold=0.0, multi_label=True)("Rain")
    group = doc.spans["entities"]
    assert len({span._.score for span in group}) == len(group) == 3
    assert Span(doc, 0, 1, label="planet")._.score is None


@pytest.mark.parametrize("score_extension", ["getter"], indirect=True)
def test_score_without_the_component(score_extension: str):
    nlp = Language()
    doc = nlp("Anna met Bob")
    doc.spans["entities"] = [doc[0:1]]
    assert doc[0:1]._.score is None


@pytest.mark.parametrize("score_extension", ["getter"], indirect=True)
def test_score_survives_bytes(get_nlp: MakeNlp, score_extension: str):
    nlp = get_nlp()
    doc = nlp(TEXTS[0])
    copy = Doc(nlp.vocab).from_bytes(doc.to_bytes())
    assert [ent._.score for ent in copy.ents] == [ent._.score for ent in doc.ents] != []


def test_what_others_registered_is_left_alone(get_nlp: MakeNlp):
    before = Doc.get_extension("gliner")
    Doc.set_extension("gliner", default={"labels": ["planet"]}, force=True)
    try:
        doc = get_nlp(threshold=0.0)(TEXTS[0])
        assert Doc.get_extension("gliner")[0] == {"labels": ["planet"]}
    finally:
        Doc.set_extension("gliner", default=before[0], force=True)
    assert {ent.label_ for ent in doc.ents} == {"planet"}


def test_report(get_nlp: MakeNlp):
    nlp = get_nlp()
    assert nlp.make_doc(TEXTS[0])._.gliner_report is None
    assert nlp(TEXTS[0])._.gliner_report == Report(words=10, windows=1, passes=1)
    assert nlp("")._.gliner_report.words == 0
    report = nlp(LONG_TEXT)._.gliner_report
    assert report.windows > 10
    assert report.truncated_words == report.misaligned_spans == 0


def test_report_is_that_of_the_last_run(get_nlp: MakeNlp):
    doc = get_nlp()(TEXTS[0])
    get_nlp(max_labels_per_pass=1).get_pipe("gliner_multitask")(doc)
    assert doc._.gliner_report.passes == 3


def _through_docbin(doc: Doc) -> Doc:
    docs = DocBin(store_user_data=True, docs=[doc]).to_bytes()
    (copy,) = DocBin(store_user_data=True).from_bytes(docs).get_docs(doc.vocab)
    return copy


@pytest.mark.parametrize(
    "copy",
    [
        lambda doc: Doc(doc.vocab).from_bytes(doc.to_bytes()),
        lambda doc: pickle.loads(pickle.dumps(doc)),
        lambda doc: doc.copy(),
        _through_docbin,
    ],
    ids=["bytes", "pickle", "copy", "DocBin"],
)
def test_report_and_settings_are_plain_data(get_nlp: MakeNlp, copy):
    nlp = get_nlp()
    doc = nlp(_with_settings(nlp, TEXTS[0], {"labels": {"river": "a stream"}, "threshold": 0.0}))
    other = copy(doc)
    assert other._.gliner_report == doc._.gliner_report == Report(words=10, windows=1, passes=1)
    assert other._.gliner == {"labels": {"river": "a stream"}, "threshold": 0.0}
    assert bounds(other.spans["entities"]) == bounds(doc.spans["entities"]) != []


@pytest.mark.parametrize(
    "settings",
    [
        {"labels": ["river", "planet"], "threshold": 0.0},
        {"labels": {"river": "a stream of water", "planet": "a thing in the sky"}, "threshold": 0.0},
        {"threshold": 0.6},
        {"thresholds": {"city": 0.9, "ship": 0.05}},
        {"span_score": "mean"},
        {"nested": True},
        {"multi_label": True, "nested": True},
        {"spans_key": "other"},
        {"word_splitter": "spacy"},
        {"max_labels_per_pass": 1, "threshold": 0.05},
        {"window_overlap": 0},
        {"labels": ["river"], "threshold": 0.0, "nested": True, "spans_key": "rivers"},
    ],
    ids=lambda settings: ",".join(settings),
)
@pytest.mark.parametrize("text", [TEXTS[4], LONG_TEXT], ids=["short", "long"])
def test_settings_for_one_doc_are_those_of_the_component(
    get_nlp: MakeNlp, settings: dict[str, Any], text: str
):
    nlp = get_nlp()
    doc = nlp(_with_settings(nlp, text, settings))
    assert_same([doc], [get_nlp(**settings)(text)], settings.get("spans_key", "entities"))
    # The next Doc has the component's again.
    assert_same([nlp(text)], [get_nlp()(text)])


def test_empty_settings_change_nothing(get_nlp: MakeNlp):
    nlp = get_nlp()
    assert_same([nlp(_with_settings(nlp, TEXTS[0], {}))], [nlp(TEXTS[0])])


def test_stream_of_different_labels(get_nlp: MakeNlp):
    """Each Doc is asked for its own labels, whatever else is in its batch."""
    nlp = get_nlp()
    label_sets = [["river"], None, {"a": "first", "b": "second"}, ["x", "y", "z", "city", "person"]]
    asked = [(text, label_sets[i % len(label_sets)]) for i, text in enumerate(TEXTS * 2)]
    docs = [_with_settings(nlp, text, {"labels": labels} if labels else None) for text, labels in asked]
    found = list(nlp.pipe(docs, batch_size=5))
    for doc, (_, labels) in zip(found, asked, strict=True):
        assert {span.label_ for span in doc.spans["entities"]} <= set(
            labels or nlp.pipe_labels["gliner_multitask"]
        )
    assert_same(found, [get_nlp(**({"labels": labels} if labels else {}))(text) for text, labels in asked])


def test_thresholds_of_labels_that_a_doc_does_not_ask_for(get_nlp: MakeNlp):
    nlp = get_nlp(thresholds={"person": 0.9, "city": 0.0})
    doc = nlp(_with_settings(nlp, TEXTS[4], {"labels": ["city", "river"]}))
    expected = get_nlp(labels=["city", "river"], thresholds={"city": 0.0})(TEXTS[4])
    assert_same([doc], [expected])


def test_pipeline_without_labels_of_its_own(get_nlp: MakeNlp):
    nlp = get_nlp(labels=[], threshold=0.0)
    doc = nlp(_with_settings(nlp, TEXTS[0], {"labels": ["river"]}))
    assert_same([doc], [get_nlp(labels=["river"], threshold=0.0)(TEXTS[0])])
    with pytest.raises(ValueError, match="GM006"):
        nlp(TEXTS[0])


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"label": ["river"]}, "GM009.*'label'"),
        ({"labels": ["river"], "model": "other"}, "GM009"),
        (["river"], "GM009"),
        ("river", "GM009"),
        ({"labels": "river"}, "GM001"),
        ({"labels": []}, "GM006"),
        ({"labels": ["river", "river"]}, "GM003"),
        ({"labels": [""]}, "GM002"),
        ({"threshold": 1.5}, "GM004"),
        ({"threshold": "0.5"}, "GM007"),
        ({"threshold": float("nan")}, "GM004"),
        ({"thresholds": {"river": 0.5}}, "GM005"),
        ({"labels": ["river"], "thresholds": {"city": 0.5}}, "GM005"),
        ({"span_score": "max"}, "GM007"),
        ({"on_overflow": "chunk"}, "GM007"),
        ({"existing_ents": None}, "GM007"),
        ({"max_labels_per_pass": 0}, "GM008"),
        ({"max_labels_per_pass": "2"}, "GM007"),
        ({"thresholds": None}, "GM"),
        ({"nested": "no"}, "GM"),
        ({"spans_key": None}, "GM"),
    ],
)
def test_bad_settings_of_a_doc(get_nlp: MakeNlp, settings: Any, code: str):
    nlp = get_nlp()
    with pytest.raises(ValueError, match=code):
        nlp(_with_settings(nlp, TEXTS[0], settings))
    # A failure leaves nothing behind.
    assert_same([nlp(TEXTS[0])], [get_nlp()(TEXTS[0])])
