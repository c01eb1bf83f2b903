"""The factory: settings are checked when the component is added, weights are not read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from spacy.vocab import Vocab

from spacy_gliner_mt.scoring.scorer import make_scorer
from spacy_gliner_mt.settings import Settings

from .conftest import MakeNlp
from .util import TEXTS, assert_same, bounds


@Language.component("reader", requires=["doc.ents", "doc.spans", "doc._.gliner_report", "span._.score"])
def read(doc):
    return doc


def test_defaults_are_those_of_the_settings():
    nlp = spacy.blank("en")
    component = nlp.add_pipe("gliner_multitask")
    assert component.cfg == Settings.defaults()
    config = nlp.get_pipe_config("gliner_multitask")
    assert {name: config[name] for name in Settings.defaults()} == Settings.defaults()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        # What the config's own check refuses is reported by the name of the setting.
        ({"labels": "person"}, "labels"),
        ({"labels": [1]}, "labels"),
        ({"labels": 5}, "labels"),
        ({"labels": {"person": 1}}, "labels"),
        ({"labels": None}, "labels"),
        ({"labels": ["person", ""]}, "GM002"),
        ({"labels": ["\t "]}, "GM002"),
        ({"labels": {"person": " "}}, "GM002"),
        ({"labels": ["person", "city", "person"]}, "GM003"),
        ({"labels": {"person": "a name", "city": "a name"}}, "GM003"),
        ({"threshold": 1.01}, "GM004"),
        ({"threshold": -0.5}, "GM004"),
        ({"threshold": "high"}, "threshold"),
        ({"thresholds": {"person": 2.0}}, "GM004"),
        ({"thresholds": {"planet": 0.5}}, "GM005"),
        ({"span_score": "max"}, "span_score"),
        ({"existing_ents": "merge"}, "existing_ents"),
        ({"alignment_mode": "loose"}, "alignment_mode"),
        ({"word_splitter": "bpe"}, "word_splitter"),
        ({"on_overflow": "chunk"}, "on_overflow"),
        ({"max_labels_per_pass": 0}, "GM008"),
        ({"window_overlap": -1}, "GM008"),
        ({"window_overlap": 1.5}, "window_overlap"),
        ({"nested": "sometimes"}, "nested"),
        ({"tresholds": {}}, "tresholds"),
    ],
)
def test_bad_settings_are_refused_at_once(make_nlp: MakeNlp, settings: dict[str, Any], message: str):
    with pytest.raises(ValueError, match=message):
        make_nlp(**settings)


def test_errors_show_the_value_and_the_way_out(make_nlp: MakeNlp):
    with pytest.raises(ValueError, match=r"\['planet'\].*\['city', 'person', 'ship'\].*add the labels"):
        make_nlp(thresholds={"planet": 0.5})


@pytest.mark.parametrize("threshold", [0, 1, 0.0, 1.0])
def test_bounds_of_thresholds_are_probabilities_too(make_nlp: MakeNlp, threshold: float):
    component = make_nlp(threshold=threshold, thresholds={"city": threshold}).get_pipe("gliner_multitask")
    assert component.cfg["threshold"] == threshold


def test_adding_the_component_reads_no_weights(make_nlp: MakeNlp, model_config: dict[str, str]):
    nlp = make_nlp(model={**model_config, "checkpoint": "no/such/checkpoint/anywhere"})
    assert nlp.get_pipe("gliner_multitask").model.shims[0]._model is None
    with pytest.raises(ValueError, match="GM020.*no/such/checkpoint/anywhere"):
        nlp("Anna met Bob.")


@pytest.mark.parametrize("how", ["first text", "initialize"])
def test_weights_are_loaded_when_they_are_needed(make_nlp: MakeNlp, how: str):
    nlp = make_nlp()
    model = nlp.get_pipe("gliner_multitask").model
    assert model.shims[0]._model is None
    nlp.initialize() if how == "initialize" else nlp(TEXTS[0])
    assert model.shims[0]._model is not None


def test_checkpoint_may_be_given_as_a_path(make_nlp: MakeNlp, get_nlp: MakeNlp, model_config: dict[str, str]):
    nlp = make_nlp(model={**model_config, "checkpoint": Path(model_config["checkpoint"]).as_posix() + "/"})
    assert_same(nlp.pipe(TEXTS), get_nlp().pipe(TEXTS))


def test_pipeline_from_its_config(make_nlp: MakeNlp):
    nlp = make_nlp(thresholds={"city": 0.4}, nested=True)
    assert_same(type(nlp).from_config(nlp.config).pipe(TEXTS), nlp.pipe(TEXTS))


def test_pipeline_from_sourced_component(make_nlp: MakeNlp):
    nlp = make_nlp()
    nlp.get_pipe("gliner_multitask").add_label("river")
    other = spacy.blank("en")
    other.add_pipe("gliner_multitask", source=nlp)
    assert other.get_pipe("gliner_multitask").labels == ("person", "city", "ship", "river")
    assert_same(other.pipe(TEXTS), nlp.pipe(TEXTS))


def test_two_components_in_one_pipeline(make_nlp: MakeNlp, get_nlp: MakeNlp, model_config: dict[str, str]):
    nlp = make_nlp()
    config = {"labels": ["river"], "threshold": 0.0, "spans_key": "rivers", "model": model_config}
    nlp.add_pipe("gliner_multitask", name="rivers", config=config)
    docs = list(nlp.pipe(TEXTS))
    alone = get_nlp(labels=["river"], threshold=0.0)
    for doc, one, other in zip(docs, get_nlp().pipe(TEXTS), alone.pipe(TEXTS), strict=True):
        assert bounds(doc.spans["entities"]) == bounds(one.spans["entities"])
        assert bounds(doc.spans["rivers"]) == bounds(other.spans["entities"])
    assert {ent.label_ for doc in docs for ent in doc.ents} >= {"city", "river"}
    assert nlp.pipe_labels == {"gliner_multitask": ["person", "city", "ship"], "rivers": ["river"]}


def test_analyze_pipes_knows_what_is_written(make_nlp: MakeNlp):
    nlp = make_nlp()
    nlp.add_pipe("reader")
    analysis = nlp.analyze_pipes()
    assert analysis["problems"]["reader"] == []
    assert analysis["summary"]["gliner_multitask"]["requires"] == []
    assert not analysis["summary"]["gliner_multitask"]["retokenizes"]
    for attribute in ("doc.ents", "doc.spans", "doc._.gliner_report", "span._.score"):
        assert analysis["attrs"][attribute]["assigns"] == ["gliner_multitask"]


def test_analyze_pipes_finds_a_reader_that_comes_too_early(make_nlp: MakeNlp):
    nlp = make_nlp()
    nlp.add_pipe("reader", first=True)
    problems = nlp.analyze_pipes()["problems"]["reader"]
    assert set(problems) >= {"doc.ents", "doc.spans"}


def test_scores_have_weights():
    """Every task's one F counts the same, and they are what the scorer returns."""
    weights = Language.get_factory_meta("gliner_multitask").default_score_weights
    counted = {key: weight for key, weight in weights.items() if weight}
    assert counted == {"ents_f": 0.25, "relations_f": 0.25, "answers_f": 0.25, "summary_rougeL": 0.25}
    assert weights.keys() == make_scorer()([Example(doc := Doc(Vocab(), ["a"]), doc)]).keys()


@pytest.mark.parametrize("language", ["xx", "de", "zh"])
def test_any_language(language: str, model_config: dict[str, str]):
    nlp = spacy.blank(language)
    nlp.add_pipe("gliner_multitask", config={"labels": ["city"], "threshold": 0.0, "model": model_config})
    doc = nlp("Anna lebt in Berlin 北京")
    assert doc.ents
    assert doc._.gliner_report.words == 6
