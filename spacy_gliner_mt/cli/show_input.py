"""Show input: the command that prints what the network reads, subtoken by subtoken."""

from __future__ import annotations

from typing import Annotated

import typer
from wasabi import table

from ..encoding.plan import Part
from ..errors import Errors
from ..types import Markers, Words
from . import options
from .failure import exit_on
from .loading import find_component, load_pipeline


def show_input_cli(
    text: Annotated[str, typer.Argument(help="The text to be read.")],
    labels: options.Labels = "",
    model: options.Model = None,
    lang: options.Lang = "en",
) -> None:
    """Show the exact input of the network for a text.

    There is a table for every window of a long text, and for every pass of many labels. Labels and
    words are numbered from 1.
    """
    # spaCy imports this module on every run, and torch is not needed before this one.
    from ..models.architecture import require_bundle
    from ..models.extraction import plan_request

    with exit_on(ValueError, OSError, ImportError):
        nlp = load_pipeline(model, lang)
        component = find_component(nlp)
        doc = nlp.make_doc(text)
        if names := options.split_labels(labels):
            doc._.gliner = {"labels": names}
        elif not component.labels:
            raise ValueError(Errors.GM106.format(text=repr(text)))
        # Asked as in earnest: the pipeline's settings decide on labels, words and windows.
        request = component.predict([doc])[0].request
        parts = [part for plan in plan_request(component.model, request) for part in plan.parts]
        if not parts:
            raise ValueError(Errors.GM108.format(text=text))
    tokenizer = require_bundle(component.model).tokenizer
    for number, part in enumerate(parts, 1):
        ids = part.input.ids.tolist()
        roles = subtoken_roles(part, request.words, tokenizer.markers)
        rows = zip(tokenizer.decode(ids), map(str, ids), roles, strict=True)
        typer.echo(f"Input {number} of {len(parts)}: {len(ids)} subtokens")
        typer.echo(table(list(rows), header=("subtoken", "id", "role"), divider=True))


def subtoken_roles(part: Part, words: Words, markers: Markers) -> list[str]:
    """What each subtoken of an input stands for: a label, a word, the instruction, or, as special
    token, nothing but its place.

    part: holds the input.
    words: of the whole text.
    """
    ids = part.input.ids.tolist()
    roles = ["special"] * len(ids)
    label = part.labels.start
    for place in range(len(markers.prefix), ids.index(markers.separator)):
        if ids[place] == markers.label:
            label += 1
        else:
            roles[place] = f"label {label}: {part.query.labels[label - 1]}"
    # Words of the instruction come before the window's first.
    first = part.window.start - part.n_instruction
    places = zip(part.input.word_positions.tolist(), part.input.word_lengths.tolist(), strict=True)
    for word, (start, length) in enumerate(places, first):
        in_text = word >= part.window.start
        role = f"word {word + 1}: {words.texts[word]}" if in_text else "instruction"
        roles[start : start + length] = [role] * length
    return roles
