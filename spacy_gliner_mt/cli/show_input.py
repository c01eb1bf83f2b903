"""Show input: the command that prints what the network reads, subtoken by subtoken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer
from spacy.language import Language
from spacy.tokens import Doc
from wasabi import table

from ..encoding.plan import Part
from ..errors import Errors
from ..tasks.registry import load_tasks
from ..types import Markers, Words
from . import options
from .failure import exit_on
from .loading import configure, find_component, load_pipeline
from .task_options import with_task_options

if TYPE_CHECKING:
    from ..models.architecture import GlinerModel
    from ..pipeline.inquiry import Inquiry


@with_task_options
def show_input_cli(
    settings: Mapping[str, Any],
    text: Annotated[str, typer.Argument(help="The text to be read.")],
    model: options.Model = None,
    lang: options.Lang = "en",
) -> None:
    """Show the exact input of the network for a text.

    There is a table for every query of a task, for every window of a long text, and for every pass
    of many labels. Relations are asked of the entities that are found first. Labels and words are
    numbered from 1.
    """
    # spaCy imports this module on every run, and torch is not needed before this one.
    from ..models.architecture import require_bundle
    from ..pipeline.inquiry import Inquiry

    with exit_on(ValueError, OSError, ImportError):
        nlp = load_pipeline(model, lang)
        component = find_component(nlp)
        in_force = configure(component, settings)
        if in_force.asks_nothing:
            raise ValueError(Errors.GM106.format(text=repr(text)))
        doc = _read_doc(nlp, component, text)
        inquiry = Inquiry.start(doc, in_force, load_tasks())
        if not len(inquiry.words):
            raise ValueError(Errors.GM108.format(text=text))
        asked = list(_list_parts(inquiry, component.model))
    tokenizer = require_bundle(component.model).tokenizer
    for number, (task, part) in enumerate(asked, 1):
        ids = part.input.ids.tolist()
        roles = subtoken_roles(part, inquiry.words, tokenizer.markers)
        rows = zip(tokenizer.decode(ids), map(str, ids), roles, strict=True)
        typer.echo(f"Input {number} of {len(asked)}, {task}: {len(ids)} subtokens")
        typer.echo(table(list(rows), header=("subtoken", "id", "role"), divider=True))


def _read_doc(nlp: Language, component: Any, text: str) -> Doc:
    """The Doc that the component sees, with what the pipes before it write."""
    doc = nlp.make_doc(text)
    for _, pipe in nlp.pipeline:
        if pipe is component:
            break
        doc = pipe(doc)
    return doc


def _list_parts(inquiry: Inquiry, model: GlinerModel) -> Iterator[tuple[str, Part]]:
    """All inputs that a Doc makes, and the tasks that ask for them."""
    from ..models.extraction import extract

    first = inquiry.ask(dependent=False)
    yield from _plan(first, model)
    # Only these may ask what depends on answers; for others, the network need not run.
    if inquiry.settings.relations or inquiry.settings.tasks:
        (extraction,) = extract(model, [first.request])
        yield from _plan(first.receive(extraction).ask(dependent=True), model)


def _plan(inquiry: Inquiry, model: GlinerModel) -> Iterator[tuple[str, Part]]:
    """The inputs of all pending queries, and their tasks."""
    from ..models.extraction import plan_request

    tasks = [name for name, queries in inquiry.pending.items() for _ in queries]
    for task, plan in zip(tasks, plan_request(model, inquiry.request), strict=True):
        for part in plan.parts if plan else ():
            yield task, part


def subtoken_roles(part: Part, words: Words, markers: Markers) -> list[str]:
    """What each subtoken of an input stands for: a label, a word, the instruction, or, as special
    token, nothing but its place.

    part: holds the input.
    words: of the whole text.
    """
    ids = part.input.ids.tolist()
    roles = ["special"] * len(ids)
    labels = iter(part.labels.tolist())
    for place in range(len(markers.prefix), ids.index(markers.separator)):
        if ids[place] == markers.label:
            label = next(labels)
        else:
            roles[place] = f"label {label + 1}: {part.query.labels[label]}"
    # Words of the instruction come before the window's first.
    first = part.window.start - part.n_instruction
    places = zip(part.input.word_positions.tolist(), part.input.word_lengths.tolist(), strict=True)
    for word, (start, length) in enumerate(places, first):
        in_text = word >= part.window.start
        role = f"word {word + 1}: {words.texts[word]}" if in_text else "instruction"
        roles[start : start + length] = [role] * length
    return roles
