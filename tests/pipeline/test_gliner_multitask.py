"""The component: labels, thresholds, what is written, and how that meets what is there already."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from shutil import copytree
from typing import Any

import numpy as np
import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example

from .conftest import MakeNlp
from .util import LABELS, LONG_TEXT, TEXTS, assert_same, bounds, mark, overlapping_pairs

MANY_LABELS = [f"kind {number}" for number in range(70)]


@pytest.mark.parametrize("text", ["Satya Nadella runs Microsoft from Redmond."])
def test_embedded_model_finds_a_person(text: str):
    nlp = spacy.blank("en")
    nlp.add_pipe("gliner_multitask", config={"labels": ["person", "chemical element"]})
    doc = nlp(text)
    assert ("Satya Nadella", "person") in [(ent.text, ent.label_) for ent in doc.ents]


# --- labels and thresholds -------------------------------------------------------------------


def test_spans_with_scores_and_entities(get_nlp: MakeNlp):
    docs = list(get_nlp().pipe(TEXTS))
    for doc in docs:
        group = doc.spans["entities"]
        scores = group.attrs["scores"]
        assert scores.shape == (len(group),)
        assert scores.dtype == np.float32
        assert np.all(scores > 0.2)
        assert bounds(group) == sorted(bounds(group))
        assert bounds(doc.ents) == bounds(group)
        assert {span.label_ for span in group} <= set(LABELS)
    assert sum(len(doc.ents) for doc in docs) >= 5


def test_tokens_outside_of_entities_are_outside(get_nlp: MakeNlp):
    doc = get_nlp()(TEXTS[0])
    assert doc.has_annotation("ENT_IOB")
    inside = {token.i for ent in doc.ents for token in ent}
    assert {token.i for token in doc if token.ent_iob_ == "O"} == set(range(len(doc))) - inside != set()


def test_descriptions_are_asked_for_and_names_written(get_nlp: MakeNlp):
    described = {"PER": "person", "GPE": "city", "VEH": "ship"}
    names = {description: name for name, description in described.items()}
    docs = list(get_nlp(labels=described).pipe(TEXTS))
    for doc, plain in zip(docs, get_nlp().pipe(TEXTS), strict=True):
        assert bounds(doc.ents) == [(ent.start, ent.end, names[ent.label_]) for ent in plain.ents]
    assert any(doc.ents for doc in docs)


def test_threshold_must_be_exceeded(get_nlp: MakeNlp):
    doc = get_nlp()(TEXTS[0])
    (lowest, *_) = sorted(doc.spans["entities"].attrs["scores"].tolist())
    for threshold, kept in ((lowest - 1e-3, True), (lowest + 1e-3, False)):
        scores = get_nlp(threshold=threshold)(TEXTS[0]).spans["entities"].attrs["scores"]
        assert np.all(scores > threshold)
        assert bool(np.any(np.isclose(scores, lowest, atol=1e-5))) is kept


def test_thresholds_of_zero_and_one(get_nlp: MakeNlp):
    for doc in get_nlp(threshold=1.0).pipe(TEXTS):
        assert not doc.spans["entities"]
    for doc in get_nlp(threshold=0.0).pipe(TEXTS):
        assert bool(doc.ents) == bool(doc.text.strip())


def test_threshold_of_each_label(get_nlp: MakeNlp):
    limits = {"person": 0.05, "city": 0.6, "ship": 0.25}
    for thresholds in (limits, {"person": 0.05, "city": 0.6}):
        docs = list(get_nlp(threshold=0.25, thresholds=thresholds).pipe(TEXTS))
        spans = [span for doc in docs for span in doc.spans["entities"]]
        scores = np.concatenate([doc.spans["entities"].attrs["scores"] for doc in docs])
        assert all(score > limits[span.label_] for span, score in zip(spans, scores, strict=True))
        assert {"city", "ship"} <= {span.label_ for span in spans}
    silenced = list(get_nlp(thresholds={"city": 1.0}).pipe(TEXTS))
    assert {ent.label_ for doc in silenced for ent in doc.ents} == {"ship"}


def test_equal_thresholds_of_labels_are_the_threshold(get_nlp: MakeNlp):
    each = get_nlp(threshold=1.0, thresholds={label: 0.2 for label in reversed(LABELS)})
    assert_same(each.pipe(TEXTS), get_nlp().pipe(TEXTS))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("threshold", 0.6),
        ("thresholds", {"city": 0.9}),
        ("nested", True),
        ("spans_key", "sc"),
        ("labels", ["person", "city", "river"]),
    ],
)
def test_settings_are_read_on_every_call(make_nlp: MakeNlp, get_nlp: MakeNlp, name: str, value: Any):
    nlp = make_nlp(threshold=0.01)
    before = nlp(TEXTS[4])
    nlp.get_pipe("gliner_multitask").cfg[name] = value
    after = nlp(TEXTS[4])
    key = value if name == "spans_key" else "entities"
    assert_same([after], [get_nlp(**{"threshold": 0.01, name: value})(TEXTS[4])], key)
    if name != "spans_key":
        assert bounds(after.spans["entities"]) != bounds(before.spans["entities"])


def test_no_labels(make_nlp: MakeNlp):
    nlp = make_nlp(labels=[])
    with pytest.raises(ValueError, match=r"GM006.*'gliner_multitask'.*add_label.*doc\._\.gliner"):
        nlp(TEXTS[0])


# --- overlaps, labels of the same span, scores -----------------------------------------------


def test_flat_spans_do_not_overlap(get_nlp: MakeNlp):
    docs = list(get_nlp(threshold=0.05).pipe(TEXTS))
    assert not any(overlapping_pairs(doc.spans["entities"]) for doc in docs)
    assert any(len(doc.spans["entities"]) > 1 for doc in docs)


@pytest.mark.parametrize("multi_label", [False, True])
def test_nested_spans_do_not_cross(get_nlp: MakeNlp, multi_label: bool):
    docs = list(get_nlp(threshold=0.1, nested=True, multi_label=multi_label).pipe(TEXTS))
    pairs = [pair for doc in docs for pair in overlapping_pairs(doc.spans["entities"])]
    assert any(bounds([one])[0][:2] != bounds([other])[0][:2] for one, other in pairs)
    for one, other in pairs:
        outer, inner = sorted((one, other), key=len, reverse=True)
        assert outer.start <= inner.start < inner.end <= outer.end
    assert any((one.start, one.end) == (other.start, other.end) for one, other in pairs) == multi_label


def test_several_labels_of_flat_spans(get_nlp: MakeNlp):
    docs = list(get_nlp(threshold=0.05, multi_label=True).pipe(TEXTS))
    pairs = [pair for doc in docs for pair in overlapping_pairs(doc.spans["entities"])]
    assert pairs
    assert all((one.start, one.end) == (other.start, other.end) for one, other in pairs)
    assert all(one.label != other.label for one, other in pairs)


def test_entities_are_the_best_of_overlapping_spans(get_nlp: MakeNlp):
    docs = list(get_nlp(nested=True, multi_label=True).pipe(TEXTS))
    for doc, flat in zip(docs, get_nlp().pipe(TEXTS), strict=True):
        assert bounds(doc.ents) == bounds(flat.ents)
        assert len(doc.spans["entities"]) >= len(doc.ents)
    assert any(len(doc.spans["entities"]) > len(doc.ents) for doc in docs)


def test_scores_of_both_rules(get_nlp: MakeNlp):
    """The mean of the inside probabilities is never less than the minimum of all probabilities."""
    settings = {"threshold": 0.1, "nested": True, "multi_label": True}
    n_less = 0
    for text in TEXTS:
        least, mean = (
            dict(zip(bounds(doc.spans["entities"]), doc.spans["entities"].attrs["scores"], strict=True))
            for doc in (get_nlp(**settings)(text), get_nlp(span_score="mean", **settings)(text))
        )
        shared = least.keys() & mean.keys()
        assert all(least[span] <= mean[span] + 1e-6 for span in shared)
        n_less += sum(least[span] < mean[span] - 1e-3 for span in shared)
    assert n_less > 10


def test_spans_key(get_nlp: MakeNlp):
    for doc, plain in zip(get_nlp(spans_key="sc").pipe(TEXTS), get_nlp().pipe(TEXTS), strict=True):
        assert set(doc.spans) == {"sc"}
        assert doc.spans["sc"].name == "sc"
        assert bounds(doc.spans["sc"]) == bounds(plain.spans["entities"])
        assert bounds(doc.ents) == bounds(plain.ents)


def test_other_span_groups_stay(get_nlp: MakeNlp):
    nlp = get_nlp()
    doc = nlp.make_doc(TEXTS[0])
    doc.spans["mine"] = [doc[0:1]]
    assert bounds(nlp(doc).spans["mine"]) == [(0, 1, "")]


def test_processing_a_doc_again_changes_nothing(get_nlp: MakeNlp):
    nlp = get_nlp()
    docs = list(nlp.pipe(TEXTS))
    again = [nlp.get_pipe("gliner_multitask")(doc) for doc in nlp.pipe(TEXTS)]
    assert_same(again, docs)


# --- entities that are there already ---------------------------------------------------------


@pytest.mark.parametrize("policy", ["keep", "overwrite", "score"])
@pytest.mark.parametrize("where", ["same", "longer", "shorter", "shifted", "elsewhere"])
@pytest.mark.parametrize("score", [None, 0.9999, 0.0001])
def test_entities_of_a_component_upstream(get_nlp: MakeNlp, policy: str, where: str, score: float | None):
    nlp = get_nlp(existing_ents=policy)
    plain = nlp(TEXTS[4])
    first, second = plain.ents[:2]
    start, end = {
        "same": (first.start, first.end),
        "longer": (first.start, second.start),
        "shorter": (first.start + 1, first.end - 1),
        "shifted": (first.end - 1, second.start),
        "elsewhere": (len(plain) - 1, len(plain)),
    }[where]
    if where in ("longer", "shifted"):
        # Up to the next entity and into it, so that these are two rivals.
        end += 1
    doc = nlp.make_doc(TEXTS[4])
    theirs = mark(doc, start, end, "UPSTREAM", score)
    doc = nlp(doc)
    rivals = [ent for ent in plain.ents if ent.start < end and start < ent.end]
    assert len(rivals) == {"longer": 2, "shifted": 2, "elsewhere": 0}.get(where, 1)
    wins = policy == "keep" or (policy == "score" and score != 0.0001) or not rivals
    kept = [ent for ent in plain.ents if ent not in rivals] if wins else list(plain.ents)
    assert bounds(doc.ents) == sorted([*bounds(kept), *([(start, end, "UPSTREAM")] if wins else [])])
    if wins:
        (ent,) = [ent for ent in doc.ents if ent.label_ == "UPSTREAM"]
        assert (ent.kb_id_, ent.id_) == (theirs.kb_id_, theirs.id_) == ("Q1", "id")
    # The span group holds everything that was found, whatever became of it in doc.ents.
    assert bounds(doc.spans["entities"]) == bounds(plain.spans["entities"])


@pytest.mark.parametrize("policy", ["keep", "overwrite", "score"])
def test_entity_ruler_upstream(make_nlp: MakeNlp, policy: str):
    nlp = make_nlp(existing_ents=policy)
    ruler = nlp.add_pipe("entity_ruler", first=True)
    ruler.add_patterns([{"label": "BRAND", "pattern": "Microsoft"}])
    labels = {ent.text: ent.label_ for ent in nlp(TEXTS[0]).ents}
    assert (labels.get("Microsoft") == "BRAND") == (policy != "overwrite")


@pytest.mark.parametrize("policy", ["keep", "overwrite", "score"])
def test_blocked_tokens_stay_blocked(get_nlp: MakeNlp, policy: str):
    nlp = get_nlp(existing_ents=policy)
    plain = nlp(TEXTS[4])
    blocked = plain.ents[0].end - 1
    doc = nlp.make_doc(TEXTS[4])
    doc.set_ents([], blocked=[doc[blocked : blocked + 1]])
    doc = nlp(doc)
    assert (doc[blocked].ent_iob_, doc[blocked].ent_type_) == ("B", "")
    assert bounds(doc.ents) == bounds(plain.ents[1:])
    assert bounds(doc.spans["entities"]) == bounds(plain.spans["entities"])


def test_scores_of_another_component_decide(
    make_nlp: MakeNlp, get_nlp: MakeNlp, model_config: dict[str, str]
):
    """Two components share a span group, which is that of the latter in the end. The scores of the
    former's entities must count all the same."""
    scores = {}
    for label in ("ship", "city"):
        doc = get_nlp(labels=[label], threshold=0.0)("Rain")
        (scores[label],) = doc.spans["entities"].attrs["scores"].tolist()
    worse, better = sorted(scores, key=scores.__getitem__)
    config = {"labels": [better], "threshold": 0.0, "existing_ents": "score", "model": model_config}
    nlp = make_nlp(labels=[worse], threshold=0.0)
    nlp.add_pipe("gliner_multitask", name="second", config=config)
    doc = nlp("Rain")
    assert scores[worse] < scores[better]
    assert bounds(doc.ents) == [(0, 1, better)]


# --- words and tokens ------------------------------------------------------------------------


def _coarse_doc(nlp: Language, text: str, size: int = 7) -> Doc:
    """A Doc whose tokens are stretches of characters, words or not."""
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    return Doc(nlp.vocab, words=pieces, spaces=[False] * len(pieces))


@pytest.mark.parametrize("mode", ["strict", "contract", "expand"])
def test_tokens_that_are_no_words(get_nlp: MakeNlp, mode: str):
    """Spans come out as `char_span` gives them, and those that cannot are counted."""
    nlp = get_nlp(alignment_mode=mode)
    plain = get_nlp()(TEXTS[4])
    chars = [(span.start_char, span.end_char, span.label_) for span in plain.spans["entities"]]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        doc = nlp(_coarse_doc(nlp, TEXTS[4]))
    expected = [doc.char_span(start, end, label, alignment_mode=mode) for start, end, label in chars]
    # Spans that meet in a token exclude each other.
    best: list[Span] = []
    for _, span in sorted(zip(plain.spans["entities"].attrs["scores"], expected, strict=True), reverse=True):
        if span is not None and not overlapping_pairs([*best, span]):
            best.append(span)
    assert bounds(doc.spans["entities"]) == sorted(bounds(best))
    missed = sum(span is None for span in expected)
    assert doc._.gliner_report.misaligned_spans == missed
    assert any("GMW02" in str(warning.message) for warning in caught) == (missed > 0)
    assert (missed > 0) == (mode == "strict")


@pytest.mark.parametrize(
    ("nested", "multi_label"), [(False, False), (False, True), (True, False), (True, True)]
)
def test_spans_that_meet_in_a_token(get_nlp: MakeNlp, nested: bool, multi_label: bool):
    """Spans of different words can become spans of the same tokens, which are judged once more."""
    nlp = get_nlp(threshold=0.1, span_score="mean", nested=nested, multi_label=multi_label)
    doc = nlp(_coarse_doc(nlp, TEXTS[4], size=30))
    group = doc.spans["entities"]
    assert group
    assert len(set(bounds(group))) == len(group)
    pairs = overlapping_pairs(group)
    if not multi_label:
        assert all((one.start, one.end) != (other.start, other.end) for one, other in pairs)
    if not nested:
        assert all((one.start, one.end) == (other.start, other.end) for one, other in pairs)
    assert not overlapping_pairs(doc.ents)


def test_one_word_per_token(get_nlp: MakeNlp):
    text = "We don't pay 1.1 dollars at   Harland & Co."
    doc = get_nlp(word_splitter="spacy", threshold=0.0)(text)
    assert doc._.gliner_report.words == sum(not token.is_space for token in doc) == 10
    # gliner's regex takes punctuation inside a word for a word.
    assert get_nlp(threshold=0.0)(text)._.gliner_report.words == 14
    assert doc.spans["entities"]


@pytest.mark.parametrize("splitter", ["regex", "spacy"])
def test_doc_made_by_hand(get_nlp: MakeNlp, splitter: str):
    nlp = get_nlp(word_splitter=splitter)
    words = [token.text for token in nlp.make_doc(TEXTS[4])]
    spaces = [bool(token.whitespace_) for token in nlp.make_doc(TEXTS[4])]
    doc = Doc(nlp.vocab, words=words, spaces=spaces)
    assert_same([nlp(doc)], [nlp(TEXTS[4])])


def test_doc_made_by_hand_without_spaces(get_nlp: MakeNlp):
    nlp = get_nlp(threshold=0.0)
    words = ["Anna", "met", "Bob", " ", "in", "Rome", "."]
    doc = nlp(Doc(nlp.vocab, words=words, spaces=[False] * len(words)))
    assert doc.text == "AnnametBob inRome."
    assert doc._.gliner_report.words == 3
    assert doc.ents[0].start == 0
    by_token = get_nlp(threshold=0.0, word_splitter="spacy")(Doc(nlp.vocab, words=words))
    assert by_token._.gliner_report.words == 6


@pytest.mark.parametrize("words", [[], [" "], ["\n", "  "]])
def test_doc_made_by_hand_of_nothing(get_nlp: MakeNlp, words: list[str]):
    nlp = get_nlp(threshold=0.0)
    for splitter in ("regex", "spacy"):
        doc = get_nlp(threshold=0.0, word_splitter=splitter)(Doc(nlp.vocab, words=words))
        assert len(doc) == len(words)
        assert doc.ents == ()
        assert doc._.gliner_report.words == 0
        assert doc.spans["entities"].attrs["scores"].shape == (0,)


# --- long texts and many labels --------------------------------------------------------------


@pytest.mark.parametrize("overlap", [0, 5, 64])
def test_long_text_is_read_through_windows(get_nlp: MakeNlp, overlap: int):
    doc = get_nlp(window_overlap=overlap)(LONG_TEXT)
    report = doc._.gliner_report
    assert report.windows > 5
    assert report.truncated_words == 0
    # No stretch of the text goes unread, and nothing is found twice.
    for part in range(4):
        start, end = len(doc) * part // 4, len(doc) * (part + 1) // 4
        assert any(start <= span.start < end for span in doc.spans["entities"])
    assert len(set(bounds(doc.spans["entities"]))) == len(doc.spans["entities"])
    assert not overlapping_pairs(doc.spans["entities"])


@pytest.mark.parametrize("overlap", [0, 1, 5, 64])
def test_every_word_of_a_long_text_is_decided_on_once(get_nlp: MakeNlp, overlap: int):
    """At a threshold of 0 each word is a span, and no other excludes it."""
    settings = {"threshold": 0.0, "nested": True, "multi_label": True, "word_splitter": "spacy"}
    doc = get_nlp(labels=["person"], window_overlap=overlap, **settings)(" ".join(TEXTS[3:7] * 2))
    assert doc._.gliner_report.windows > 2
    words = [span.start for span in doc.spans["entities"] if len(span) == 1]
    assert words == list(range(len(doc)))


def test_windows_of_one_text_do_not_disturb_the_next(get_nlp: MakeNlp):
    nlp = get_nlp()
    (_, *docs) = nlp.pipe([LONG_TEXT, *TEXTS])
    assert_same(docs, [nlp(text) for text in TEXTS])


def test_long_text_can_be_refused(get_nlp: MakeNlp):
    nlp = get_nlp(on_overflow="raise")
    assert_same([nlp(text) for text in TEXTS[:2]], [get_nlp()(text) for text in TEXTS[:2]])
    with pytest.raises(ValueError, match=r"GM012.* 164 words.*on_overflow"):
        nlp(LONG_TEXT)


def test_long_text_can_be_cut_with_a_warning(get_nlp: MakeNlp):
    nlp = get_nlp(on_overflow="warn")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert_same([nlp(TEXTS[0])], [get_nlp()(TEXTS[0])])
    with pytest.warns(UserWarning, match="GMW01.* 164 words"):
        doc = nlp(LONG_TEXT)
    report = doc._.gliner_report
    assert report.windows == 1
    read = report.words - report.truncated_words
    assert 5 < read < 30
    # What was read is a text of its own.
    end = [token for token in doc if not token.is_space][read - 1]
    assert doc.ents
    assert all(ent.end <= end.i + 5 for ent in doc.ents)


def test_entity_at_the_end_of_a_long_text_keeps_its_place():
    """With the embedded model, which reads 384 words at once."""
    nlp = spacy.blank("en")
    nlp.add_pipe("gliner_multitask", config={"labels": ["person"]})
    filler = "The weather was mild and the harvest of that year was good. " * 60
    doc = nlp(filler + "Satya Nadella works for Microsoft.")
    assert doc._.gliner_report.windows == 3
    start = len(filler)
    assert (start, start + len("Satya Nadella")) in [(ent.start_char, ent.end_char) for ent in doc.ents]


def test_more_labels_than_a_prompt_holds(get_nlp: MakeNlp):
    doc = get_nlp(labels=MANY_LABELS, threshold=0.05)(TEXTS[4])
    # 70 labels of 7 subtokens do not even fit the 128 that the tiny encoder reads.
    assert doc._.gliner_report.passes > 70 / 30
    assert {span.label_ for span in doc.spans["entities"]} <= set(MANY_LABELS)
    assert doc.spans["entities"]
    assert not overlapping_pairs(doc.spans["entities"])


@pytest.mark.parametrize(
    ("n_labels", "at_once", "passes"), [(5, 5, 1), (5, 4, 2), (5, 2, 3), (6, 2, 3), (5, 1, 5)]
)
def test_passes(get_nlp: MakeNlp, n_labels: int, at_once: int, passes: int):
    nlp = get_nlp(labels=["a", "b", "c", "d", "e", "f"][:n_labels], max_labels_per_pass=at_once)
    assert nlp(TEXTS[0])._.gliner_report.passes == passes


def test_passes_are_asked_apart_and_answered_together(get_nlp: MakeNlp):
    """The single word of a text is one span, so that all labels keep their scores: those they have
    when their part of the labels is asked alone, against thresholds of their own."""
    labels = ["a", "b", "c", "d", "e", "f"]
    settings = {"threshold": 0.0, "multi_label": True}
    parts = [get_nlp(labels=part, **settings)("Rain") for part in (["a", "b"], ["c", "d"], ["e", "f"])]
    scores = np.concatenate([part.spans["entities"].attrs["scores"] for part in parts])
    doc = get_nlp(labels=labels, max_labels_per_pass=2, **settings)("Rain")
    assert [span.label_ for span in doc.spans["entities"]] == labels
    np.testing.assert_allclose(doc.spans["entities"].attrs["scores"], scores, atol=1e-5)
    assert [ent.label_ for ent in doc.ents] == [labels[int(np.argmax(scores))]]
    thresholds = {
        label: float(score) * (1.01 if label in "be" else 0.99)
        for label, score in zip(labels, scores, strict=True)
    }
    settings["thresholds"] = thresholds
    doc = get_nlp(labels=labels, max_labels_per_pass=2, **settings)("Rain")
    assert [span.label_ for span in doc.spans["entities"]] == ["a", "c", "d", "f"]


# --- adding and learning labels --------------------------------------------------------------


@pytest.mark.parametrize("labels", [[], ["person"], {"person": "somebody"}])
def test_add_label(make_nlp: MakeNlp, get_nlp: MakeNlp, labels: Any):
    component = make_nlp(labels=labels, threshold=0.0).get_pipe("gliner_multitask")
    assert component.add_label("city") == 1
    assert component.add_label("city") == 0
    assert component.add_label("city", "a big town") == 0
    assert component.add_label("ship", "a vessel") == 1
    assert component.labels == (*labels, "city", "ship")
    described = {**({name: name for name in labels} if isinstance(labels, list) else labels)}
    described |= {"city": "city", "ship": "a vessel"}
    doc = get_nlp().make_doc(TEXTS[4])
    assert_same([component(doc)], [get_nlp(labels=described, threshold=0.0)(TEXTS[4])])


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("",), "GM002"), ((" ",), "GM002"), ((5,), "GM002"), (("x", " "), "GM002"), (("x", "city"), "GM003")],
)
def test_add_bad_label(make_nlp: MakeNlp, arguments: tuple, code: str):
    component = make_nlp().get_pipe("gliner_multitask")
    with pytest.raises(ValueError, match=code):
        component.add_label(*arguments)
    assert component.labels == tuple(LABELS)


def _example(nlp: Language, text: str, *labels: str) -> Example:
    """An example with one entity for each label, but for the last, which is of a span group."""
    doc = nlp.make_doc(text)
    doc.ents = [Span(doc, i, i + 1, label=label) for i, label in enumerate(labels[:-1])]
    doc.spans["entities"] = [Span(doc, 0, 2, label=label) for label in labels[-1:]]
    return Example(nlp.make_doc(text), doc)


def test_labels_of_the_examples(make_nlp: MakeNlp, get_nlp: MakeNlp):
    nlp = make_nlp(labels=[])
    examples = [
        _example(nlp, "Anna met Bob.", "ship", "city", "person"),
        _example(nlp, "x y", "city", "river"),
    ]
    nlp.initialize(lambda: examples)
    component = nlp.get_pipe("gliner_multitask")
    assert component.labels == ("ship", "city", "person", "river")
    assert_same(nlp.pipe(TEXTS), get_nlp(labels=list(component.labels)).pipe(TEXTS))


@pytest.mark.parametrize(
    "labels", [["city", "ship"], ("city", "ship"), {"city": "a town", "ship": "a vessel"}]
)
def test_labels_given_to_initialize(make_nlp: MakeNlp, get_nlp: MakeNlp, labels: Any):
    nlp = make_nlp(threshold=0.0)
    component = nlp.get_pipe("gliner_multitask")
    component.initialize(lambda: [_example(nlp, "x y", "river", "lake")], nlp=nlp, labels=labels)
    assert component.labels == ("city", "ship")
    expected = labels if isinstance(labels, dict) else list(labels)
    assert_same(nlp.pipe(TEXTS), get_nlp(labels=expected, threshold=0.0).pipe(TEXTS))


def test_labels_of_the_config_come_before_those_of_examples(make_nlp: MakeNlp):
    nlp = make_nlp()
    nlp.initialize(lambda: [_example(nlp, "x y", "river", "lake")])
    assert nlp.get_pipe("gliner_multitask").labels == tuple(LABELS)


def test_no_labels_anywhere_may_be_initialized(make_nlp: MakeNlp, get_nlp: MakeNlp):
    nlp = make_nlp(labels=[])
    nlp.initialize()
    assert nlp.get_pipe("gliner_multitask").labels == ()
    doc = nlp.make_doc(TEXTS[0])
    doc._.gliner = {"labels": LABELS}
    assert_same([nlp(doc)], [get_nlp()(TEXTS[0])])


@pytest.mark.parametrize("labels", [["city", "ship"], {"city": "a town", "ship": "a vessel"}])
def test_labels_in_the_initialize_block(make_nlp: MakeNlp, labels: Any):
    nlp = make_nlp()
    nlp.config["initialize"]["components"]["gliner_multitask"] = {"labels": labels}
    nlp.initialize()
    assert nlp.get_pipe("gliner_multitask").label_data == labels


def test_wrong_argument_in_the_initialize_block(make_nlp: MakeNlp):
    nlp = make_nlp()
    nlp.config["initialize"]["components"]["gliner_multitask"] = {"label": ["city"]}
    with pytest.raises(ValueError, match="label"):
        nlp.initialize()


@pytest.mark.parametrize(("labels", "code"), [("city", "GM001"), ([""], "GM002"), (["a", "a"], "GM003")])
def test_bad_labels_given_to_initialize(make_nlp: MakeNlp, labels: Any, code: str):
    nlp = make_nlp()
    component = nlp.get_pipe("gliner_multitask")
    with pytest.raises(ValueError, match=code):
        component.initialize(lambda: [_example(nlp, "x y", "river")], labels=labels)
    assert component.labels == tuple(LABELS)


def test_initialize_wants_examples(make_nlp: MakeNlp):
    with pytest.raises(TypeError, match="E930"):
        make_nlp().get_pipe("gliner_multitask").initialize([])


def test_initialize_keeps_weights_that_are_there(make_nlp: MakeNlp):
    nlp = make_nlp()
    nlp.initialize()
    bundle = nlp.get_pipe("gliner_multitask").model.shims[0]._model
    nlp.initialize()
    assert nlp.get_pipe("gliner_multitask").model.shims[0]._model is bundle


def test_evaluate(get_nlp: MakeNlp):
    nlp = get_nlp()
    gold = list(nlp.pipe(TEXTS))
    scores = nlp.evaluate([Example(nlp.make_doc(doc.text), doc) for doc in gold])
    assert scores["ents_f"] == 1.0
    n_ents = sum(len(doc.ents) for doc in gold)
    gold[0].ents = gold[0].ents[1:]
    scores = nlp.evaluate([Example(nlp.make_doc(doc.text), doc) for doc in gold])
    assert scores["ents_p"] == pytest.approx((n_ents - 1) / n_ents)
    assert scores["ents_r"] == 1.0
    assert set(scores["ents_per_type"]) == {"city", "ship"}


def test_a_checkpoint_has_thresholds_of_its_own(checkpoint: Path, tmp_path: Path):
    folder = tmp_path / "checkpoint"
    copytree(checkpoint, folder)
    config = json.loads((folder / "gliner_config.json").read_text())
    (folder / "gliner_config.json").write_text(json.dumps({**config, "thresholds": {"threshold": 0.3}}))
    model = {"@architectures": "spacy-gliner-mt.GlinerMultitask.v1", "checkpoint": str(folder)}

    def found(own: dict[str, Any] | None = None, **settings: Any) -> list:
        nlp = spacy.blank("en")
        nlp.add_pipe("gliner_multitask", config={"labels": LABELS, "model": model, **settings})
        docs = [nlp.make_doc(text) for text in TEXTS]
        for doc in docs:
            doc._.gliner = own
        return [pair for doc in nlp.pipe(docs) for pair in bounds(doc.spans["entities"])]

    counts = [len(found(threshold=value)) for value in (0.05, 0.3, 0.5)]
    assert counts == sorted(set(counts), reverse=True)
    assert found() == found(threshold=0.3)
    # Those of the component and the Doc come first, None is the checkpoint's again.
    assert found(own={"threshold": 0.05}) == found(threshold=0.05)
    assert found(own={"threshold": None}, threshold=0.05) == found(threshold=0.3)
