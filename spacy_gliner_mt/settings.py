"""The component's settings: checked once, frozen, and overridable for one Doc."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, Optional, Union, get_args, get_type_hints

import numpy as np

from .errors import Errors
from .types import Floats, SpanScore

Labels = Union[list[str], dict[str, str]]
Relations = Union[list[str], dict[str, list[list[str]]]]
Alignment = Literal["strict", "contract", "expand"]
ExistingEnts = Literal["keep", "overwrite", "score"]
Heads = Literal["own", "ents"]
Overflow = Literal["window", "warn", "raise"]
Splitter = Literal["regex", "spacy"]
Tails = Literal["free", "overlap", "exact"]
TemplateSet = Literal["paper", "card", "gliner"]

# Span groups that have a meaning of their own.
ANSWERS, SUMMARY, CLEAN = "answers", "summary", "clean"
# Kinds of entities that most texts have: small models do not know what a "named entity" is.
OPEN_LABELS = (
    "person",
    "organization",
    "location",
    "event",
    "product",
    "work of art",
    "date",
    "quantity",
    "nationality",
    "language",
    "law",
    "profession",
)
_LIMITS = ("sentences", "words", "share")


@dataclass(frozen=True)
class Settings:
    """What to extract from a Doc, and how. Raises ValueError where a value makes no sense.

    Entities:
    labels: names of what to find, or names -> descriptions that are put into the prompt instead.
    open_entities: look for the most common kinds of entities too.
    threshold: probability that an entity must exceed.
    thresholds: names of labels, relations or prompts -> a threshold of their own.
    nested: keep entities that lie inside others.
    multi_label: keep several labels of the same entity.
    spans_key: the span group that receives all entities with their scores.
    existing_ents: where an entity overlaps one already on the Doc, "keep" that one, "overwrite"
        it, or decide by "score" (an entity without a score is certain).

    Relations:
    relations: names, or names -> allowed pairs of head label and tail label; none for any.
    relation_threshold: probability that a tail must exceed.
    relation_heads: the component's "own" entities, or the "ents" that are on the Doc before it.
    relation_tails: any span ("free"), or those entities again: the one that the span "overlap"s
        most, or is "exact"ly.
    relation_distance: tokens that may lie between head and tail; None for any number.

    Other tasks:
    questions: answered by spans of the group "answers".
    answer_threshold: probability that an answer must exceed.
    summarize: pick out what matters, into the group "summary".
    summary_threshold: probability that a part of the summary must exceed.
    summary_limit: at most so many "sentences" or "words", or such a "share" of the Doc's tokens.
    summary_sentences: widen the parts to sentences, where the Doc has any.
    prompts: names of span groups -> instructions that say what belongs there.
    prompt_threshold: probability that a span must exceed.
    clean: pick out the text proper, into the group "clean".
    classes: for the whole text, scored in `doc.cats`.
    class_threshold: probability below which a class counts as 0.
    tasks: names of tasks that other packages registered -> their settings.

    All tasks:
    templates: wording of the instructions, as in the "paper", the model "card" or "gliner".
    span_score: a span's probability is the "min" of its words' start, end and inside
        probabilities (gliner since 0.2.17), or the "mean" of the inside ones (the paper).
    alignment_mode: what to do with spans that end inside a token, as in `Doc.char_span`.
    word_splitter: the reference's "regex", or "spacy" for one word per token.
    max_labels_per_pass: more labels than this are split over several prompts.
    window_overlap: words that two neighbouring windows of a long text share.
    on_overflow: what to do with texts longer than the model reads at once: read overlapping
        "window"s, cut them and "warn", or "raise".
    """

    labels: Labels = field(default_factory=list)
    open_entities: bool = False
    threshold: float = 0.5
    thresholds: dict[str, float] = field(default_factory=dict)
    nested: bool = False
    multi_label: bool = False
    spans_key: str = "entities"
    existing_ents: ExistingEnts = "keep"

    relations: Relations = field(default_factory=list)
    relation_threshold: float = 0.5
    relation_heads: Heads = "own"
    relation_tails: Tails = "overlap"
    relation_distance: Optional[int] = None

    questions: list[str] = field(default_factory=list)
    answer_threshold: float = 0.5
    summarize: bool = False
    summary_threshold: float = 0.1
    summary_limit: dict[str, float] = field(default_factory=dict)
    summary_sentences: bool = False
    prompts: dict[str, str] = field(default_factory=dict)
    prompt_threshold: float = 0.5
    clean: bool = False
    classes: list[str] = field(default_factory=list)
    class_threshold: float = 0.5
    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)

    templates: TemplateSet = "paper"
    span_score: SpanScore = "min"
    alignment_mode: Alignment = "expand"
    word_splitter: Splitter = "regex"
    max_labels_per_pass: int = 30
    window_overlap: int = 64
    on_overflow: Overflow = "window"

    def __post_init__(self) -> None:
        for name in ("labels", "relations", "questions", "classes", "prompts"):
            _check_names(name, getattr(self, name))
        _check_names("label descriptions", list(self.label_prompts.values()))
        self._check_options()
        self._check_numbers()
        self._check_references()

    def for_doc(self, changes: Mapping[str, Any]) -> Settings:
        """These settings with those of one Doc in front.

        changes: settings by name; unknown ones raise ValueError.
        """
        names = self.defaults().keys()
        if not isinstance(changes, Mapping) or changes.keys() - names:
            raise ValueError(Errors.GM009.format(value=changes, names=sorted(names)))
        changed = replace(self, **{"thresholds": {}, **changes})
        # The component's thresholds may name what this Doc does not ask for.
        kept = {name: value for name, value in self.thresholds.items() if name in changed._thresholded()}
        return replace(changed, thresholds={**kept, **changed.thresholds})

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        """All settings by name, as they are where nothing is set."""
        return asdict(cls())

    @property
    def asks_nothing(self) -> bool:
        """Whether no task is switched on."""
        lists = (self.labels, self.relations, self.questions, self.prompts, self.classes, self.tasks)
        return not (any(lists) or self.open_entities or self.summarize or self.clean)

    @property
    def label_prompts(self) -> dict[str, str]:
        """Names of the labels -> what is put into the prompt for them."""
        open_labels = {name: name for name in OPEN_LABELS} if self.open_entities else {}
        labels = self.labels if isinstance(self.labels, Mapping) else {name: name for name in self.labels}
        return {**open_labels, **labels}

    def thresholds_of(self, names: Iterable[str], default: float) -> Floats:
        """The threshold of each name (names,), or the task's own where it has none."""
        return np.array([self.thresholds.get(name, default) for name in names], dtype=np.float32)

    def _thresholded(self) -> set[str]:
        """What may have a threshold of its own."""
        return {*self.label_prompts, *self.relations, *self.prompts}

    def _check_options(self) -> None:
        for name, type_ in get_type_hints(type(self)).items():
            options, value = get_args(type_), getattr(self, name)
            if isinstance(value, str) and options and value not in options:
                raise ValueError(Errors.GM007.format(name=name, value=value, options=list(options)))
        if unknown := self.summary_limit.keys() - set(_LIMITS):
            raise ValueError(Errors.GM007.format(name="summary_limit", value=unknown, options=_LIMITS))

    def _check_numbers(self) -> None:
        probabilities = {name: value for name, value in vars(self).items() if name.endswith("threshold")}
        for name, value in {**probabilities, **self.thresholds}.items():
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
                raise ValueError(Errors.GM004.format(name=name, value=value))
        counts = {"max_labels_per_pass": 1, "window_overlap": 0, "relation_distance": 0}
        for name, least in counts.items():
            value = getattr(self, name)
            if value is not None and (not isinstance(value, int) or value < least):
                raise ValueError(Errors.GM008.format(name=name, value=value, least=least))

    def _check_references(self) -> None:
        """Check that what names something else names something that is there, or is not."""
        unknown = self.thresholds.keys() - self._thresholded()
        if unknown and self._thresholded():
            raise ValueError(Errors.GM005.format(names=sorted(unknown), known=sorted(self._thresholded())))
        if taken := self.prompts.keys() & {self.spans_key, ANSWERS, SUMMARY, CLEAN}:
            raise ValueError(Errors.GM050.format(names=sorted(taken)))
        if isinstance(self.relations, Mapping) and self.relation_heads == "own" and self.labels:
            paired = {label for pairs in self.relations.values() for pair in pairs for label in pair}
            if unknown := paired - self.label_prompts.keys():
                raise ValueError(Errors.GM051.format(names=sorted(unknown), labels=list(self.label_prompts)))


def _check_names(setting: str, values: Any) -> None:
    """Check a list of names, or names -> texts; raises ValueError."""
    if isinstance(values, str) or not isinstance(values, (list, tuple, Mapping)):
        raise ValueError(Errors.GM001.format(setting=setting, values=values))
    texts = [text for text in values.values() if isinstance(text, str)] if isinstance(values, Mapping) else []
    for value in [*values, *texts]:
        if not isinstance(value, str) or not value.strip():
            raise ValueError(Errors.GM002.format(setting=setting, value=value, values=values))
    names = list(values)
    if repeated := {value for value in names if names.count(value) > 1}:
        raise ValueError(Errors.GM003.format(setting=setting, values=sorted(repeated)))
    # Keys of a config section end at these, and its lines may not start with those.
    if isinstance(values, Mapping):
        for name in names:
            if any(mark in name for mark in ":=\n") or name[0] in "#;[@" or name != name.strip():
                raise ValueError(Errors.GM013.format(setting=setting, name=name))
