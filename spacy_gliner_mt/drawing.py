"""Drawing: the relations of a Doc as arcs between words, through displaCy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from spacy import displacy
from spacy.tokens import Doc, Span
from spacy.util import escape_html

from .errors import Errors
from .pipeline.extensions import register_extensions
from .tasks.relations import Relation

# displaCy gives each word the same room. These are pixels, enough for so many characters.
_ROOM = {"distance": 180, "offset_x": 90}
_CHARACTERS = 22


def render_relations(
    docs: Doc | Iterable[Doc],
    *,
    page: bool = False,
    minify: bool = False,
    jupyter: bool | None = None,
    options: Mapping[str, Any] | None = None,
    max_arcs: int = 6,
) -> str | None:
    """Draw the relations of Docs: words with arrows from heads to tails, in the way of
    `displacy.render`. A Doc without relations has no drawing.

    docs (Doc | Iterable[Doc]): What to draw.
    page (bool): Return a whole HTML page.
    minify (bool): Leave out line breaks and indentation.
    jupyter (bool | None): Show it in the notebook; None if there is one.
    options (Mapping[str, Any] | None): displaCy's options for style "dep".
    max_arcs (int): Arrows in one drawing; the next ones go into another.
    RETURNS (str | None): SVG or HTML; None if it was shown in a notebook.
    RAISES: ValueError for anything but Docs, and for `max_arcs` below 1.
    """
    docs = [docs] if isinstance(docs, Doc) else docs
    drawings = [drawing for doc in docs for drawing in draw_relations(doc, max_arcs=max_arcs)]
    return displacy.render(
        drawings,
        style="dep",
        page=page,
        minify=minify,
        jupyter=jupyter,
        options={**_ROOM, **(options or {})},
        manual=True,
    )


def draw_relations(doc: Doc, *, max_arcs: int = 6) -> list[dict[str, Any]]:
    """What `displacy.render(..., style="dep", manual=True)` takes for the relations of a Doc.

    doc (Doc): Of its text, each head and tail becomes one word. What lies between them becomes
        one too, shortened, and the rest is left out.
    max_arcs (int): Arrows in one drawing.
    RETURNS (list[dict[str, Any]]): Drawings, in the order of the relations.
    RAISES: ValueError for anything but a Doc, and for `max_arcs` below 1.
    """
    if not isinstance(doc, Doc):
        raise ValueError(Errors.GM070.format(value=doc))
    if max_arcs < 1:
        raise ValueError(Errors.GM008.format(name="max_arcs", value=max_arcs, least=1))
    # A Doc may come from a file, and no component have been made that knows the attribute.
    register_extensions()
    # Once their tokens are merged, a head and its tail may be one word.
    relations = [relation for relation in doc._.relations if relation.head != relation.tail]
    return [_draw(doc, stretch) for stretch in _split(relations, max_arcs)]


def _split(relations: Sequence[Relation], max_arcs: int) -> list[list[Relation]]:
    """Relations that are drawn together: those whose stretches of text meet, as far as they fit."""
    stretches: list[list[Relation]] = []
    reached = 0
    for relation in relations:
        meets = min(relation.head.start, relation.tail.start) < reached
        if not meets or len(stretches[-1]) == max_arcs:
            stretches.append([])
        stretches[-1].append(relation)
        reached = max(reached, relation.head.end, relation.tail.end)
    return stretches


def _draw(doc: Doc, relations: Sequence[Relation]) -> dict[str, Any]:
    """One drawing, in displaCy's format."""
    words: list[dict[str, str]] = []
    places: dict[Span, int] = {}
    reached = 0
    for span in sorted({span for relation in relations for span in (relation.head, relation.tail)}):
        if words and (between := doc[reached : max(reached, span.start)].text.strip()):
            words.append(_make_word(between))
        places[span] = len(words)
        words.append(_make_word(span.text, span.label_))
        reached = max(reached, span.end)
    arcs = [_make_arc(places[head], places[tail], label) for head, tail, label, _ in relations]
    return {"words": words, "arcs": arcs, "settings": displacy.get_doc_settings(doc)}


def _make_word(text: str, label: str = "") -> dict[str, str]:
    # displaCy escapes the texts of words, but neither their tags nor the labels of arcs.
    return {"text": _shorten(text), "tag": escape_html(_shorten(label))}


def _make_arc(head: int, tail: int, label: str) -> dict[str, Any]:
    return {
        "start": min(head, tail),
        "end": max(head, tail),
        "label": escape_html(_shorten(label)),
        "dir": "right" if head < tail else "left",
    }


def _shorten(text: str) -> str:
    """The start and the end of a text that has no room, in whole words where there are any."""
    text = " ".join(text.split())
    if len(text) <= _CHARACTERS:
        return text
    half = _CHARACTERS // 2 - 1
    start, end = text[:half], text[-half:]
    return f"{start.rpartition(' ')[0] or start} … {end.partition(' ')[2] or end}"
