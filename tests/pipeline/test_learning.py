"""Learning: the component in spaCy's training, alone and beside others."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import spacy
import torch
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from spacy.training import Example
from spacy.training.initialize import init_nlp
from spacy.training.loop import train
from thinc.api import Adam, Config

from spacy_gliner_mt.pipeline.extensions import register_extensions
from spacy_gliner_mt.training.optimizer import make_adamw_v1

from ..models.util import assert_same_logits
from ..training.util import make_example, make_reference, mark
from ..util import read_bundle
from .conftest import MakeNlp

NAME = "gliner_multitask"
LABELS = ["baker", "town", "month", "vessel", "sailor"]
# Written for this test: a text, and its entities by the order of their labels.
PASSAGES = [
    ("Marta Oliveira opened a bakery in {0} in March.", ["Marta Oliveira", "{0}", "March"]),
    ("The ferry Hesperia left {0} before Captain Ruud had signed.", ["Hesperia", "{0}", "Ruud"]),
    ("In June the tug Merganser was sold to a museum in {0}.", ["June", "Merganser", "{0}"]),
    ("Nobody at the meeting in {0} mentioned money.", ["{0}"]),
    ("Bosun Aku Lind drowned off {0} in August.", ["Aku Lind", "{0}", "August"]),
]
KINDS = {
    "Marta Oliveira": "baker",
    "March": "month",
    "June": "month",
    "August": "month",
    "Hesperia": "vessel",
    "Merganser": "vessel",
    "Ruud": "sailor",
    "Aku Lind": "sailor",
}
TOWNS = ["Porto", "Oban", "Gdynia", "Varna"]


def make_examples(**options: Any) -> list[Example]:
    """20 texts of 5 forms."""
    return [
        make_example(
            text.format(town), *((ent.format(town), KINDS.get(ent, "town")) for ent in ents), **options
        )
        for town in TOWNS
        for text, ents in PASSAGES
    ]


@pytest.fixture(autouse=True)
def extensions() -> None:
    register_extensions()


@pytest.fixture
def examples() -> list[Example]:
    return make_examples()


@pytest.fixture
def tiny(make_nlp: MakeNlp, examples: list[Example]) -> Language:
    """A pipeline with the tiny checkpoint, initialized."""
    nlp = make_nlp(labels=LABELS, threshold=0.5)
    nlp.initialize(lambda: examples)
    return nlp


def gradients_of(nlp: Language) -> dict[str, torch.Tensor]:
    parameters = nlp.get_pipe(NAME).model.shims[0]._model.named_parameters()
    return {name: tensor.grad.clone() for name, tensor in parameters if tensor.grad is not None}


def weights_of(nlp: Language) -> dict[str, torch.Tensor]:
    parameters = nlp.get_pipe(NAME).model.shims[0]._model.named_parameters()
    return {name: tensor.detach().clone() for name, tensor in parameters}


def test_overfits_20_examples(examples: list[Example]):
    """The shipped checkpoint, within a minute on one core; it is asked for each label by the name of
    another, so that no checkpoint knows the answers."""
    nlp = spacy.blank("en")
    others = [*LABELS[1:], LABELS[0]]
    nlp.add_pipe(NAME, config={"labels": dict(zip(LABELS, others, strict=True))})
    nlp.initialize(lambda: examples)
    optimizer = make_adamw_v1(1e-3, encoder_factor=0.1, weight_decay=0.0)
    before = nlp.evaluate(examples)["ents_f"]
    for _ in range(20):
        nlp.update(examples, sgd=optimizer)
        if (after := nlp.evaluate(examples)["ents_f"]) == 1.0:
            break
    assert before < 0.8
    assert after == 1.0


@pytest.mark.parametrize("optimizer", [make_adamw_v1, Adam])
def test_learning_lowers_the_loss(tiny: Language, examples: list[Example], optimizer: Any):
    options = {} if optimizer is make_adamw_v1 else {"use_averages": False}
    sgd = optimizer(0.01, **options)
    losses = [tiny.update(examples, sgd=sgd)[NAME] for _ in range(12)]
    assert all(isinstance(loss, float) for loss in losses)
    assert losses[-1] < 0.5 * losses[0]


def test_all_tasks_at_once(make_nlp: MakeNlp):
    """Each of them is answered as annotated after some steps."""
    doc = make_reference("Ada met Bob in Rome.", ("Ada", "person"), ("Bob", "person"), ("Rome", "city"))
    mark(doc, "answers", "Bob", "answer", "Who?")
    mark(doc, "summary", "Ada met Bob", "summary")
    mark(doc, "verbs", "met", "match")
    ada, bob = ({"start": i, "end": i + 3, "text": doc.text[i : i + 3], "label": "person"} for i in (0, 8))
    doc._.relation_data = [{"label": "met", "score": 1.0, "head": ada, "tail": bob}]
    doc.cats = {"meeting": 1.0, "war": 0.0}
    nlp = make_nlp(
        labels=["person", "city"],
        threshold=0.5,
        relations=["met"],
        questions=["Who?"],
        summarize=True,
        summary_threshold=0.5,
        prompts={"verbs": "Verbs:"},
        classes=["meeting", "war"],
    )
    example = Example(nlp.make_doc(doc.text), doc)
    nlp.initialize(lambda: [example])
    optimizer = make_adamw_v1(0.01, encoder_factor=1.0)
    for _ in range(80):
        nlp.update([example], sgd=optimizer)
    found = nlp(doc.text)
    assert [(ent.text, ent.label_) for ent in found.ents] == [(ent.text, ent.label_) for ent in doc.ents]
    for key in ("answers", "summary", "verbs"):
        assert [span.text for span in found.spans[key]] == [span.text for span in doc.spans[key]]
    assert [(rel.head.text, rel.label, rel.tail.text) for rel in found._.relations] == [("Ada", "met", "Bob")]
    assert found.cats["meeting"] > 0.5 > found.cats["war"]
    assert nlp.get_pipe(NAME).training_report.exercises == 80 * 6


def test_update_without_an_optimizer_only_adds_gradients(tiny: Language, examples: list[Example]):
    before = weights_of(tiny)
    component = tiny.get_pipe(NAME)
    losses = component.update(examples[:2])
    losses = component.update(examples[2:4], losses=losses)
    assert losses[NAME] > 0
    assert all(torch.equal(weight, before[name]) for name, weight in weights_of(tiny).items())
    component.finish_update(make_adamw_v1(0.1))
    assert any(not torch.equal(weight, before[name]) for name, weight in weights_of(tiny).items())
    assert gradients_of(tiny) == {}


def test_update_with_an_optimizer_takes_a_step(tiny: Language, examples: list[Example]):
    before = weights_of(tiny)
    tiny.get_pipe(NAME).update(examples[:2], sgd=make_adamw_v1(0.1))
    assert any(not torch.equal(weight, before[name]) for name, weight in weights_of(tiny).items())


def test_accumulated_gradients_are_those_of_one_batch(make_nlp: MakeNlp, examples: list[Example]):
    """As `accumulate_gradient` of `spacy train`: several updates with sgd=False, then one step."""
    gradients = []
    for parts in ([examples], [examples[:7], examples[7:]]):
        nlp = make_nlp(labels=LABELS, sampler={"@misc": "spacy-gliner-mt.LabelSampler.v1", "shuffle": False})
        nlp.initialize(lambda: examples)
        for part in parts:
            nlp.update(part, sgd=False)
        gradients.append(gradients_of(nlp))
    for name, gradient in gradients[0].items():
        torch.testing.assert_close(gradient, gradients[1][name], atol=1e-4, rtol=1e-4)


def test_the_loss_and_its_gradient(tiny: Language, examples: list[Example]):
    """Of the exercises that the next update makes; against finite differences."""
    component = tiny.get_pipe(NAME)
    lessons = component._read_lessons(examples[:2])
    exercises, _ = component.trainer.make_exercises(component.model, lessons)
    scores = component.model.predict([exercise.input for exercise in exercises])
    loss, gradients = component.get_loss(examples[:2], scores)
    assert [gradient.shape for gradient in gradients] == [some.shape for some in scores]
    rng = np.random.default_rng(0)
    for some, gradient in zip(scores, gradients, strict=True):
        cell = tuple(int(rng.integers(size)) for size in some.shape)
        moved = [array.astype(np.float64) for array in scores]
        for array, original in zip(moved, scores, strict=True):
            if original is some:
                array[cell] += 0.01
        difference = component.get_loss(examples[:2], moved)[0] - loss
        assert difference == pytest.approx(0.01 * gradient[cell], rel=0.05, abs=1e-4)
    assert component.update(examples[:2])[NAME] == pytest.approx(loss, rel=1e-5)


def test_dropout_takes_effect(tiny: Language, examples: list[Example]):
    component = tiny.get_pipe(NAME)
    component.trainer.sampler = component.trainer.sampler.__class__(shuffle=False)
    losses = [component.update(examples, drop=drop)[NAME] for drop in (0.0, 0.0, 0.5)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)
    assert losses[0] != pytest.approx(losses[2], rel=1e-3)


@pytest.mark.parametrize(
    "block",
    [
        {"loss": {"@misc": "spacy-gliner-mt.BinaryLoss.v1", "positive_weight": 3.0}},
        {"sampler": {"@misc": "spacy-gliner-mt.LabelSampler.v1", "max_labels": 2}},
        {
            "sampler": {
                "@misc": "spacy-gliner-mt.LabelSampler.v1",
                "descriptions": {"town": ["a place where some people live"]},
                "description_rate": 1.0,
            }
        },
    ],
    ids=["loss", "max_labels", "descriptions"],
)
def test_blocks_of_the_config_take_effect(
    make_nlp: MakeNlp, tiny: Language, examples: list[Example], block: dict[str, Any]
):
    nlp = make_nlp(labels=LABELS, **block)
    assert nlp.update(examples)[NAME] != pytest.approx(tiny.update(examples)[NAME], rel=1e-4)


class TestLabels:
    def test_those_of_the_data(self, make_nlp: MakeNlp, examples: list[Example]):
        nlp = make_nlp(labels=[])
        nlp.initialize(lambda: examples)
        assert sorted(nlp.get_pipe(NAME).labels) == sorted(LABELS)

    def test_docs_that_bring_their_own_add_none(self, make_nlp: MakeNlp):
        examples = [*make_examples(gliner={"labels": LABELS}), make_example("Ada left.", ("Ada", "person"))]
        nlp = make_nlp(labels=[])
        nlp.initialize(lambda: examples)
        assert nlp.get_pipe(NAME).labels == ("person",)
        nlp.update(examples)
        assert nlp.get_pipe(NAME).training_report.exercises == 21


class TestWhatCannotBeLearned:
    """It is told, never dropped in silence."""

    def update(self, nlp: Language, *docs: Doc) -> list[str]:
        """The codes of the warnings of an update."""
        examples = [Example(nlp.make_doc(doc.text), doc) for doc in docs]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            nlp.update(examples, sgd=False)
        return [str(some.message)[1:6] for some in caught if str(some.message).startswith("[GMW")]

    def test_nothing_is_told_where_all_is_well(self, tiny: Language, examples: list[Example]):
        assert self.update(tiny, *(example.reference for example in examples)) == []

    def test_misaligned_spans(self, tiny: Language):
        doc = make_reference("He doesn't sail.")
        doc.ents = [doc.char_span(3, 7, label="vessel")]
        assert self.update(tiny, doc) == ["GMW04"]
        assert tiny.get_pipe(NAME).training_report.misaligned_spans == 1

    def test_spans_longer_than_a_window(self, tiny: Language):
        doc = make_reference("Ada and Bob " * 40)
        doc.spans["entities"] = [doc.char_span(0, len(doc.text) - 1, label="vessel")]
        assert self.update(tiny, doc) == ["GMW05"]

    def test_labels_that_are_not_asked(self, tiny: Language):
        assert self.update(tiny, make_reference("Ada left.", ("Ada", "poet"))) == ["GMW06"]

    def test_labels_that_are_too_long(self, tiny: Language):
        doc = make_reference("Ada left.", gliner={"labels": ["very " * 100]})
        assert self.update(tiny, doc) == ["GMW07"]

    def test_data_without_any_annotation(self, make_nlp: MakeNlp):
        nlp = make_nlp(labels=LABELS)
        examples = [Example(nlp.make_doc("Ada"), nlp.make_doc("Ada")) for _ in range(3)]
        nlp.initialize(lambda: examples)
        with pytest.raises(ValueError, match=r"\[GM087\] None of the 3 references.*'gliner_multitask'"):
            nlp.update(examples)

    def test_some_unannotated_texts_are_fine(self, tiny: Language):
        doc = tiny.make_doc("Ada")
        assert tiny.update([Example(doc, doc)])[NAME] == 0.0
        assert tiny.get_pipe(NAME).training_report.unannotated_texts == 1

    def test_annotation_that_contradicts_itself(self, make_nlp: MakeNlp):
        nlp = make_nlp(labels=LABELS, incorrect_spans_key="no")
        doc = make_reference("Ada left.", ("Ada", "baker"))
        mark(doc, "no", "Ada", "baker")
        with pytest.raises(ValueError, match=r"\[GM085\].*Ada left.*\[GM080\]"):
            nlp.update([Example(nlp.make_doc(doc.text), doc)])

    def test_averages(self, tiny: Language, examples: list[Example]):
        with pytest.warns(UserWarning, match="GMW03"):
            tiny.update(examples[:2], sgd=Adam(0.001, use_averages=True))


def test_wrong_spans_are_unlearned(make_nlp: MakeNlp):
    """Of a text of which nothing else is known."""
    nlp = make_nlp(labels=["town"], threshold=0.0, incorrect_spans_key="no", nested=True)
    doc = make_reference("Ada left Oban.")
    doc.set_ents([], missing=[doc[0:4]])
    mark(doc, "no", "Ada", "town")
    example = Example(nlp.make_doc(doc.text), doc)

    def scores() -> dict[str, float]:
        found = nlp(doc.text)
        group = found.spans["entities"]
        return {span.text: float(score) for span, score in zip(group, group.attrs["scores"], strict=True)}

    before = scores()
    for _ in range(10):
        nlp.update([example], sgd=make_adamw_v1(0.01))
    after = scores()
    assert after["Ada"] < 0.2 * before["Ada"]
    assert nlp.get_pipe(NAME).training_report.spans == 0


CONFIG = """
[paths]
train = null
dev = null

[system]
seed = 1
gpu_allocator = null

[nlp]
lang = "en"
pipeline = ["gliner_multitask"]
batch_size = 8

[components]

[components.gliner_multitask]
factory = "gliner_multitask"
labels = []

[components.gliner_multitask.model]
@architectures = "spacy-gliner-mt.GlinerMultitask.v1"

[corpora]

[corpora.train]
@readers = "spacy.Corpus.v1"
path = ${paths.train}

[corpora.dev]
@readers = "spacy.Corpus.v1"
path = ${paths.dev}

[training]
seed = ${system.seed}
gpu_allocator = ${system.gpu_allocator}
dropout = 0.1
max_steps = 6
eval_frequency = 3
accumulate_gradient = 2

[training.batcher]
@batchers = "spacy.batch_by_sequence.v1"
size = 6

[training.optimizer]
@optimizers = "spacy-gliner-mt.AdamW.v1"
encoder_factor = 0.5

[training.optimizer.learn_rate]
@schedules = "spacy-gliner-mt.warmup_cosine.v1"
initial_rate = 0.01
warmup_steps = 2
total_steps = 6
"""


class TestSpacyTrain:
    """What `spacy train` does, in this process."""

    @pytest.fixture(autouse=True)
    def quiet(self) -> Iterator[None]:
        logger = logging.getLogger("spacy")
        level = logger.level
        logger.setLevel(logging.WARNING)
        yield
        logger.setLevel(level)

    @pytest.fixture
    def corpus(self, tmp_path: Path, examples: list[Example]) -> Path:
        path = tmp_path / "corpus.spacy"
        DocBin(docs=[example.reference for example in examples]).to_disk(path)
        return path

    def train(
        self,
        checkpoint: Path,
        corpus: Path,
        output: Path,
        before: dict[str, Any] | None = None,
        **options: Any,
    ) -> Language:
        """Train from the checkpoint.

        before: config of a component that comes before ours, named "first".
        options: of the section [training].
        """
        config = Config().from_str(CONFIG, interpolate=False)
        config["paths"] = {"train": str(corpus), "dev": str(corpus)}
        config["components"][NAME]["model"]["checkpoint"] = str(checkpoint)
        config["training"].update(options)
        if before is not None:
            config["components"]["first"] = before
            config["nlp"]["pipeline"] = ["first", NAME]
        nlp = init_nlp(config)
        output.mkdir()
        with open(output.parent / "log", "w") as log:
            train(nlp, output, stdout=log, stderr=log)
        return nlp

    def test_alone(self, checkpoint: Path, corpus: Path, tmp_path: Path):
        nlp = self.train(checkpoint, corpus, tmp_path / "output")
        component = nlp.get_pipe(NAME)
        assert component.training_report.texts == 38
        before, after = read_bundle(checkpoint), component.model.shims[0]._model
        moved = [
            not torch.equal(old, new)
            for old, new in zip(before.parameters(), after.parameters(), strict=True)
        ]
        assert sum(moved) > 0.9 * len(moved)

        last = spacy.load(tmp_path / "output" / "model-last")
        assert last.get_pipe(NAME).labels == component.labels
        assert sorted(component.labels) == sorted(LABELS)
        text = "The ferry Hesperia left Oban in June."
        nlp.get_pipe(NAME).cfg["threshold"] = last.get_pipe(NAME).cfg["threshold"] = 0.1
        assert [str(ent) for ent in last(text).ents] == [str(ent) for ent in nlp(text).ents]
        assert spacy.load(tmp_path / "output" / "model-best").meta["performance"]["ents_f"] is not None

    def test_the_checkpoint_is_one_that_gliner_loads(self, checkpoint: Path, corpus: Path, tmp_path: Path):
        from gliner import GLiNER

        nlp = self.train(checkpoint, corpus, tmp_path / "output")
        folder = tmp_path / "output" / "model-last" / NAME / "model"
        assert_same_logits(read_bundle(folder), nlp.get_pipe(NAME).model.shims[0]._model)
        gliner = GLiNER.from_pretrained(str(folder))
        text = "The ferry Hesperia left Oban in June."
        nlp.get_pipe(NAME).cfg["threshold"] = 0.2
        theirs = gliner.predict_entities(text, list(nlp.get_pipe(NAME).labels), threshold=0.2)
        ours = nlp(text).spans["entities"]
        assert [(span.start_char, span.end_char, span.label_) for span in ours] == [
            (entity["start"], entity["end"], entity["label"]) for entity in theirs
        ]
        np.testing.assert_allclose(ours.attrs["scores"], [entity["score"] for entity in theirs], atol=1e-4)

    def test_runs_with_the_same_seed_are_the_same(self, checkpoint: Path, corpus: Path, tmp_path: Path):
        weights = []
        for name in ("one", "two"):
            nlp = self.train(checkpoint, corpus, tmp_path / name)
            weights.append(weights_of(nlp))
        for name, weight in weights[0].items():
            torch.testing.assert_close(weight, weights[1][name], atol=1e-6, rtol=1e-5)

    @pytest.mark.parametrize("annotating", [[], ["first"]])
    def test_beside_a_frozen_component(
        self, checkpoint: Path, corpus: Path, tmp_path: Path, annotating: list[str]
    ):
        source = spacy.blank("en")
        ruler = source.add_pipe("entity_ruler", name="first")
        ruler.add_patterns([{"label": "town", "pattern": "Oban"}])
        source.to_disk(tmp_path / "source")
        nlp = self.train(
            checkpoint,
            corpus,
            tmp_path / "output",
            {"source": str(tmp_path / "source")},
            frozen_components=["first"],
            annotating_components=annotating,
        )
        assert nlp.get_pipe(NAME).training_report.texts == 38
        nlp.get_pipe(NAME).cfg["threshold"] = 1.0
        assert [(ent.text, ent.label_) for ent in nlp("From Oban.").ents] == [("Oban", "town")]

    def test_beside_a_component_that_learns_too(self, checkpoint: Path, corpus: Path, tmp_path: Path):
        """With the same optimizer."""
        nlp = self.train(checkpoint, corpus, tmp_path / "output", {"factory": "ner"})
        assert nlp.get_pipe(NAME).training_report.texts == 38
        losses = nlp.update(make_examples(), sgd=False)
        untrained = spacy.blank("en")
        untrained.add_pipe("ner", name="first")
        untrained.initialize(make_examples)
        assert losses["first"] < 0.9 * untrained.update(make_examples(), sgd=False)["first"]
