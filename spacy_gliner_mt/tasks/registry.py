"""Registry of tasks. Packages add theirs through the entry point group "spacy_gliner_mt_tasks"."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import catalogue

from ..errors import Errors
from ..settings import Settings
from .base import Task

TaskFactory = Callable[[Settings], Task]

BUILT_IN = ("entities", "relations", "questions", "summary", "prompts", "classes")

registry = catalogue.create("spacy_gliner_mt", "tasks", entry_points=True)


def load_tasks(names: Iterable[str] = ()) -> tuple[TaskFactory, ...]:
    """The factories of the built-in tasks and of others, which make a task for one Doc's settings.

    names: of tasks that other packages registered.
    RAISES: ValueError if there is no such task.
    """
    factories = registry.get_all()
    if unknown := set(names) - factories.keys():
        raise ValueError(Errors.GM055.format(names=sorted(unknown), known=sorted(factories)))
    return tuple(factories[name] for name in (*BUILT_IN, *names))
