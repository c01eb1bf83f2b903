"""Settings: every value that makes no sense is refused and named, and one Doc can override them."""

import dataclasses
import math

import numpy as np
import pytest

from spacy_gliner_mt.settings import THRESHOLDS, Settings

CONFIG = {**Settings.defaults(), "labels": ["person", "city"], "threshold": 0.4, "thresholds": {"city": 0.9}}


def thresholds_of(settings):
    return settings.thresholds_of(settings.label_prompts, settings.threshold)


def test_the_defaults_are_valid_and_look_for_nothing():
    assert Settings(**Settings.defaults()).label_prompts == {}


def test_the_defaults_are_made_anew_each_time():
    Settings.defaults()["labels"].append("person")
    Settings.defaults()["thresholds"]["person"] = 1.0
    assert (Settings.defaults()["labels"], Settings.defaults()["thresholds"]) == ([], {})


def test_settings_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().threshold = 0.1


@pytest.mark.parametrize(
    "labels, prompts",
    [
        ([], {}),
        (["person", "city"], {"person": "person", "city": "city"}),
        ({"PER": "name of a person", "LOC": "place"}, {"PER": "name of a person", "LOC": "place"}),
        # A description may be the name of another label.
        ({"a": "b", "b": "a"}, {"a": "b", "b": "a"}),
        ([" person ", "person"], {" person ": " person ", "person": "person"}),
        (["<<ENT>>", "東京", "né"], {"<<ENT>>": "<<ENT>>", "東京": "東京", "né": "né"}),
    ],
)
def test_prompts_keep_the_labels_in_order(labels, prompts):
    settings = Settings(labels=labels)
    assert list(settings.label_prompts.items()) == list(prompts.items())


@pytest.mark.parametrize("labels", ["person", "", None, 5, True])
def test_labels_that_are_no_collection_are_refused(labels):
    with pytest.raises(ValueError, match="GM001") as error:
        Settings(labels=labels)
    assert repr(labels) in str(error.value)


@pytest.mark.parametrize("labels", [(name for name in ["person", "city"]), {"person", "city"}])
def test_labels_without_a_lasting_order_are_refused(labels):
    """The scores depend on the order of the labels, and a generator is empty when read again."""
    with pytest.raises(ValueError, match="GM001"):
        Settings(labels=labels)


@pytest.mark.parametrize("label", ["", " \n", None, 3, b"person", ["person"]])
@pytest.mark.parametrize("kind", [lambda label: ["city", label], lambda label: {"city": "city", "x": label}])
def test_a_label_that_is_blank_or_no_string_is_refused(kind, label):
    with pytest.raises(ValueError, match="GM002") as error:
        Settings(labels=kind(label))
    assert f"holds {label!r}, which is empty" in str(error.value)


@pytest.mark.parametrize("name", ["", " ", 3, None])
def test_a_name_that_is_blank_or_no_string_is_refused(name):
    with pytest.raises(ValueError, match="GM002") as error:
        Settings(labels={name: "description"})
    assert f"holds {name!r}, which is empty" in str(error.value)


@pytest.mark.parametrize(
    "labels", [["city", "person", "city"], {"a": "city", "b": "city", "c": "person"}, ["city", "city"]]
)
def test_repeated_labels_and_descriptions_are_refused(labels):
    with pytest.raises(ValueError, match=r"GM003.*\['city'\]"):
        Settings(labels=labels)


def test_a_threshold_is_the_settings_or_the_checkpoints_or_the_usual_one():
    settings = Settings(threshold=0.0, prompt_threshold=0.7)
    complete = settings.with_thresholds({"threshold": 0.3, "answer_threshold": 0.2})
    assert {name: getattr(complete, name) for name in THRESHOLDS} == {
        **THRESHOLDS,
        "threshold": 0.0,
        "prompt_threshold": 0.7,
        "answer_threshold": 0.2,
    }
    assert complete.with_thresholds({"summary_threshold": 0.9}) == complete
    assert Settings.defaults().keys() >= THRESHOLDS.keys()


@pytest.mark.parametrize("value", [-0.01, 1.01, 2, math.nan, math.inf, "0.5", True, [0.5]])
def test_a_threshold_that_is_no_probability_is_refused(value):
    with pytest.raises(ValueError, match="GM00[47].*'threshold'") as error:
        Settings(threshold=value)
    assert repr(value) in str(error.value)
    with pytest.raises(ValueError, match="GM00[47].*'(city|thresholds)'") as error:
        Settings(labels=["person", "city"], thresholds={"person": 0.5, "city": value})
    assert repr(value) in str(error.value)


def test_thresholds_of_unknown_labels_are_refused():
    with pytest.raises(ValueError, match=r"GM005.*\['LOC', 'town'\].*\['city', 'person'\]"):
        Settings(labels=["person", "city"], thresholds={"town": 0.5, "city": 0.5, "LOC": 0.5})


def test_thresholds_name_labels_not_their_descriptions():
    labels = {"LOC": "place"}
    assert thresholds_of(Settings(labels=labels, thresholds={"LOC": 0.25})).tolist() == [0.25]
    with pytest.raises(ValueError, match=r"GM005.*\['place'\]"):
        Settings(labels=labels, thresholds={"place": 0.25})


def test_thresholds_may_wait_for_labels():
    """Labels can come later, in `initialize` or with a Doc."""
    assert thresholds_of(Settings(thresholds={"city": 0.25})).tolist() == []


@pytest.mark.parametrize(
    "name, value",
    [
        ("span_score", "max"),
        ("span_score", ""),
        ("existing_ents", "Keep"),
        ("alignment_mode", "outside"),
        ("word_splitter", "whitespace"),
        ("on_overflow", "truncate"),
    ],
)
def test_an_unknown_option_is_refused_with_those_that_work(name, value):
    with pytest.raises(ValueError, match=rf"GM007.*'{name}' is {value!r}.*Literal\['"):
        Settings(**{name: value})


@pytest.mark.parametrize(
    "name, options",
    [
        ("span_score", ["min", "mean"]),
        ("existing_ents", ["keep", "overwrite", "score"]),
        ("alignment_mode", ["strict", "contract", "expand"]),
        ("word_splitter", ["regex", "spacy"]),
        ("on_overflow", ["window", "warn", "raise"]),
    ],
)
def test_every_documented_option_is_taken(name, options):
    assert [getattr(Settings(**{name: option}), name) for option in options] == options
    with pytest.raises(ValueError) as error:
        Settings(**{name: "?"})
    assert str(options) in str(error.value)


@pytest.mark.parametrize("value", [0, -1, 2.5, "3", None, math.inf])
def test_labels_of_a_pass_must_be_a_positive_whole_number(value):
    with pytest.raises(ValueError, match="GM00[78].*'max_labels_per_pass'") as error:
        Settings(max_labels_per_pass=value)
    assert f"is {value!r}," in str(error.value)


@pytest.mark.parametrize("value", [-1, 0.5, "0", None])
def test_the_overlap_must_be_a_whole_number(value):
    with pytest.raises(ValueError, match="GM00[78].*'window_overlap'") as error:
        Settings(window_overlap=value)
    assert f"is {value!r}," in str(error.value)


def test_the_least_numbers_and_probabilities_are_taken():
    settings = Settings(
        max_labels_per_pass=1, window_overlap=0, threshold=0, labels=["a"], thresholds={"a": 1}
    )
    assert thresholds_of(settings).tolist() == [1.0]


@pytest.mark.parametrize(
    "name, value",
    [
        ("span_score", None),
        ("existing_ents", None),
        ("alignment_mode", 1),
        ("word_splitter", ["regex"]),
        ("on_overflow", False),
        ("thresholds", [0.5]),
        ("thresholds", None),
        ("nested", "no"),
        ("multi_label", None),
        ("spans_key", 3),
        ("spans_key", None),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(name, value):
    """A Doc's own settings pass no config validation, so nothing else would notice."""
    with pytest.raises(ValueError) as error:
        Settings(**CONFIG).for_doc({name: value})
    assert name in str(error.value) and repr(value) in str(error.value)


def test_label_thresholds_follow_the_labels_order():
    settings = Settings(
        labels={"b": "x", "a": "y", "c": "z"}, threshold=0.5, thresholds={"c": 0.25, "b": 0.75}
    )
    assert thresholds_of(settings).tolist() == [0.75, 0.5, 0.25]
    assert thresholds_of(settings).dtype == np.float32


def test_a_doc_without_settings_has_those_of_the_component():
    assert Settings(**CONFIG).for_doc({}) == Settings(**CONFIG)


def test_a_docs_settings_come_first():
    settings = Settings(**CONFIG).for_doc({"threshold": 0.1, "nested": True})
    assert settings == Settings(**{**CONFIG, "threshold": 0.1, "nested": True})


@pytest.mark.parametrize(
    "doc, thresholds",
    [
        # Thresholds of the component still hold for labels that the Doc asks for too.
        ({"labels": ["city", "date"]}, {"city": 0.9, "date": 0.4}),
        ({"labels": {"city": "a town"}}, {"city": 0.9}),
        ({"labels": ["date"]}, {"date": 0.4}),
        ({"labels": ["city", "date"], "thresholds": {"date": 0.2}}, {"city": 0.9, "date": 0.2}),
        ({"labels": ["city"], "thresholds": {"city": 0.2}}, {"city": 0.2}),
        ({"labels": ["city", "date"], "threshold": 0.3}, {"city": 0.9, "date": 0.3}),
        ({"thresholds": {"person": 0.2, "city": 0.3}}, {"person": 0.2, "city": 0.3}),
    ],
)
def test_a_docs_labels_and_the_components_thresholds(doc, thresholds):
    settings = Settings(**CONFIG).for_doc(doc)
    found = dict(zip(settings.label_prompts, thresholds_of(settings).tolist(), strict=True))
    assert found == pytest.approx(thresholds)


def test_a_docs_labels_need_no_thresholds_in_the_config():
    assert Settings(labels=["person"]).for_doc({"labels": ["city"]}).label_prompts == {"city": "city"}


@pytest.mark.parametrize(
    "doc", ["city", ["city"], 3, {"label": ["city"]}, {"labels": ["city"], "model": None}]
)
def test_what_is_no_mapping_of_settings_is_refused(doc):
    with pytest.raises(ValueError, match="GM009.*'threshold'") as error:
        Settings(**CONFIG).for_doc(doc)
    assert repr(doc) in str(error.value)


@pytest.mark.parametrize(
    "doc, code",
    [
        ({"labels": "city"}, "GM001"),
        ({"labels": [""]}, "GM002"),
        ({"labels": ["a", "a"]}, "GM003"),
        ({"threshold": 2}, "GM004"),
        ({"thresholds": {"date": 0.5}}, "GM005"),
        ({"labels": ["city"], "thresholds": {"date": 0.5}}, "GM005"),
        ({"on_overflow": "skip"}, "GM007"),
        ({"window_overlap": -3}, "GM008"),
    ],
)
def test_a_docs_settings_are_checked_too(doc, code):
    with pytest.raises(ValueError, match=code):
        Settings(**CONFIG).for_doc(doc)


def test_a_doc_leaves_the_components_settings_alone():
    settings = Settings(**CONFIG)
    settings.for_doc({"labels": ["date"], "thresholds": {"date": 0.1}})
    assert settings == Settings(**CONFIG)
