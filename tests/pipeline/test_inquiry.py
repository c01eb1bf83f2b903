"""Inquiry: tasks ask in two waves, and each gets the answers to its own queries."""

from dataclasses import dataclass, field

import pytest
from spacy.tokens import Doc
from spacy.vocab import Vocab

from spacy_gliner_mt.errors import QueryError
from spacy_gliner_mt.models.extraction import Extraction
from spacy_gliner_mt.pipeline.inquiry import Inquiry
from spacy_gliner_mt.settings import Settings
from spacy_gliner_mt.tasks.alignment import read_words
from spacy_gliner_mt.tasks.registry import BUILT_IN
from spacy_gliner_mt.types import Answer, Report

from ..tasks.util import make_spans
from ..util import make_query


@dataclass
class FakeTask:
    """A task that asks what it is told to, and keeps what it is given.

    asks: labels of its queries, None if it is off, or what it raises.
    given: answers of the tasks it needs, at the time it asked.
    """

    name: str
    asks: list[str] | Exception | None
    needs: tuple[str, ...] = ()
    read_instruction: bool = False
    given: dict = field(default_factory=dict)
    annotated: list = field(default_factory=list)

    def queries(self, doc, answers):
        self.given = dict(answers)
        if isinstance(self.asks, Exception):
            raise self.asks
        if self.asks is None:
            return None
        return [make_query([label], read_instruction=self.read_instruction) for label in self.asks]

    def annotate(self, doc, answers):
        self.annotated.append([(answer.query.labels[0], bounds(answer)) for answer in answers])


def bounds(answer):
    return list(zip(answer.spans.start.tolist(), answer.spans.end.tolist(), strict=True))


def start(*tasks, **settings):
    """An inquiry about two tokens, of which the second is three words where a regex splits it."""
    doc = Doc(Vocab(), words=["New", "York.com"])
    settings = Settings(**settings)
    return Inquiry(doc, settings, tasks, read_words(doc, settings.word_splitter))


def reply(inquiry, *found, **report):
    """Answer the pending queries, each with one span of words."""
    spans = [make_spans((first, end, 0, 0.5)) for first, end in found]
    answers = tuple(Answer(*pair) for pair in zip(inquiry.request.queries, spans, strict=True))
    return inquiry.receive(Extraction(answers, Report(**report)))


def test_tasks_are_made_for_the_settings():
    seen, settings = [], Settings(labels=["person"], tasks={"other": {}})
    Inquiry.start(Doc(Vocab()), settings, dict.fromkeys([*BUILT_IN, "other", "more"], seen.append))
    assert seen == [settings] * (len(BUILT_IN) + 1)


def test_words_of_one_token_collide():
    """ "York" and "com" are two words, but one token: only the better of two spans can stay."""
    inquiry = start(FakeTask("a", ["x"])).ask(dependent=False)
    (query,) = inquiry.request.queries
    answer = Answer(query, make_spans((1, 2, 0, 0.6), (3, 4, 0, 0.9)))
    (received,) = inquiry.receive(Extraction((answer,), Report())).answers["a"]
    assert bounds(received) == [(1, 2)]
    assert received.spans.score.tolist() == pytest.approx([0.9])


@pytest.mark.parametrize("splitter, words", [("regex", 4), ("spacy", 2)])
def test_the_request_has_words_queries_and_settings(splitter, words):
    inquiry = start(FakeTask("a", ["x", "y"]), FakeTask("b", ["z"]), word_splitter=splitter)
    request = inquiry.ask(dependent=False).request
    assert [query.labels for query in request.queries] == [("x",), ("y",), ("z",)]
    assert (len(request.words), request.settings) == (words, Settings(word_splitter=splitter))


def test_tasks_that_need_others_ask_later():
    first, second = FakeTask("first", ["x"]), FakeTask("second", ["y"], needs=("first",))
    asked = start(second, first).ask(dependent=False)
    assert list(asked.pending) == ["first"]
    asked = reply(asked, (0, 1)).ask(dependent=True)
    assert list(asked.pending) == ["second"]
    assert [bounds(answer) for answer in second.given["first"]] == [[(0, 1)]]


def test_each_task_gets_the_answers_to_its_own_queries():
    tasks = FakeTask("a", ["x", "y"]), FakeTask("b", []), FakeTask("c", ["z"])
    reply(start(*tasks).ask(dependent=False), (0, 1), (0, 2), (1, 4)).annotate()
    assert [task.annotated for task in tasks] == [
        [[("x", [(0, 1)]), ("y", [(0, 2)])]],
        [[]],
        [[("z", [(1, 2)])]],
    ]


def test_the_answers_of_both_waves_are_written_in_the_order_of_the_tasks():
    order = []

    class Ordered(FakeTask):
        def annotate(self, doc, answers):
            order.append(self.name)

    inquiry = start(Ordered("b", ["y"], needs=("a",)), Ordered("a", ["x"]))
    for dependent in (False, True):
        inquiry = reply(inquiry.ask(dependent=dependent), (0, 1))
    inquiry.annotate()
    assert order == ["b", "a"]


def test_a_task_that_is_off_writes_nothing():
    task = FakeTask("a", None)
    inquiry = start(task).ask(dependent=False)
    assert (inquiry.request.queries, inquiry.report) == ((), Report())
    reply(inquiry).annotate()
    assert task.annotated == []


def test_a_task_that_cannot_ask_is_counted_and_told_while_others_go_on():
    tasks = FakeTask("a", QueryError("no heads")), FakeTask("b", ["x"])
    with pytest.warns(UserWarning, match="no heads"):
        asked = start(*tasks).ask(dependent=False)
    inquiry = reply(asked, (0, 1))
    inquiry.annotate()
    assert inquiry.report.skipped_queries == 1
    assert [task.annotated for task in tasks] == [[], [[("x", [(0, 1)])]]]


def test_other_errors_are_not_caught():
    with pytest.raises(ValueError, match="broken"):
        start(FakeTask("a", ValueError("broken"))).ask(dependent=False)


@pytest.mark.parametrize(
    "mode, aligned, missed",
    [("expand", [(1, 2)], 0), ("contract", [], 1), ("strict", [], 1)],
)
def test_answers_are_moved_from_words_to_tokens(mode, aligned, missed):
    inquiry = reply(start(FakeTask("a", ["x"]), alignment_mode=mode).ask(dependent=False), (1, 2))
    assert bounds(inquiry.answers["a"][0]) == aligned
    assert inquiry.report.misaligned_spans == missed


def test_what_was_read_in_the_instruction_stays_in_its_words():
    inquiry = start(FakeTask("a", ["x"], read_instruction=True), alignment_mode="strict")
    inquiry = reply(inquiry.ask(dependent=False), (40, 50))
    assert bounds(inquiry.answers["a"][0]) == [(40, 50)]


def test_the_report_is_of_both_waves():
    inquiry = start(FakeTask("a", ["x"]), FakeTask("b", ["y"], needs=("a",)))
    first = {"words": 4, "windows": 2, "passes": 4, "truncated_words": 1, "skipped_queries": 1}
    second = {"words": 4, "windows": 1, "passes": 2, "truncated_words": 2, "skipped_queries": 2}
    inquiry = reply(inquiry.ask(dependent=False), (0, 1), **first)
    inquiry = reply(inquiry.ask(dependent=True), (0, 1), **second)
    assert inquiry.report == Report(words=4, windows=2, passes=6, truncated_words=2, skipped_queries=3)


def test_asking_and_receiving_leave_the_inquiry_as_it_was():
    inquiry = start(FakeTask("a", ["x"]))
    asked = inquiry.ask(dependent=False)
    reply(asked, (0, 1))
    assert (inquiry.pending, inquiry.answers, asked.answers) == ({}, {}, {})
