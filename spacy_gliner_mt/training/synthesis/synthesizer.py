"""Synthesizer: texts on their way through a language model, several at a time."""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from ...errors import Errors, RefusalError
from ..records import TASKS
from .prompt import make_prompt
from .reply import parse_reply
from .store import Store

# Prompts, and answers to them, grouped by text: the type of spacy-llm's models.
Model = Callable[[Iterable[Iterable[str]]], Iterable[Iterable[str]]]

FAILED = "texts without an answer, as the request failed"
BROKEN = "texts put aside, as the answer is broken"
EMPTY = "texts put aside, as nothing of the answer is in them"
DONE = "texts done before"


@dataclass(frozen=True)
class Synthesizer:
    """Lets a language model annotate texts.

    model: takes prompts and returns answers.
    store: receives records and what is broken, and knows what is done.
    tasks: that are asked for.
    guidance: what else the model is told.
    workers: requests at a time.
    max_failures: requests in a row that may fail.
    """

    model: Model
    store: Store
    tasks: Collection[str] = TASKS
    guidance: str = ""
    workers: int = 1
    max_failures: int = 10

    def run(self, texts: Iterable[str], counts: Counter[str]) -> Iterator[str]:
        """Annotate texts, in order, but for those that are done.

        counts: receives what has come of them, in words, and how often.
        RETURNS: the texts that there was an answer about, broken or not.
        RAISES: RefusalError or ValueError if there is no use in asking on.
        """
        failures = 0
        for text, answer in self._ask_all(self._open(texts, counts)):
            try:
                found = answer.result()
            except RefusalError:
                raise
            # Whatever a model raises: spacy-llm's have errors of many kinds.
            except Exception as error:
                counts[FAILED] += 1
                failures += 1
                if failures >= self.max_failures:
                    raise ValueError(Errors.GM237.format(count=failures, error=error)) from error
                continue
            failures = 0
            self._take(text, found, counts)
            yield text

    def _open(self, texts: Iterable[str], counts: Counter[str]) -> Iterator[str]:
        """The texts nothing has been asked about."""
        seen: set[str] = set()
        for text in texts:
            if not text.strip() or text in seen:
                continue
            seen.add(text)
            if text in self.store:
                counts[DONE] += 1
            else:
                yield text

    def _ask_all(self, texts: Iterable[str]) -> Iterator[tuple[str, Future[str]]]:
        """The texts with the answers about them, of which some are asked for ahead."""
        pool = ThreadPoolExecutor(self.workers)
        pending: deque[tuple[str, Future[str]]] = deque()
        try:
            for text in texts:
                pending.append((text, pool.submit(self._ask, text)))
                if len(pending) > self.workers:
                    yield pending.popleft()
            yield from pending
        finally:
            pool.shutdown(cancel_futures=True)

    def _ask(self, text: str) -> str:
        (answers,) = self.model([[make_prompt(text, self.tasks, self.guidance)]])
        (answer,) = answers
        return answer

    def _take(self, text: str, answer: Any, counts: Counter[str]) -> None:
        name = hashlib.sha256(text.encode()).hexdigest()[:16]
        try:
            reply = parse_reply(str(answer), self.tasks)
        except ValueError as error:
            counts[BROKEN] += 1
            self.store.reject(text, str(answer), error)
            return
        records = reply.to_records(text, name, counts)
        if records:
            counts["texts annotated"] += 1
            counts.update(f"{record.task} records" for record in records)
            self.store.add(text, records)
        else:
            counts[EMPTY] += 1
            self.store.reject(text, str(answer), ValueError(EMPTY))
