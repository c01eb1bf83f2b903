"""Saving and loading: by every route, without the checkpoint the weights came from."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.language import Language
from spacy.training import Example

from .conftest import MakeNlp
from .util import LABELS, TEXTS, assert_same

NAME = "gliner_multitask"
# Each setting as it is not by default.
SETTINGS = {
    "threshold": 0.02,
    "thresholds": {"city": 0.03, "ship": 0.01},
    "span_score": "mean",
    "nested": True,
    "multi_label": True,
    "spans_key": "sc",
    "existing_ents": "score",
    "alignment_mode": "contract",
    "word_splitter": "spacy",
    "max_labels_per_pass": 2,
    "window_overlap": 3,
    "on_overflow": "warn",
}


def _through_disk(nlp: Language, folder: Path) -> Language:
    nlp.to_disk(folder)
    return spacy.load(folder)


def _through_bytes(nlp: Language, _: Path) -> Language:
    return type(nlp).from_config(nlp.config).from_bytes(nlp.to_bytes())


def _through_pickle(nlp: Language, _: Path) -> Language:
    return pickle.loads(pickle.dumps(nlp))


def _through_component_bytes(nlp: Language, _: Path) -> Language:
    other = type(nlp).from_config(nlp.config)
    other.get_pipe(NAME).from_bytes(nlp.get_pipe(NAME).to_bytes())
    return other


def _through_component_disk(nlp: Language, folder: Path) -> Language:
    nlp.get_pipe(NAME).to_disk(folder)
    other = type(nlp).from_config(nlp.config)
    other.get_pipe(NAME).from_disk(folder)
    return other


def _through_component_pickle(nlp: Language, _: Path) -> Language:
    component = pickle.loads(pickle.dumps(nlp.get_pipe(NAME)))
    other = Language(component.vocab)
    other.tokenizer = nlp.tokenizer
    other._components.append((NAME, component))
    return other


PIPELINE_ROUTES = [_through_disk, _through_bytes, _through_pickle]
COMPONENT_ROUTES = [_through_component_disk, _through_component_bytes, _through_component_pickle]
Route = Callable[[Language, Path], Language]


def _name(value: Any) -> str | None:
    return getattr(value, "__name__", "").removeprefix("_through_") or None


@pytest.fixture
def lost_checkpoint(checkpoint: Path, tmp_path: Path) -> Path:
    """A copy of the tiny checkpoint, to be deleted."""
    return shutil.copytree(checkpoint, tmp_path / "lost")


@pytest.mark.parametrize("route", [*PIPELINE_ROUTES, *COMPONENT_ROUTES], ids=_name)
def test_equal_output_without_the_checkpoint(
    make_nlp: MakeNlp, model_config: dict[str, str], lost_checkpoint: Path, tmp_path: Path, route: Route
):
    nlp = make_nlp(model={**model_config, "checkpoint": str(lost_checkpoint)})
    nlp.initialize()
    other = route(nlp, tmp_path / "saved")
    shutil.rmtree(lost_checkpoint)
    assert_same(other.pipe(TEXTS), nlp.pipe(TEXTS))


@pytest.mark.parametrize("route", [_through_disk, _through_bytes, _through_component_bytes], ids=_name)
def test_saving_a_pipeline_that_was_never_used(
    make_nlp: MakeNlp, model_config: dict[str, str], lost_checkpoint: Path, tmp_path: Path, route: Route
):
    other = route(make_nlp(model={**model_config, "checkpoint": str(lost_checkpoint)}), tmp_path / "saved")
    shutil.rmtree(lost_checkpoint)
    assert_same(other.pipe(TEXTS), make_nlp().pipe(TEXTS))


def test_initializing_a_loaded_pipeline_needs_no_checkpoint(
    make_nlp: MakeNlp, model_config: dict[str, str], lost_checkpoint: Path, tmp_path: Path
):
    nlp = make_nlp(model={**model_config, "checkpoint": str(lost_checkpoint)})
    other = _through_disk(nlp, tmp_path / "saved")
    shutil.rmtree(lost_checkpoint)
    other.initialize()
    assert_same(other.pipe(TEXTS), nlp.pipe(TEXTS))


def test_saving_loads_the_weights_or_says_why_not(make_nlp: MakeNlp, tmp_path: Path):
    nlp = make_nlp(model={"@architectures": "spacy-gliner-mt.GlinerMultitask.v1", "checkpoint": "gone"})
    for save in (nlp.to_bytes, nlp.get_pipe(NAME).to_bytes, lambda: nlp.to_disk(tmp_path)):
        with pytest.raises(ValueError, match="GM020.*'gone'"):
            save()


def test_saved_weights_are_a_checkpoint(make_nlp: MakeNlp, model_config: dict[str, str], tmp_path: Path):
    nlp = make_nlp()
    nlp.to_disk(tmp_path)
    other = make_nlp(model={**model_config, "checkpoint": str(tmp_path / NAME / "model")})
    assert_same(other.pipe(TEXTS), nlp.pipe(TEXTS))


def test_saving_over_what_was_loaded(make_nlp: MakeNlp, get_nlp: MakeNlp, tmp_path: Path):
    make_nlp().to_disk(tmp_path)
    nlp = spacy.load(tmp_path)
    nlp.to_disk(tmp_path)
    assert_same(nlp.pipe(TEXTS), get_nlp().pipe(TEXTS))
    assert_same(spacy.load(tmp_path).pipe(TEXTS), get_nlp().pipe(TEXTS))


def test_what_is_saved_is_saved_alike_again(make_nlp: MakeNlp, tmp_path: Path):
    nlp = _through_disk(make_nlp(**SETTINGS), tmp_path / "first")
    nlp.to_disk(tmp_path / "second")
    for path in (tmp_path / "first").rglob("*"):
        if path.is_file() and path.name in ("config.cfg", "cfg", "gliner_config.json", "model.safetensors"):
            assert (
                path.read_bytes() == (tmp_path / "second" / path.relative_to(tmp_path / "first")).read_bytes()
            )


@pytest.mark.parametrize("route", PIPELINE_ROUTES, ids=_name)
def test_settings_survive(make_nlp: MakeNlp, tmp_path: Path, route: Route):
    nlp = make_nlp(**SETTINGS)
    other = route(nlp, tmp_path)
    settings = other.get_pipe(NAME).cfg
    assert {name: settings[name] for name in SETTINGS} == SETTINGS
    assert_same(other.pipe(TEXTS), nlp.pipe(TEXTS), "sc")


@pytest.fixture(scope="module")
def saved(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pipeline with another label than its config's, and a threshold for one of those."""
    folder = tmp_path_factory.mktemp("saved")
    nlp = spacy.blank("en")
    model = {"@architectures": "spacy-gliner-mt.GlinerMultitask.v1", "checkpoint": str(checkpoint)}
    config = {"labels": LABELS, "threshold": 0.2, "thresholds": {"city": 0.3}, "model": model}
    nlp.add_pipe(NAME, config=config).add_label("river")
    nlp.to_disk(folder)
    return folder


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("threshold", 0.6),
        ("thresholds.city", 0.9),
        ("spans_key", "other"),
        ("nested", True),
        ("word_splitter", "spacy"),
    ],
)
def test_settings_given_when_loading_win(saved: Path, get_nlp: MakeNlp, name: str, value: Any):
    nlp = spacy.load(saved, config={f"components.{NAME}.{name}": value})
    setting, *key = name.split(".")
    given = {setting: {key[0]: value} if key else value}
    assert nlp.get_pipe(NAME).cfg[setting] == given[setting]
    expected = get_nlp(**{"labels": [*LABELS, "river"], "thresholds": {"city": 0.3}, **given})
    assert_same(nlp.pipe(TEXTS), expected.pipe(TEXTS), given.get("spans_key", "entities"))


def test_labels_given_when_loading_win_over_learned_ones(saved: Path, tmp_path: Path):
    nlp = spacy.load(saved, config={f"components.{NAME}.labels": ["city", "lake"]})
    assert nlp.get_pipe(NAME).labels == ("city", "lake")
    # What is saved then is what was given.
    nlp.to_disk(tmp_path)
    assert spacy.load(tmp_path).get_pipe(NAME).labels == ("city", "lake")


def test_labels_given_when_loading_must_fit_the_thresholds(saved: Path):
    with pytest.raises(ValueError, match=r"GM005.*\['city'\]"):
        spacy.load(saved, config={f"components.{NAME}.labels": ["lake"]})


def test_bad_settings_given_when_loading(saved: Path):
    with pytest.raises(ValueError, match="GM004"):
        spacy.load(saved, config={f"components.{NAME}.threshold": 2.0})


def _add_labels(nlp: Language) -> None:
    nlp.get_pipe(NAME).add_label("river", "a stream")
    nlp.get_pipe(NAME).add_label("amount in $", "money: like $5")


def _initialize(nlp: Language) -> None:
    nlp.config["initialize"]["components"][NAME] = {"labels": ["ship", "river"]}
    nlp.initialize()


@pytest.mark.parametrize(
    ("labels", "learn"),
    [
        ([], _add_labels),
        (LABELS, _add_labels),
        (LABELS, _initialize),
        ({"ship": "a boat", "city": "b"}, _add_labels),
    ],
)
@pytest.mark.parametrize("route", PIPELINE_ROUTES, ids=_name)
def test_learned_labels_survive(
    make_nlp: MakeNlp, tmp_path: Path, route: Route, labels: Any, learn: Callable
):
    nlp = make_nlp(labels=labels, threshold=0.0)
    learn(nlp)
    other = route(nlp, tmp_path)
    assert other.get_pipe(NAME).label_data == nlp.get_pipe(NAME).label_data
    # In this order, too: it is that of the prompt.
    assert other.get_pipe(NAME).labels == nlp.get_pipe(NAME).labels
    assert_same(other.pipe(TEXTS), nlp.pipe(TEXTS))


ODD_LABELS = [
    "amount in $",
    "$5",
    "100 %",
    "%(x)s",
    "date: of birth",
    "a=b",
    "# number",
    "; remark",
    "[bracket]",
    "<<ENT>>",
    'a "quoted" one',
    "it's",
    "back\\slash",
    "a.b",
    " padded ",
    "two\nlines",
    "Stadt ü 市 🏙",
    "null",
    "1",
    "@kind",
]


def _check_that_labels_survive(nlp: Language, labels: Any, folder: Path) -> None:
    assert nlp.get_pipe(NAME).label_data == labels
    for part in ("once", "twice"):
        nlp = _through_disk(nlp, folder / part)
        assert nlp.get_pipe(NAME).label_data == labels
        assert nlp.get_pipe(NAME).labels == tuple(labels)


@pytest.mark.parametrize("labels", [["city", label] for label in ODD_LABELS[:2]] + [ODD_LABELS[2:]], ids=str)
def test_labels_survive_whatever_they_spell(make_nlp: MakeNlp, tmp_path: Path, labels: list[str]):
    _check_that_labels_survive(make_nlp(labels=labels), labels, tmp_path)


@pytest.mark.parametrize("first", [0, 2])
def test_descriptions_survive_whatever_they_spell(make_nlp: MakeNlp, tmp_path: Path, first: int):
    labels = {f"kind {index}": label for index, label in enumerate(ODD_LABELS[first:])}
    _check_that_labels_survive(make_nlp(labels=labels), labels, tmp_path)


@pytest.mark.parametrize("label", ODD_LABELS)
def test_names_with_descriptions_survive_or_are_refused(make_nlp: MakeNlp, tmp_path: Path, label: str):
    """In a config these names are keys, where not all can stand. They never become something else."""
    labels = {"city": "a town", label: "another thing"}
    try:
        nlp = make_nlp(labels=labels)
    except ValueError as error:
        assert label in (
            "date: of birth",
            "a=b",
            "# number",
            "; remark",
            "[bracket]",
            " padded ",
            "two\nlines",
            "@kind",
        )
        assert label.strip("@ ") in str(error) or repr(label) in str(error)
    else:
        _check_that_labels_survive(nlp, labels, tmp_path)


@pytest.mark.parametrize("labels", [LABELS, {"ship": "a vessel", "city": "a town"}], ids=["list", "dict"])
def test_label_data_is_what_initialize_takes(make_nlp: MakeNlp, labels: Any):
    data = json.loads(json.dumps(make_nlp(labels=labels).get_pipe(NAME).label_data))
    nlp = make_nlp(labels=[])
    doc = nlp.make_doc("x y z")
    nlp.get_pipe(NAME).initialize(lambda: [Example(doc, doc)], labels=data)
    assert nlp.get_pipe(NAME).label_data == labels


@pytest.mark.parametrize("part", ["vocab", "model", "cfg"])
def test_parts_can_be_left_out(make_nlp: MakeNlp, get_nlp: MakeNlp, tmp_path: Path, part: str):
    nlp = make_nlp()
    component = nlp.get_pipe(NAME)
    component.add_label("river")
    component.to_disk(tmp_path / "saved", exclude=[part])
    assert not (tmp_path / "saved" / part).exists()
    other = make_nlp()
    other.get_pipe(NAME).from_disk(tmp_path / "saved", exclude=[part])
    other.get_pipe(NAME).from_bytes(component.to_bytes(exclude=[part]), exclude=[part])
    assert other.get_pipe(NAME).labels == (*LABELS, *([] if part == "cfg" else ["river"]))
    assert_same(other.pipe(TEXTS), (get_nlp() if part == "cfg" else nlp).pipe(TEXTS))


def test_two_components_keep_their_own(make_nlp: MakeNlp, model_config: dict[str, str], tmp_path: Path):
    nlp = make_nlp()
    config = {"labels": ["lake"], "threshold": 0.0, "spans_key": "lakes", "model": model_config}
    nlp.add_pipe("gliner_multitask", name="lakes", config=config).add_label("river")
    other = _through_disk(nlp, tmp_path)
    assert other.get_pipe(NAME).labels == tuple(LABELS)
    assert other.get_pipe("lakes").labels == ("lake", "river")
    assert_same(other.pipe(TEXTS), nlp.pipe(TEXTS), "lakes")
