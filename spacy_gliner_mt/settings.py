"""The component's settings: checked once, frozen, and overridable for one Doc."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from math import inf
from typing import Any, Literal, Optional, Union, get_type_hints

import numpy as np
from pydantic import TypeAdapter, ValidationError

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
# Probabilities that must be exceeded where neither a setting nor the checkpoint has one.
THRESHOLDS = {
    "threshold": 0.5,
    "relation_threshold": 0.5,
    "answer_threshold": 0.5,
    "summary_threshold": 0.1,
    "prompt_threshold": 0.5,
    "class_threshold": 0.5,
}
# What a summary may be limited in, and to what at most.
_LIMITS = {"sentences": inf, "words": inf, "share": 1.0}


@dataclass(frozen=True)
class Settings:
    """What to extract from a Doc, and how. Raises ValueError where a value makes no sense.
    A threshold of None is the checkpoint's own, see `with_thresholds`.

    Entities:
    labels: names of what to find, or names -> descriptions that are put into the prompt instead.
    open_entities: look for the most common kinds of entities too.
    threshold: probability that an entity must exceed.
    thresholds: names of labels, relations or prompts -> a threshold of their own.
    nested: keep entities that lie inside others.
    multi_label: keep several labels of the same entity.
    spans_key: the span group that receives all entities with their scores.
    incorrect_spans_key: a span group of references whose spans are known to be no entities.
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
    threshold: Optional[float] = None
    thresholds: dict[str, float] = field(default_factory=dict)
    nested: bool = False
    multi_label: bool = False
    spans_key: str = "entities"
    incorrect_spans_key: Optional[str] = None
    existing_ents: ExistingEnts = "keep"

    relations: Relations = field(default_factory=list)
    relation_threshold: Optional[float] = None
    relation_heads: Heads = "own"
    relation_tails: Tails = "overlap"
    relation_distance: Optional[int] = None

    questions: list[str] = field(default_factory=list)
    answer_threshold: Optional[float] = None
    summarize: bool = False
    summary_threshold: Optional[float] = None
    summary_limit: dict[str, float] = field(default_factory=dict)
    summary_sentences: bool = False
    prompts: dict[str, str] = field(default_factory=dict)
    prompt_threshold: Optional[float] = None
    clean: bool = False
    classes: list[str] = field(default_factory=list)
    class_threshold: Optional[float] = None
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
        self._check_types()
        self._check_numbers()
        self._check_references()

    def for_doc(self, changes: Mapping[str, Any]) -> Settings:
        """These settings with those of one Doc in front.

        changes: settings by name; unknown ones raise ValueError.
        """
        names = self.defaults().keys()
        if not isinstance(changes, Mapping) or changes.keys() - names:
            raise ValueError(Errors.GM009.format(value=changes, names=sorted(names)))
        changed = replace(self, **{"thresholds": {}, **_to_lists(changes)})
        # The component's thresholds may name what this Doc does not ask for.
        kept = {name: value for name, value in self.thresholds.items() if name in changed._thresholded()}
        return replace(changed, thresholds={**kept, **changed.thresholds})

    def with_thresholds(self, of_checkpoint: Mapping[str, float]) -> Settings:
        """These settings with a threshold for every task: those that are None here are the checkpoint's,
        or else `THRESHOLDS`.

        of_checkpoint: by the names of settings.
        """
        known = {**THRESHOLDS, **of_checkpoint}
        return replace(self, **{name: known[name] for name in THRESHOLDS if getattr(self, name) is None})

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
        labels = self.labels if isinstance(self.labels, Mapping) else {name: name for name in self.labels}
        if not self.open_entities:
            return dict(labels)
        # What a label describes already is not asked twice.
        return {**{name: name for name in OPEN_LABELS if name not in labels.values()}, **labels}

    def thresholds_of(self, names: Iterable[str], default: Optional[float]) -> Floats:
        """The threshold of each name (names,), or the task's own where it has none."""
        return np.array([self.thresholds.get(name, default) for name in names], dtype=np.float32)

    def _thresholded(self) -> set[str]:
        """What may have a threshold of its own."""
        return {*self.label_prompts, *self.relations, *self.prompts}

    def _check_types(self) -> None:
        """Check all values: those of a Doc have passed no validation of a config."""
        for name, (type_, adapter) in _adapters().items():
            value = getattr(self, name)
            try:
                adapter.validate_python(value, strict=True)
            except ValidationError as error:
                type_name = str(type_).replace("typing.", "")
                raise ValueError(Errors.GM007.format(name=name, value=value, type=type_name)) from error

    def _check_numbers(self) -> None:
        probabilities = {name: getattr(self, name) for name in THRESHOLDS}
        for name, value in {**probabilities, **self.thresholds}.items():
            if value is not None and not 0 <= value <= 1:
                raise ValueError(Errors.GM004.format(name=name, value=value))
        for name, least in {"max_labels_per_pass": 1, "window_overlap": 0, "relation_distance": 0}.items():
            if (value := getattr(self, name)) is not None and value < least:
                raise ValueError(Errors.GM008.format(name=name, value=value, least=least))
        if not all(0 <= value <= _LIMITS.get(name, -1) for name, value in self.summary_limit.items()):
            raise ValueError(Errors.GM014.format(value=self.summary_limit, limits=_LIMITS))

    def _check_references(self) -> None:
        """Check that what names something else names something that is there, or is not."""
        unknown = self.thresholds.keys() - self._thresholded()
        if unknown and self._thresholded():
            raise ValueError(Errors.GM005.format(names=sorted(unknown), known=sorted(self._thresholded())))
        groups = [self.spans_key, self.incorrect_spans_key, ANSWERS, SUMMARY, CLEAN, *self.prompts]
        if taken := {group for group in groups if groups.count(group) > 1}:
            raise ValueError(Errors.GM050.format(names=sorted(taken)))
        by_relation = self.relations if isinstance(self.relations, Mapping) else {}
        pairs = [pair for allowed in by_relation.values() for pair in allowed]
        if wrong := [pair for pair in pairs if len(pair) != 2]:
            raise ValueError(Errors.GM057.format(pairs=wrong, relations=self.relations))
        unknown = {label for pair in pairs for label in pair} - self.label_prompts.keys()
        if unknown and self.relation_heads == "own" and self.labels:
            raise ValueError(Errors.GM051.format(names=sorted(unknown), labels=list(self.label_prompts)))


def _to_lists(value: Any) -> Any:
    """The same with lists for tuples, which spaCy makes of lists when it reads user data."""
    if isinstance(value, Mapping):
        return {key: _to_lists(part) for key, part in value.items()}
    return [_to_lists(part) for part in value] if isinstance(value, (list, tuple)) else value


@cache
def _adapters() -> dict[str, tuple[Any, TypeAdapter]]:
    """Each setting's type, and what checks it."""
    return {name: (type_, TypeAdapter(type_)) for name, type_ in get_type_hints(Settings).items()}


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
