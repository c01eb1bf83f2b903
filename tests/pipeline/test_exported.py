"""Pipelines that onnxruntime runs: they do what those that torch runs do, but for training."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.training import Example

from spacy_gliner_mt.models.architecture import require_bundle
from spacy_gliner_mt.models.onnx.bundle import OnnxBundle

from ..models.onnx.util import write_export
from ..util import read_bundle
from .conftest import MakeNlp
from .test_serialisation import COMPONENT_ROUTES, NAME, PIPELINE_ROUTES, Route
from .util import LONG_TEXT, TEXTS, assert_same

ARCHITECTURE = "spacy-gliner-mt.GlinerMultitask.v1"


@pytest.fixture(scope="session")
def exported(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny checkpoint as a graph."""
    return write_export(tmp_path_factory.mktemp("exported") / "export", read_bundle(checkpoint))


@pytest.fixture
def make_exported(make_nlp: MakeNlp, exported: Path) -> MakeNlp:
    """Makes pipelines that run it."""
    model = {"@architectures": ARCHITECTURE, "checkpoint": str(exported)}
    return lambda **settings: make_nlp(**{"model": model, **settings})


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"multi_label": True, "nested": True, "threshold": 0.1},
        {"max_labels_per_pass": 2, "threshold": 0.05},
        {"questions": ["Who?"], "summarize": True, "prompts": {"found": "Find all"}},
        {"relations": ["lives in"]},
    ],
    ids=str,
)
def test_the_same_is_found(make_exported: MakeNlp, get_nlp: MakeNlp, settings: dict):
    docs, others = make_exported(**settings).pipe(TEXTS), get_nlp(**settings).pipe(TEXTS)
    assert_same(docs, others)


def test_the_same_is_found_through_windows(make_exported: MakeNlp, get_nlp: MakeNlp):
    doc = make_exported()(LONG_TEXT)
    assert_same([doc], [get_nlp()(LONG_TEXT)])
    assert doc._.gliner_report.windows > 2
    assert doc._.gliner_report == get_nlp()(LONG_TEXT)._.gliner_report


@pytest.mark.parametrize("n_process", [1, 2])
def test_streams_in_processes(make_exported: MakeNlp, get_nlp: MakeNlp, n_process: int):
    nlp = make_exported()
    nlp("The graph is opened here, and its threads stay here.")
    assert_same(nlp.pipe(TEXTS, n_process=n_process, batch_size=3), get_nlp().pipe(TEXTS))


@pytest.mark.parametrize(
    "route", [*PIPELINE_ROUTES, *COMPONENT_ROUTES], ids=lambda route: route.__name__.removeprefix("_through_")
)
def test_equal_output_without_the_folder(
    make_nlp: MakeNlp, get_nlp: MakeNlp, exported: Path, tmp_path: Path, route: Route
):
    lost = shutil.copytree(exported, tmp_path / "lost")
    nlp = make_nlp(model={"@architectures": ARCHITECTURE, "checkpoint": str(lost)})
    nlp.initialize()
    other = route(nlp, tmp_path / "saved")
    shutil.rmtree(lost)
    assert isinstance(require_bundle(other.get_pipe(NAME).model), OnnxBundle)
    assert_same(other.pipe(TEXTS), get_nlp().pipe(TEXTS))


def test_a_named_graph_is_saved_under_its_name(
    make_nlp: MakeNlp, get_nlp: MakeNlp, exported: Path, tmp_path: Path
):
    published = shutil.copytree(exported, tmp_path / "published")
    (published / "onnx").mkdir()
    (published / "model.onnx").rename(published / "onnx" / "model_fp32.onnx")
    (published / "model.onnx").touch()
    model = {"@architectures": ARCHITECTURE, "checkpoint": str(published), "graph": "onnx/model_fp32.onnx"}
    make_nlp(model=model).to_disk(tmp_path / "saved")
    shutil.rmtree(published)
    nlp = spacy.load(tmp_path / "saved")
    assert (tmp_path / "saved" / NAME / "model" / "onnx" / "model_fp32.onnx").is_file()
    assert_same(nlp.pipe(TEXTS), get_nlp().pipe(TEXTS))


def make_examples(nlp: Language) -> list[Example]:
    annotation = {"entities": [(0, 13, "person")]}
    return [Example.from_dict(nlp.make_doc(TEXTS[0]), annotation)]


def test_it_is_initialized_without_training(make_exported: MakeNlp, get_nlp: MakeNlp):
    nlp = make_exported()
    nlp.initialize(lambda: make_examples(nlp))
    assert_same(nlp.pipe(TEXTS), get_nlp().pipe(TEXTS))


def test_it_is_evaluated(make_exported: MakeNlp, get_nlp: MakeNlp):
    scores = [nlp.evaluate(make_examples(nlp))["ents_f"] for nlp in (make_exported(), get_nlp())]
    assert scores[0] == scores[1]


def test_training_is_refused(make_exported: MakeNlp):
    nlp = make_exported()
    optimizer = nlp.initialize(lambda: make_examples(nlp))
    component = nlp.get_pipe(NAME)
    for train in (
        lambda: nlp.update(make_examples(nlp), sgd=optimizer),
        lambda: component.update(make_examples(nlp)),
        lambda: component.get_loss(make_examples(nlp), []),
        lambda: component.finish_update(optimizer),
    ):
        with pytest.raises(ValueError, match=r"GM089.*'model.onnx'.*export-onnx"):
            train()
