"""Config of a synthesis: which texts, which model, and what is wanted of it."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, with_config
from spacy.util import load_config, registry

from ...errors import Errors
from ..records import TASKS, TaskName
from .store import Store
from .synthesizer import Synthesizer


@with_config(ConfigDict(extra="forbid", arbitrary_types_allowed=True))
@dataclass(frozen=True)
class Synthesis:
    """The section [synthesis].

    texts: file of texts: .txt (one per line), .jsonl (objects with "text") or .spacy.
    output: file of records that grows, .jsonl.
    model: callable as spacy-llm's models are, registered under "misc" or "llm_models".
    rejects: file of broken answers that grows; None for one beside the output.
    tasks: that are asked for.
    guidance: what else the model is told, such as the domain, or labels that matter.
    limit: texts to read; 0 for all.
    workers: requests at a time.
    max_failures: requests in a row that may fail before it gives up.
    """

    texts: Path
    output: Path
    model: Any
    rejects: Optional[Path] = None
    tasks: list[TaskName] = Field(default_factory=lambda: list(TASKS), min_length=1)
    guidance: str = ""
    limit: int = Field(default=0, ge=0)
    workers: int = Field(default=4, ge=1)
    max_failures: int = Field(default=10, ge=1)

    def make_synthesizer(self) -> Synthesizer:
        """What does it.

        RAISES: ValueError if the files cannot be used.
        """
        rejects = self.rejects or self.output.with_suffix(".rejected.jsonl")
        return Synthesizer(
            self.model,
            Store(self.output, rejects),
            tasks=self.tasks,
            guidance=self.guidance,
            workers=self.workers,
            max_failures=self.max_failures,
        )


def load_synthesis(path: Path, overrides: Mapping[str, Any]) -> Synthesis:
    """Read a config file.

    overrides: values by the names of settings, such as "synthesis.limit".
    RAISES: ValueError if it is none, or has settings that make no sense.
    """
    config = load_config(path, overrides=dict(overrides), interpolate=True)
    section = config.get("synthesis", {})
    if "@llm_models" in section.get("model", {}):
        _require_spacy_llm()
    resolved = registry.resolve(config).get("synthesis", {})
    try:
        return TypeAdapter(Synthesis).validate_python(resolved)
    except ValidationError as error:
        (first, *_) = error.errors()
        place = ".".join(["synthesis", *map(str, first["loc"])])
        raise ValueError(Errors.GM238.format(path=path, place=place, error=first["msg"])) from error


def _require_spacy_llm() -> None:
    """Make its registries known, which it does when it is imported."""
    try:
        importlib.import_module("spacy_llm")
    except ImportError as error:
        raise ValueError(Errors.GM239) from error
