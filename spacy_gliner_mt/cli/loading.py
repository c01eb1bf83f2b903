"""Loading: a pipeline with the component, from whatever names one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language
from spacy.util import is_package

from ..settings import Settings

FACTORY = "gliner_multitask"
ARCHITECTURE = "spacy-gliner-mt.GlinerMultitask.v1"


def load_pipeline(model: str | None, lang: str) -> Language:
    """Load a pipeline that has the component.

    model: the folder or package of a pipeline, at whose end the component is added if it has none;
        else the folder or hub name of a GLiNER checkpoint; None for the embedded one.
    lang: the language whose tokenizer is used where `model` is no pipeline.
    RETURNS: the pipeline, with the weights of its component.
    RAISES: ValueError, OSError or ImportError if there is no such model, checkpoint or language.
    """
    if model and (is_package(model) or (Path(model) / "config.cfg").is_file()):
        nlp = spacy.load(model)
        if FACTORY not in nlp.pipe_factories.values():
            nlp.add_pipe(FACTORY)
    else:
        nlp = spacy.blank(lang)
        architecture = {"@architectures": ARCHITECTURE, "checkpoint": model}
        nlp.add_pipe(FACTORY, config={"model": architecture} if model else {})
    # Now rather than at the first text, so that a bad checkpoint is told once, not for every batch.
    find_component(nlp).model.initialize()
    return nlp


def find_component(nlp: Language) -> Any:
    """The last component of this package, which decides what is on the Doc."""
    names = [name for name, factory in nlp.pipe_factories.items() if factory == FACTORY]
    return nlp.get_pipe(names[-1])


def configure(component: Any, settings: Mapping[str, Any]) -> Settings:
    """Put settings in front of a component's own.

    RETURNS: what is in force now.
    RAISES: ValueError if they make no sense.
    """
    changed = Settings(**component.cfg).for_doc(settings)
    component.cfg.update(vars(changed))
    return changed
