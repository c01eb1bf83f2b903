"""Learning: what the component does in training."""

# No postponed annotations: spaCy checks [initialize] against those of `initialize`.
import warnings
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Optional

from spacy.language import Language
from spacy.pipeline import TrainablePipe
from spacy.training import Example, validate_examples, validate_get_examples
from thinc.api import Optimizer
from thinc.types import Floats3d

from ..errors import Errors, Warnings
from ..settings import Labels, Settings
from ..training.exercises import TrainingReport
from ..training.lessons import Lesson
from ..training.loss import Extent
from ..training.optimizer import update_weights
from ..training.trainer import Trainer, compute_loss

# Examples that are looked at for annotation before training starts.
_SAMPLE = 100


class LearningPipe(TrainablePipe):
    """A component that learns what references are annotated with.

    Only references are read. Their own settings, `doc._.gliner`, say what their annotation is
    complete for; without any, the component's settings do.
    """

    trainer: Trainer
    # Whether a sample of the data had any annotation; None before one was looked at.
    _annotated: Optional[bool] = None

    @property
    def training_report(self) -> TrainingReport:
        """What became of the references in all updates so far."""
        return self.trainer.report

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Optional[Language] = None,
        labels: Optional[Labels] = None,
    ) -> None:
        """Load the weights and settle the labels: those given here, else those of the config, else
        those annotated in the examples. There may be none, if every Doc brings its own.

        get_examples (Callable[[], Iterable[Example]]): A sample of the data.
        nlp (Optional[Language]): The pipeline.
        labels (Optional[Labels]): Labels, as `spacy init labels` writes them.
        """
        validate_get_examples(get_examples, f"{type(self).__name__}.initialize")
        if labels is not None:
            self._set_labels(labels)
        elif not self.labels:
            self._set_labels(self._annotated_labels(get_examples()))
        self.model.initialize()
        lessons = self._read_lessons(islice(get_examples(), _SAMPLE))
        self._annotated = any(lesson.golds for lesson in lessons)

    def update(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optional[Optimizer] = None,
        losses: Optional[dict[str, float]] = None,
    ) -> dict[str, float]:
        """Learn from a batch of references, as far as they are annotated.

        examples (Iterable[Example]): A batch.
        drop (float): Probability of all dropout in the network.
        sgd (Optional[Optimizer]): Updates the weights; without it, gradients are added up until
            `finish_update`.
        losses (Optional[dict[str, float]]): To which the loss is added, under the component's name.
        RETURNS (dict[str, float]): The losses.
        RAISES: ValueError where annotation makes no sense, or no example so far had any.
        """
        losses = {} if losses is None else losses
        losses.setdefault(self.name, 0.0)
        examples = list(examples)
        validate_examples(examples, f"{type(self).__name__}.update")
        lessons = self._read_lessons(examples)
        before = self.training_report
        losses[self.name] += self.trainer.update(self.model, lessons, drop)
        self._tell(before)
        if sgd not in (None, False):
            self.finish_update(sgd)
        return losses

    def get_loss(
        self, examples: Iterable[Example], scores: Sequence[Floats3d]
    ) -> tuple[float, list[Floats3d]]:
        """The loss of a batch, and its gradient.

        examples (Iterable[Example]): A batch.
        scores (Sequence[Floats3d]): Logits of the exercises that the next `update` would make of
            it: `trainer.make_exercises`.
        RETURNS (tuple[float, list[Floats3d]]): The loss, and the gradient of each array.
        """
        exercises, _ = self.trainer.make_exercises(self.model, self._read_lessons(examples))
        return compute_loss(self.trainer.loss, exercises, scores, Extent.of(exercises))

    def finish_update(self, sgd: Optimizer) -> None:
        """Update the weights by the gradients of all updates since the last time.

        sgd (Optimizer): The optimizer.
        """
        update_weights(self.model, sgd)

    def _read_lessons(self, examples: Iterable[Example]) -> list[Lesson]:
        settings = Settings(**self.cfg)
        return [Lesson.read(example.reference, settings, self._tasks) for example in examples]

    def _annotated_labels(self, examples: Iterable[Example]) -> list[str]:
        """All labels of entities, and of the span group, in order of appearance; without those of
        Docs that bring their own."""
        docs = [example.reference for example in examples if example.reference._.gliner is None]
        groups = [(*doc.ents, *doc.spans.get(self.cfg["spans_key"], ())) for doc in docs]
        return list(dict.fromkeys(span.label_ for group in groups for span in group))

    def _tell(self, before: TrainingReport) -> None:
        """Warn of what the last update could not use."""
        now = self.training_report
        if not now.exercises and self._annotated is False:
            raise ValueError(Errors.GM087.format(component=self.name, texts=now.texts))
        for message, count in (
            (Warnings.GMW04, "misaligned_spans"),
            (Warnings.GMW05, "cut_spans"),
            (Warnings.GMW06, "unasked_spans"),
            (Warnings.GMW07, "skipped_queries"),
            (Warnings.GMW09, "truncated_words"),
        ):
            if getattr(now, count) > getattr(before, count):
                warnings.warn(message, stacklevel=3)
