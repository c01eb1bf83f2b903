"""The component's settings: checked once, frozen, and overridable for one Doc."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Union, get_args, get_type_hints

import numpy as np

from .errors import Errors
from .types import Floats, SpanScore

Labels = Union[list[str], dict[str, str]]
Alignment = Literal["strict", "contract", "expand"]
ExistingEnts = Literal["keep", "overwrite", "score"]
Overflow = Literal["window", "warn", "raise"]
Splitter = Literal["regex", "spacy"]


@dataclass(frozen=True)
class Settings:
    """What to extract from a Doc, and how. Raises ValueError where a value makes no sense.

    labels: names of what to find, or names -> descriptions that are put into the prompt instead.
    threshold: probability that a span must exceed.
    thresholds: label names -> a threshold of their own.
    span_score: a span's probability is the "min" of its words' start, end and inside
        probabilities (gliner since 0.2.17), or the "mean" of the inside ones (the paper).
    nested: keep spans that lie inside others.
    multi_label: keep several labels of the same span.
    spans_key: the span group that receives all spans with their scores.
    existing_ents: where a span overlaps an entity already on the Doc, "keep" that one,
        "overwrite" it, or decide by "score" (an entity without a score is certain).
    alignment_mode: what to do with spans that end inside a token, as in `Doc.char_span`.
    word_splitter: the reference's "regex", or "spacy" for one word per token.
    max_labels_per_pass: more labels than this are split over several prompts.
    window_overlap: words that two neighbouring windows of a long text share.
    on_overflow: what to do with texts longer than the model reads at once: read overlapping
        "window"s, cut them and "warn", or "raise".
    """

    labels: Labels = field(default_factory=list)
    threshold: float = 0.5
    thresholds: Mapping[str, float] = field(default_factory=dict)
    span_score: SpanScore = "min"
    nested: bool = False
    multi_label: bool = False
    spans_key: str = "entities"
    existing_ents: ExistingEnts = "keep"
    alignment_mode: Alignment = "expand"
    word_splitter: Splitter = "regex"
    max_labels_per_pass: int = 30
    window_overlap: int = 64
    on_overflow: Overflow = "window"

    def __post_init__(self) -> None:
        unknown = self.thresholds.keys() - self.prompts.keys()
        if unknown and self.prompts:
            raise ValueError(Errors.GM005.format(names=sorted(unknown), labels=list(self.prompts)))
        for name, type_ in get_type_hints(type(self)).items():
            options = get_args(type_)
            value = getattr(self, name)
            if isinstance(value, str) and options and value not in options:
                raise ValueError(Errors.GM007.format(name=name, value=value, options=list(options)))
        for name, value in {"threshold": self.threshold, **self.thresholds}.items():
            _check_probability(name, value)
        for name, least in (("max_labels_per_pass", 1), ("window_overlap", 0)):
            value = getattr(self, name)
            if not isinstance(value, int) or value < least:
                raise ValueError(Errors.GM008.format(name=name, value=value, least=least))

    @classmethod
    def from_config(cls, config: Mapping[str, Any], doc: Mapping[str, Any] | None = None) -> Settings:
        """Settings of the component, with those of one Doc in front.

        config: the component's settings by name; other keys are ignored.
        doc: what was set on the Doc; unknown keys raise ValueError.
        """
        names = cls.defaults().keys()
        settings = {name: config[name] for name in names if name in config}
        if doc is None:
            return cls(**settings)
        if not isinstance(doc, Mapping) or doc.keys() - names:
            raise ValueError(Errors.GM009.format(value=doc, names=sorted(names)))
        merged = {**settings, **doc}
        if "labels" in doc:
            # The component's thresholds may name labels that this Doc does not ask for.
            asked = _prompts(doc["labels"])
            of_component = {name: value for name, value in settings["thresholds"].items() if name in asked}
            merged["thresholds"] = {**of_component, **doc.get("thresholds", {})}
        return cls(**merged)

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        """All settings by name, as they are where nothing is set."""
        return asdict(cls())

    @property
    def prompts(self) -> dict[str, str]:
        """Names of the labels -> what is put into the prompt for them."""
        return _prompts(self.labels)

    @property
    def label_thresholds(self) -> Floats:
        """The threshold of each label (labels,)."""
        thresholds = [self.thresholds.get(name, self.threshold) for name in self.prompts]
        return np.array(thresholds, dtype=np.float32)


def _prompts(labels: Any) -> dict[str, str]:
    """Labels as name -> prompt text, from a list of names or a mapping; raises ValueError."""
    if isinstance(labels, str) or not isinstance(labels, Iterable):
        raise ValueError(Errors.GM001.format(labels=labels))
    names = list(labels)
    prompts = list(labels.values()) if isinstance(labels, Mapping) else names
    for values in (names, prompts):
        for value in values:
            if not isinstance(value, str) or not value.strip():
                raise ValueError(Errors.GM002.format(label=value, labels=labels))
        repeated = {value for value in values if values.count(value) > 1}
        if repeated:
            raise ValueError(Errors.GM003.format(labels=sorted(repeated)))
    return dict(zip(names, prompts, strict=True))


def _check_probability(name: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise ValueError(Errors.GM004.format(name=name, value=value))
