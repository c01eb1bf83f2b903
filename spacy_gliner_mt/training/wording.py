"""Wording: other ways to write a label, so that the model learns its meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np

from ..errors import Errors

Casing = Literal["keep", "lower", "mixed"]

_CASES = (str.lower, str.title, str.upper)


@dataclass(frozen=True)
class Wording:
    """How labels are written in training.

    casing: "keep" them as they are, make them "lower" case, or "mixed": as they are, lower, title
        or upper case, each as likely.
    descriptions: names of labels -> texts that may stand in their place.
    description_rate: how often they do, from 0 to 1.
    """

    casing: Casing = "keep"
    descriptions: Mapping[str, list[str]] = field(default_factory=dict)
    description_rate: float = 0.5

    def __post_init__(self) -> None:
        if self.casing not in get_args(Casing):
            raise ValueError(Errors.GM007.format(name="casing", value=self.casing, type=Casing))
        if not 0 <= self.description_rate <= 1:
            raise ValueError(Errors.GM004.format(name="description_rate", value=self.description_rate))

    def write(self, text: str, name: str, rng: np.random.Generator) -> str:
        """Write a label.

        text: as it would be asked.
        name: what it is called.
        """
        if self.descriptions.get(name) and rng.random() < self.description_rate:
            text = str(rng.choice(self.descriptions[name]))
        if self.casing == "lower":
            return text.lower()
        if self.casing == "mixed":
            case = int(rng.integers(len(_CASES) + 1))
            return text if case == len(_CASES) else _CASES[case](text)
        return text
