"""Extension attributes that the component reads and writes."""

from __future__ import annotations

from spacy.tokens import Doc, Span

from ..tasks.scores import find_score
from ..types import Report

# Plain data under a plain key: it survives to_bytes and DocBin, where objects would not.
REPORT_KEY = "gliner_report"


def get_report(doc: Doc) -> Report | None:
    """What happened to the Doc on its way through the model, None if it was not there."""
    counts = doc.user_data.get(REPORT_KEY)
    return None if counts is None else Report(**counts)


def register_extensions() -> None:
    """Make `doc._.gliner` (settings for one Doc), `doc._.gliner_report` and `span._.score` known,
    leaving alone what others registered under these names."""
    if not Doc.has_extension("gliner"):
        Doc.set_extension("gliner", default=None)
    if not Doc.has_extension("gliner_report"):
        Doc.set_extension("gliner_report", getter=get_report)
    if not Span.has_extension("score"):
        Span.set_extension("score", getter=find_score)
