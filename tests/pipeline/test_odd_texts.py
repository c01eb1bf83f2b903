"""Texts of which no model was trained on any: nothing fails, and nobody else notices."""

from __future__ import annotations

import pytest
from spacy.tokens import Doc

from spacy_gliner_mt.models.architecture import require_bundle
from spacy_gliner_mt.models.extraction import plan_request
from spacy_gliner_mt.pipeline.inquiry import Inquiry
from spacy_gliner_mt.settings import Settings
from spacy_gliner_mt.tasks.registry import load_tasks

from .conftest import MakeNlp
from .util import TEXTS, assert_same, bounds

ODD = {
    "empty": "",
    "space": " ",
    "blank": " \t\r\n\u00a0\u2003\u3000 ",
    "zero-width": "\u200b\u200c\u200d\ufeff\u2060",
    "zero-width inside": "An\u200bna met\u200d Bob \ufeff.",
    "control": "\x00\x01\x07\x1b[31m\x7f",
    "control inside": "Anna\x00met\x08Bob\x0c.",
    "lone surrogate free": "\ufffd\ufffe\uffff",
    "emoji": "👩‍👩‍👧‍👦🇺🇸👍🏽 Anna 🚀🚀 met ❤️ Bob 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "right to left": "التقى أحمد بسارة في القاهرة. דוד בירושלים",
    "direction marks": "\u202eannA\u202c met \u200fBob\u200e",
    "combining": "Z̸̡̢̛͖͓̟̎͒̐͝a̷l̶g̴o̵ met Bob",
    "Chinese": "安娜在北京遇见了鲍勃。",
    "Japanese": "アンナは東京でボブに会いました。",
    "Thai": "แอนนาพบบ็อบในกรุงเทพ",
    "long word": "a" * 100_000,
    "long run of digits": "1234567890" * 1_000,
    "long run of symbols": "=" * 500,
    "long word inside": f"Anna met {'x' * 5_000} in Rome.",
    "unknown characters": "ⴰⵎⴰⵣⵉⵖ 𓀀𓂀 ㋿ Anna",
    "markers": "<<ENT>> person <<SEP>> [SEP] [CLS] [PAD] [MASK] [UNK] [FLERT] Anna met Bob",
    "nothing but markers": "<<ENT>><<SEP>>[SEP][CLS]",
    "newlines": "Anna\n\n\nmet\r\nBob\u2028in\x85Rome",
}


def _check(doc: Doc) -> None:
    """The annotation is consistent, and can be written and read."""
    group = doc.spans["entities"]
    assert len(group) == len(group.attrs["scores"]) == len(doc.ents)
    assert all(0 <= span.start < span.end <= len(doc) for span in group)
    assert all(0 < score <= 1 for score in group.attrs["scores"])
    copy = Doc(doc.vocab).from_bytes(doc.to_bytes())
    assert bounds(copy.ents) == bounds(doc.ents)
    assert copy._.gliner_report == doc._.gliner_report
    report = doc._.gliner_report
    assert bool(report.words) == bool(report.windows)
    assert bool(group) <= bool(report.words)


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_odd_text_alone_and_among_others(get_nlp: MakeNlp, text: str):
    nlp = get_nlp(threshold=0.01)
    alone = nlp(text)
    assert alone.text == text
    _check(alone)
    docs = list(nlp.pipe([TEXTS[0], text, TEXTS[4], text]))
    assert bounds(docs[1].ents) == bounds(docs[3].ents) == bounds(alone.ents)
    assert_same([docs[0], docs[2]], [nlp(TEXTS[0]), nlp(TEXTS[4])])


@pytest.mark.parametrize(
    ("splitter", "mode"),
    [("regex", "strict"), ("regex", "contract"), ("spacy", "strict"), ("spacy", "expand")],
)
@pytest.mark.filterwarnings("ignore:.*GMW02")
def test_odd_texts_in_one_stream(get_nlp: MakeNlp, splitter: str, mode: str):
    nlp = get_nlp(threshold=0.01, word_splitter=splitter, alignment_mode=mode)
    texts = [text for text in ODD.values() if len(text) < 100_000]
    docs = list(nlp.pipe(texts))
    assert [doc.text for doc in docs] == texts
    assert sum(bool(doc.ents) for doc in docs) > len(texts) / 4
    for doc in docs:
        _check(doc)


@pytest.mark.parametrize("name", ["empty", "space", "blank"])
def test_blank_text_has_nothing(get_nlp: MakeNlp, name: str):
    doc = get_nlp(threshold=0.0)(ODD[name])
    assert doc.ents == ()
    assert bounds(doc.spans["entities"]) == []
    assert doc._.gliner_report.words == 0


@pytest.mark.parametrize(
    "label", ["<<ENT>>", "<<SEP>> person", "[SEP]", "[CLS] city [PAD]", "a\u200bb", "🚢", "船"]
)
def test_odd_labels(get_nlp: MakeNlp, label: str):
    doc = get_nlp(labels=["person", label], threshold=0.0, multi_label=True)("Rain")
    assert [span.label_ for span in doc.spans["entities"]] == ["person", label]
    doc = get_nlp(labels={"person": "p", "odd": label}, threshold=0.0, multi_label=True)("Rain")
    assert [span.label_ for span in doc.spans["entities"]] == ["person", "odd"]


@pytest.mark.parametrize("text", [ODD["markers"], ODD["nothing but markers"], "Anna <<ENT>> Bob", "<<SEP>>"])
def test_markers_in_text_and_labels_are_text(get_nlp: MakeNlp, text: str):
    """What the network reads has one marker for each label and one separator, whatever is spelled."""
    component = get_nlp(labels=["person", "<<ENT>> city", "<<SEP>>[SEP]"]).get_pipe("gliner_multitask")
    doc = get_nlp().make_doc(text)
    inquiry = Inquiry.start(doc, Settings(**component.cfg), load_tasks()).ask(dependent=False)
    (plan,) = plan_request(component.model, inquiry.request)
    markers = require_bundle(component.model).tokenizer.markers
    assert plan.parts
    for part in plan.parts:
        ids = part.input.ids.tolist()
        assert ids.count(markers.label) == len(part.labels)
        assert ids.count(markers.separator) == 1
        for special in (*markers.prefix, *markers.suffix):
            assert ids.count(special) == 1
        assert len(part.input.label_positions) == len(part.labels)


def test_words_in_scripts_without_spaces(get_nlp: MakeNlp):
    nlp = get_nlp()
    assert nlp(ODD["Chinese"])._.gliner_report.words == len(ODD["Chinese"])
    assert nlp(ODD["Thai"])._.gliner_report.words > 10
