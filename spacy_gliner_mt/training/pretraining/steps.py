"""Steps: the exercises of each step of a run, whatever step it starts with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import spacy
from torch.utils.data import IterableDataset, get_worker_info

from ...settings import Settings
from ...tasks.registry import load_tasks
from ..corpus import make_reference
from ..exercises import Exercise, ExerciseMaker, TrainingReport
from ..lessons import Lesson
from .mixture import Mixture


@dataclass(frozen=True)
class Step:
    """What is learned from in one step, and what became of its texts.

    tasks: names of those that are learned.
    """

    exercises: tuple[Exercise, ...] = ()
    tasks: frozenset[str] = frozenset()
    report: TrainingReport = TrainingReport()

    def __add__(self, other: Step) -> Step:
        return Step(self.exercises + other.exercises, self.tasks | other.tasks, self.report + other.report)


class Steps(IterableDataset):
    """All steps of one process. What a step holds depends on its number alone, so that a resumed
    run goes on as it would have gone on, and so do several workers.

    mixture: of texts.
    maker: of exercises.
    batch_size: texts of each step.
    first, end: steps of the run.
    rank: number of the process.
    """

    def __init__(
        self,
        mixture: Mixture,
        maker: ExerciseMaker,
        *,
        batch_size: int,
        first: int,
        end: int,
        seed: int,
        rank: int = 0,
    ) -> None:
        self.mixture = mixture
        self.maker = maker
        self.batch_size = batch_size
        self.first = first
        self.end = end
        self.seed = seed
        self.rank = rank
        self._nlp = spacy.blank("xx")
        self._tasks = load_tasks()

    def __iter__(self) -> Iterator[Step]:
        """Every step; or, in one of several workers, its part of them."""
        worker = get_worker_info()
        start, stride = (worker.id, worker.num_workers) if worker else (0, 1)
        for number in range(self.first + start, self.end, stride):
            yield self._make(number)

    def _make(self, number: int) -> Step:
        rng = np.random.default_rng([self.seed, self.rank, number])
        step = Step()
        # A process without anything to learn would leave the others waiting for its gradients.
        while not step.exercises:
            step += self._draw(rng)
        return step

    def _draw(self, rng: np.random.Generator) -> Step:
        settings = Settings()
        entries = self.mixture.draw(self.batch_size, rng)
        docs = [make_reference(self._nlp, *entry, settings.spans_key)[0] for entry in entries]
        lessons = [Lesson.read(doc, settings, self._tasks) for doc in docs]
        exercises, report = self.maker.make(lessons, self.mixture.labels, rng)
        tasks = frozenset(name for lesson in lessons for name in lesson.golds)
        return Step(tuple(exercises), tasks, report)
