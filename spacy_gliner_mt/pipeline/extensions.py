"""Extension attributes that the component reads and writes."""

from __future__ import annotations

from spacy.tokens import Doc, Span

from ..tasks.groups import find_score, keep_score
from ..tasks.prompts import read_clean_text
from ..tasks.relations import read_relations
from ..types import Report

# Plain data under a plain key: it survives to_bytes and DocBin, where objects would not.
REPORT_KEY = "gliner_report"


def get_report(doc: Doc) -> Report | None:
    """What happened to the Doc on its way through the model, None if it was not there."""
    counts = doc.user_data.get(REPORT_KEY)
    return None if counts is None else Report(**counts)


def register_extensions() -> None:
    """Make the attributes known, leaving alone what others registered under the same names.

    doc._.gliner: settings for one Doc.
    doc._.gliner_report: what happened to it, a `types.Report`.
    doc._.relations: the relations found, as `tasks.relations.Relation`.
    doc._.relation_data: the same as plain data, which is what is stored.
    doc._.clean_text: what text cleaning left.
    span._.score: the probability of a span that was found.
    """
    for owner, name, kind in (
        (Doc, "gliner", {"default": None}),
        (Doc, "gliner_report", {"getter": get_report}),
        (Doc, "relations", {"getter": read_relations}),
        (Doc, "relation_data", {"default": None}),
        (Doc, "clean_text", {"getter": read_clean_text}),
    ):
        if not owner.has_extension(name):
            owner.set_extension(name, **kind)
    # gliner-spacy makes this a plain attribute wherever it is installed; ours can be set as well.
    _, method, getter, _ = Span.get_extension("score") if Span.has_extension("score") else (None,) * 4
    if method is None and getter is None:
        Span.set_extension("score", getter=find_score, setter=keep_score, force=True)
