"""Task options: what to look for, told to a command, as settings of the component."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import Annotated, Any

from typer import Option

from ..errors import Errors
from .failure import exit_on

# By the setting that they stand for; "others" stands for all the rest.
_OPTIONS: dict[str, Any] = {
    "labels": Annotated[
        str | None,
        Option(
            "--labels",
            "-l",
            help='Entities to find, separated by commas, such as "person,company"; "" for none.',
        ),
    ],
    "open_entities": Annotated[
        bool | None, Option("--open-entities", help="Find the most common kinds of entities.")
    ],
    "relations": Annotated[
        str | None,
        Option(
            "--relations",
            "-r",
            help='Relations to find between entities, separated by commas, such as "founder of,works for".',
        ),
    ],
    "questions": Annotated[
        list[str] | None,
        Option("--question", "-q", metavar="QUESTION", help="Question to answer. Can be repeated."),
    ],
    "summarize": Annotated[bool | None, Option("--summarize", "-s", help="Pick out what matters.")],
    "prompts": Annotated[
        list[str] | None,
        Option(
            "--prompt",
            "-p",
            metavar="NAME=INSTRUCTION",
            help='What else to find, such as "complaints=Find everything the guest complains about". '
            "Can be repeated.",
        ),
    ],
    "clean": Annotated[
        bool | None, Option("--clean", help="Pick out the text proper, without menus and advertising.")
    ],
    "classes": Annotated[
        str | None,
        Option("--classes", "-c", help="Classes for the whole text, separated by commas."),
    ],
    "threshold": Annotated[
        float | None,
        Option("--threshold", "-t", min=0, max=1, help="Probability that an entity must exceed."),
    ],
    "others": Annotated[
        list[str] | None,
        Option(
            "--set",
            metavar="SETTING=VALUE",
            help='Any other setting of the component, its value as JSON, such as "answer_threshold=0.2" '
            'or "relation_heads=ents". Can be repeated.',
        ),
    ],
}


def with_task_options(command: Callable[..., None]) -> Callable[..., None]:
    """A command with the options that say what to look for, after its arguments.

    command: takes what they say, as settings of the component by name, before all others.
    """

    @wraps(command)
    def run(**values: Any) -> None:
        with exit_on(ValueError):
            settings = read_settings({name: values.pop(name) for name in _OPTIONS})
        command(settings, **values)

    _, *own = signature(command, eval_str=True).parameters.values()
    arguments = [parameter for parameter in own if parameter.default is Parameter.empty]
    rest = [parameter for parameter in own if parameter not in arguments]
    added = [
        Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, default=None, annotation=option)
        for name, option in _OPTIONS.items()
    ]
    # This is where typer looks for what a command can be told.
    run.__signature__ = Signature([*arguments, *added, *rest])  # type: ignore[attr-defined]
    return run


def read_settings(options: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of the component by name, from the values of options; None for those not given.

    RAISES: ValueError where a pair of name and value is none.
    """
    settings = {name: value for name, value in options.items() if value not in (None, [])}
    for name in ("labels", "relations", "classes"):
        if name in settings:
            settings[name] = [part.strip() for part in settings[name].split(",") if part.strip()]
    if "prompts" in settings:
        settings["prompts"] = _read_pairs("--prompt", settings["prompts"])
    others = _read_pairs("--set", settings.pop("others", ()))
    return {**{name: _read_json(value) for name, value in others.items()}, **settings}


def _read_pairs(option: str, texts: Iterable[str]) -> dict[str, str]:
    """The names and values that were given to an option."""
    pairs: dict[str, str] = {}
    for text in texts:
        name, _, value = (part.strip() for part in text.partition("="))
        if not (name and value):
            raise ValueError(Errors.GM111.format(option=option, text=text))
        if name in pairs:
            raise ValueError(Errors.GM003.format(setting=option, values=[name]))
        pairs[name] = value
    return pairs


def _read_json(text: str) -> Any:
    """The value that a text stands for; the text itself where it is no JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return text
