"""Exclusion: which of several labels of a span is right."""

from spacy_gliner_mt.gold import Gold
from spacy_gliner_mt.tasks.gold import mark_spans
from spacy_gliner_mt.training.exclusion import find_companions, keep_general, keep_specific

from ..util import make_query

NAMES = ("person", "writer", "poet", "city")
COMPANIONS = {"person": {"writer", "poet", "king"}, "writer": {"poet", "person"}, "poet": {"writer"}}


def make_gold(marks, wrong=()):
    return Gold(
        make_query(NAMES),
        mark_spans((start, end, NAMES.index(name)) for start, end, name in marks),
        wrong=mark_spans((start, end, NAMES.index(name)) for start, end, name in wrong),
        names=NAMES,
    )


def read(spans):
    return [
        (start, end, NAMES[label])
        for start, end, label in zip(spans.start.tolist(), spans.end.tolist(), spans.label, strict=True)
    ]


def test_companions_share_a_span_in_any_text():
    texts = [
        [(0, 4, "person"), (0, 4, "poet"), (0, 6, "city")],
        [(0, 4, "person"), (0, 4, "king"), (9, 12, "city")],
    ]
    assert find_companions(texts) == {"person": {"poet", "king"}, "poet": {"person"}, "king": {"person"}}


class TestSpecific:
    def test_the_most_specific_label_is_right(self):
        gold = make_gold([(0, 4, "person"), (0, 4, "poet"), (0, 4, "writer"), (5, 9, "person")])
        assert read(keep_specific(gold, COMPANIONS).spans) == [(0, 4, "poet"), (5, 9, "person")]

    def test_spans_that_overlap_are_no_one_span(self):
        marks = [(0, 4, "person"), (0, 6, "poet"), (2, 4, "city")]
        assert read(keep_specific(make_gold(marks), COMPANIONS).spans) == marks

    def test_nothing_else_changes(self):
        gold = make_gold([(0, 4, "person")], wrong=[(0, 4, "poet")])
        assert keep_specific(gold, COMPANIONS).query is gold.query
        assert read(keep_specific(gold, COMPANIONS).wrong) == [(0, 4, "poet")]

    def test_no_spans_stay_none(self):
        assert len(keep_specific(make_gold([]), COMPANIONS).spans) == 0


class TestGeneral:
    def test_a_label_gives_way_everywhere(self):
        gold = make_gold([(0, 4, "person"), (0, 4, "poet"), (5, 9, "poet"), (7, 8, "city")])
        general, asked = keep_general(gold, COMPANIONS)
        assert read(general.spans) == [(0, 4, "person"), (5, 9, "person"), (7, 8, "city")]
        assert [NAMES[label] for label in asked] == ["person", "writer", "city"]

    def test_to_the_most_general_of_those_it_stands_with(self):
        gold = make_gold([(0, 4, "writer"), (0, 4, "poet"), (5, 9, "person"), (5, 9, "poet")])
        general, asked = keep_general(gold, COMPANIONS)
        assert read(general.spans) == [(0, 4, "person"), (5, 9, "person")]
        assert [NAMES[label] for label in asked] == ["person", "city"]

    def test_what_is_wrong_of_labels_that_are_not_asked_is_forgotten(self):
        marks = [(0, 4, "person"), (0, 4, "poet")]
        general, _ = keep_general(make_gold(marks, wrong=[(5, 9, "poet"), (5, 9, "city")]), COMPANIONS)
        assert read(general.wrong) == [(5, 9, "city")]

    def test_labels_of_different_spans_stay(self):
        gold = make_gold([(0, 4, "person"), (0, 6, "poet")])
        general, asked = keep_general(gold, COMPANIONS)
        assert read(general.spans) == read(gold.spans)
        assert len(asked) == len(NAMES)

    def test_no_spans_stay_none(self):
        general, asked = keep_general(make_gold([]), COMPANIONS)
        assert len(general.spans) == 0
        assert len(asked) == len(NAMES)
