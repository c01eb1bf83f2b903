"""Scorer: all tasks at once, and as spaCy's commands use it."""

from itertools import chain

import pytest
import spacy
import srsly
from spacy.cli.evaluate import evaluate
from spacy.cli.find_threshold import find_threshold
from spacy.tokens import DocBin
from spacy.training import Example

from spacy_gliner_mt.scoring.scorer import score_tasks

from .util import add_group, find, make_doc

TASKS = ("entities", "relations", "answers", "summary")
TEXTS = ("ada met will", "so he did")


@pytest.fixture
def weights():
    return spacy.blank("en").get_factory_meta("gliner_multitask").default_score_weights


def make_scorer(name):
    return spacy.registry.scorers.get(f"spacy-gliner-mt.{name}.v1")()


def test_component_is_scored_on_all_tasks():
    assert make_scorer("scorer") is score_tasks


def test_every_task_has_a_scorer():
    keys = [make_scorer(f"{task}_scorer")([]) for task in TASKS]
    assert list(chain.from_iterable(keys)) == list(score_tasks([]))


def test_every_score_has_a_weight(weights):
    assert weights.keys() == score_tasks([]).keys()
    assert sum(weight or 0.0 for weight in weights.values()) == 1.0


def test_tasks_without_annotation_have_no_scores():
    reference = make_doc(TEXTS[0])
    add_group(reference, "answers", [find(reference, "ada", span_id="Who?")])
    # Examples may come one by one, and can be read only once.
    scores = score_tasks(iter([Example(make_doc(TEXTS[0]), reference)]), labels=["person"])
    known = {key for key, score in scores.items() if score is not None}
    assert known == {"answers_em", "answers_f", "answers_has_em", "answers_has_f"}


@pytest.fixture(scope="module")
def folder(checkpoint, tmp_path_factory):
    """A pipeline with random weights that does all tasks, and as gold whatever it finds itself: so
    that its thresholds are right where they are, at 0."""
    settings = {
        "labels": ["person", "city"],
        "relations": ["knows"],
        "questions": ["Who met whom?"],
        "summarize": True,
        **{f"{name}threshold": 0.0 for name in ("", "relation_", "answer_", "summary_")},
        "model": {
            "@architectures": "spacy-gliner-mt.GlinerMultitask.v1",
            "checkpoint": str(checkpoint),
        },
    }
    nlp = spacy.blank("xx")
    nlp.add_pipe("gliner_multitask", config=settings)
    folder = tmp_path_factory.mktemp("scorer")
    DocBin(docs=nlp.pipe(TEXTS), store_user_data=True).to_disk(folder / "gold.spacy")
    nlp.to_disk(folder / "pipeline")
    return folder


def test_evaluate_writes_all_scores(folder, weights):
    output = folder / "scores.json"
    evaluate(str(folder / "pipeline"), folder / "gold.spacy", output=output, per_component=True)
    scores = srsly.read_json(output)["gliner_multitask"]
    assert scores.keys() == weights.keys()
    numbers = {key: score for key, score in scores.items() if not key.endswith("per_type")}
    # No question lacks an answer.
    assert numbers.pop("answers_no_acc") is None
    assert set(numbers.values()) == {1.0}


@pytest.mark.parametrize(
    ("threshold", "key"),
    [
        ("threshold", "ents_f"),
        ("relation_threshold", "relations_f"),
        ("answer_threshold", "answers_f"),
        ("summary_threshold", "summary_rougeL"),
    ],
)
def test_thresholds_can_be_found(folder, threshold, key):
    pipeline, gold = str(folder / "pipeline"), folder / "gold.spacy"
    found = find_threshold(pipeline, gold, "gliner_multitask", threshold, key, n_trials=2)
    # Nothing is more probable than 1, so that nothing is found there.
    assert found == (0.0, 1.0, {0.0: 1.0, 1.0: 0.0})
