"""Stream: records on their way through a pipeline, one after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from ..errors import Errors
from .failure import warn
from .loading import find_component
from .readers import Record
from .writers import Result


class Stream:
    """A pipeline that records flow through, and what has come of them so far.

    nlp: has the component; failures in any of its components are reported from now on, not raised.
    settings: of the component, for every record.
    """

    def __init__(
        self, nlp: Language, settings: Mapping[str, Any], *, batch_size: int | None = None, n_process: int = 1
    ) -> None:
        self._nlp = nlp
        self._settings = settings
        self._batching = {"batch_size": batch_size, "n_process": n_process}
        self._spans_key = find_component(nlp).cfg["spans_key"]
        self._counts = Counter()
        nlp.set_error_handler(_report_failure)

    def annotate(self, records: Iterable[Record]) -> Iterator[Result]:
        """The results of records, in order, without those that failed."""
        docs = self._docs(records)
        for doc, (number, fields) in self._nlp.pipe(docs, as_tuples=True, **self._batching):
            result = Result(number, doc, self._spans_key, fields)
            self._counts.update(documents=1, spans=len(result.entities), **asdict(doc._.gliner_report))
            yield result

    @property
    def failed(self) -> int:
        """Records that went in, but did not come out."""
        return self._counts["records"] - self._counts["documents"]

    @property
    def summary(self) -> str:
        """What has come of all records, in a line."""
        counted = ("documents", "spans", "windows", "truncated_words", "misaligned_spans")
        parts = [f"{self._counts[name]} {name.replace('_', ' ')}" for name in counted]
        return ", ".join([*parts, f"{self.failed} failed"])

    def _docs(self, records: Iterable[Record]) -> Iterator[tuple[Doc, tuple[int, Mapping[str, Any] | None]]]:
        for number, record in enumerate(records, 1):
            self._counts["records"] += 1
            try:
                doc = record.content if isinstance(record.content, Doc) else self._nlp.make_doc(record.content)
            except ValueError as error:
                warn(Errors.GM106.format(numbers=number, name="tokenizer", error=error))
                continue
            doc._.gliner = {**self._settings, **record.settings}
            yield doc, (number, record.fields)


def _report_failure(name: str | None, component: Any, docs: list[Doc] | None, error: Exception) -> None:
    """Handle an error as `Language.set_error_handler` wants it: tell, and go on."""
    # Where a worker process fails as a whole, spaCy names neither Docs nor component. The context
    # that as_tuples gives a Doc is the only thing that tells them apart while they are worked on.
    numbers = ", ".join(str(doc._context[0]) for doc in docs or ()) or "of one batch"
    warn(Errors.GM106.format(numbers=numbers, name=name or "worker", error=error))
