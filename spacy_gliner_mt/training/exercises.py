"""Exercises: inputs of the network with what it should answer, made from annotated texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from ..encoding.plan import plan_query
from ..encoding.targets import Targets, align_gold, find_held, make_targets
from ..errors import QueryError
from ..gold import Gold
from ..types import Budget, ModelInput, PieceEncoder, Pieces
from .label_pool import LabelPool
from .lessons import Lesson
from .sampling import Embed, LabelSampler


@dataclass(frozen=True)
class Exercise:
    """One input of the network, and what it should answer."""

    input: ModelInput
    targets: Targets

    def __len__(self) -> int:
        """Subtokens of the input."""
        return len(self.input)


@dataclass(frozen=True)
class TrainingReport:
    """What became of annotated texts in training.

    texts: that were read.
    unannotated_texts: that taught nothing.
    exercises: inputs they were made into.
    spans: right answers that were taught.
    misaligned_spans: that begin or end inside a word of the model, and were masked.
    cut_spans: longer than a window, and masked; or of labels that could not be asked with them.
    unasked_spans: annotated with what the settings do not ask for.
    truncated_words: that no window covered, or that were cut to fit the encoder.
    skipped_queries: that could not be asked.
    """

    texts: int = 0
    unannotated_texts: int = 0
    exercises: int = 0
    spans: int = 0
    misaligned_spans: int = 0
    cut_spans: int = 0
    unasked_spans: int = 0
    truncated_words: int = 0
    skipped_queries: int = 0

    def __add__(self, other: TrainingReport) -> TrainingReport:
        sums = {field.name: getattr(self, field.name) + getattr(other, field.name) for field in fields(self)}
        return TrainingReport(**sums)


@dataclass(frozen=True)
class ExerciseMaker:
    """Makes exercises: knows the sampler and the input side of a network, and no network.

    sampler: of labels.
    encoder: the tokenizer.
    max_words, max_subtokens: of one input.
    embed: vectors of labels, for a sampler of hard negatives.
    """

    sampler: LabelSampler
    encoder: PieceEncoder
    max_words: int
    max_subtokens: int
    embed: Embed | None = None

    def make(
        self, lessons: Sequence[Lesson], pool: LabelPool, rng: np.random.Generator
    ) -> tuple[list[Exercise], TrainingReport]:
        """Make the exercises of texts that are learned from together.

        pool: labels of all texts seen so far, these included.
        """
        golds = [gold for lesson in lessons for gold in lesson.all_golds]
        sampled = iter(self.sampler.sample(golds, pool, rng, self.embed))
        exercises, report = [], TrainingReport()
        for lesson in lessons:
            text = self.encoder.encode(lesson.words.texts)
            unannotated = int(not lesson.golds)
            report += TrainingReport(texts=1, unannotated_texts=unannotated, skipped_queries=lesson.skipped)
            for _ in lesson.all_golds:
                made, of_gold = self._make(next(sampled), lesson, text)
                exercises += made
                report += of_gold
        return exercises, report

    def _make(self, gold: Gold, lesson: Lesson, text: Pieces) -> tuple[list[Exercise], TrainingReport]:
        gold = self.sampler.introduce(gold, lesson.corpus)
        settings = lesson.settings
        budget = Budget(self.max_words, self.max_subtokens, self.sampler.max_labels, settings.window_overlap)
        try:
            plan = plan_query(gold.query, lesson.words, text, self.encoder, budget, settings.on_overflow)
        except QueryError:
            return [], TrainingReport(skipped_queries=1)
        aligned = align_gold(gold, lesson.words)
        spans, wrong = (find_held(some, plan.parts) for some in (aligned.spans, aligned.wrong))
        return [Exercise(part.input, make_targets(aligned, part)) for part in plan.parts], TrainingReport(
            exercises=len(plan.parts),
            spans=int(spans.sum()),
            misaligned_spans=aligned.misaligned,
            cut_spans=int((~spans).sum() + (~wrong).sum()),
            unasked_spans=gold.left_out,
            truncated_words=plan.truncated_words,
        )
