"""Label pool: how often labels are mentioned, and what they stand with."""

from spacy_gliner_mt.gold import Gold
from spacy_gliner_mt.tasks.gold import mark_spans
from spacy_gliner_mt.training.label_pool import LabelPool

from ..util import make_query


def make_gold(names, marks, *, kind="entities", prefix=""):
    return Gold(
        make_query([prefix + name for name in names]),
        mark_spans((start, end, names.index(name)) for start, end, name in marks),
        kind=kind,
        names=tuple(names) if kind else (),
        prefixes=(prefix,) * len(names) if kind else (),
    )


def test_counts_texts_that_mention_a_label():
    golds = [
        make_gold(["a", "b", "c"], [(0, 1, "a"), (2, 3, "a"), (4, 5, "b")]),
        make_gold(["b"], [(0, 1, "b")]),
        make_gold(["met", "born in"], [(4, 7, "met")], kind="relations", prefix="Ada <> "),
        make_gold(["answer"], [(0, 1, "answer")], kind=""),
    ]
    assert LabelPool.of(golds).counts == {
        "entities": {"a": 1, "b": 2, "c": 0},
        "relations": {"met": 1, "born in": 0},
    }


def test_companions_are_of_labels_without_prefixes():
    marks = [(0, 3, "a"), (0, 3, "b")]
    assert LabelPool.of([make_gold(["a", "b"], marks)]).companions == {"a": {"b"}, "b": {"a"}}
    assert LabelPool.of([make_gold(["a", "b"], marks, prefix="Ada <> ")]).companions == {}


def test_adds_up():
    pool = LabelPool({"x": {"a": 1, "b": 2}}, {"a": {"b"}}) + LabelPool(
        {"x": {"b": 3, "c": 0}, "y": {"a": 1}}, {"a": {"c"}, "d": {"e"}}
    )
    assert pool.counts == {"x": {"a": 1, "b": 5, "c": 0}, "y": {"a": 1}}
    assert pool.of_kind("z") == {}
    assert pool.companions == {"a": {"b", "c"}, "d": {"e"}}
