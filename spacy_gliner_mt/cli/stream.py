"""Stream: records on their way through a pipeline, one after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from ..errors import Errors
from ..settings import Settings
from .failure import warn
from .loading import find_component
from .readers import Record
from .results import Result


class Stream:
    """A pipeline that records flow through, and what has come of them so far.

    nlp: has the component; what fails in a pipe of it is reported from now on, not raised.
    """

    def __init__(self, nlp: Language, *, batch_size: int | None = None, n_process: int = 1) -> None:
        self._nlp = nlp
        self._settings = Settings(**find_component(nlp).cfg)
        self._batch_size = batch_size
        self._n_process = n_process
        self._counts: Counter[str] = Counter()
        # spaCy's annotation only knows handlers that raise.
        nlp.set_error_handler(_report_failure)  # type: ignore[arg-type]

    def annotate(self, records: Iterable[Record]) -> Iterator[Result]:
        """The results of records, in order, without those that failed."""
        docs = self._nlp.pipe(
            self._docs(records), as_tuples=True, batch_size=self._batch_size, n_process=self._n_process
        )
        for doc, (number, own, fields) in docs:
            result = Result(number, doc, self.settings_of(own), fields)
            self._counts.update(documents=1, results=len(result.rows), **asdict(doc._.gliner_report))
            yield result

    def settings_of(self, own: Mapping[str, Any]) -> Settings:
        """The component's settings with those of one record in front; raises ValueError where
        these make no sense."""
        return self._settings.for_doc(own) if own else self._settings

    @property
    def failed(self) -> int:
        """Records that went in, but did not come out."""
        return self._counts["records"] - self._counts["documents"]

    @property
    def summary(self) -> str:
        """What has come of all records, in a line."""
        counted = (
            "documents",
            "results",
            "windows",
            "skipped_queries",
            "truncated_words",
            "misaligned_spans",
        )
        parts = [f"{self._counts[name]} {name.replace('_', ' ')}" for name in counted]
        return ", ".join([*parts, f"{self.failed} failed"])

    def _docs(self, records: Iterable[Record]) -> Iterator[tuple[Doc, tuple]]:
        """Docs with their settings, and as context: number, settings of their own, and fields."""
        for number, record in enumerate(records, 1):
            self._counts["records"] += 1
            content = record.content
            try:
                doc = content if isinstance(content, Doc) else self._nlp.make_doc(content)
            except ValueError as error:
                warn(Errors.GM107.format(texts=f"text {number}", name="tokenizer", error=error))
                continue
            doc._.gliner = record.settings or None
            yield doc, (number, record.settings, record.fields)


def _report_failure(name: str | None, pipe: Any, docs: list[Doc] | None, error: Exception) -> None:
    """Tell of an error and go on, as `Language.set_error_handler` wants it."""
    # Only the context that as_tuples gave them tells Docs apart here. There are none where a
    # worker process failed as a whole.
    texts = ", ".join(f"text {doc._context[0]}" for doc in docs or ()) or "the rest of a batch"
    warn(Errors.GM107.format(texts=texts, name=name or "worker", error=error))
