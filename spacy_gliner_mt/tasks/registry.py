"""Registry of tasks. Packages add theirs through the entry point group "spacy_gliner_mt_tasks"."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import catalogue

from ..errors import Errors
from ..settings import Settings
from .base import Task

TaskFactory = Callable[[Settings], Task]

BUILT_IN = ("entities", "relations", "questions", "summary", "prompts", "classes")

registry = catalogue.create("spacy_gliner_mt", "tasks", entry_points=True)


def load_tasks() -> dict[str, TaskFactory]:
    """What makes a task for one Doc's settings, by the names of all registered tasks."""
    return registry.get_all()


def make_tasks(settings: Settings, factories: Mapping[str, TaskFactory]) -> tuple[Task, ...]:
    """The built-in tasks, and those of others that the settings name.

    RAISES: ValueError if nobody has registered a task of that name.
    """
    if unknown := settings.tasks.keys() - factories.keys():
        raise ValueError(Errors.GM055.format(names=sorted(unknown), known=sorted(factories)))
    return tuple(factories[name](settings) for name in (*BUILT_IN, *settings.tasks))
