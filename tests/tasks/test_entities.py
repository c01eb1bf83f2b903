"""Entities: the query they ask, the span group, and doc.ents under each policy."""

import numpy as np
import pytest
from spacy.tokens import Doc, Span, SpanGroup
from spacy.tokens.underscore import Underscore
from spacy.vocab import Vocab

from spacy_gliner_mt.pipeline.extensions import register_extensions
from spacy_gliner_mt.settings import Settings
from spacy_gliner_mt.tasks.entities import EntityTask
from spacy_gliner_mt.types import Answer, Spans

LABELS = ["person", "city"]
PERSON, CITY = range(2)


@pytest.fixture(autouse=True)
def extensions(monkeypatch):
    """Those of this package, whoever was there before."""
    monkeypatch.setattr(Underscore, "span_extensions", {})
    register_extensions()


def make_doc(ents=(), n_words=8):
    doc = Doc(Vocab(), words=[f"w{i}" for i in range(n_words)])
    doc.ents = [Span(doc, start, end, label) for start, end, label in ents]
    return doc


def make_spans(*rows):
    start, end, label, score = np.array(rows, dtype=np.float64).reshape(-1, 4).T
    return Spans(
        start.astype(np.int64), end.astype(np.int64), label.astype(np.int64), score.astype(np.float32)
    )


def annotate(doc, *rows, **settings):
    task = EntityTask(Settings(**{"labels": LABELS, **settings}))
    (query,) = task.queries(doc, {})
    task.annotate(doc, [Answer(query, make_spans(*rows))])


def rows_of(spans):
    return [(span.start, span.end, span.label_) for span in spans]


def group_of(doc, key="entities"):
    """Spans of the group with their scores."""
    group = doc.spans[key]
    scores = [round(float(score), 4) for score in group.attrs["scores"]]
    return [(*row, score) for row, score in zip(rows_of(group), scores, strict=True)]


def block(doc, *tokens):
    doc.set_ents(list(doc.ents), blocked=[doc[i : i + 1] for i in tokens])


def test_nothing_is_asked_without_labels():
    assert EntityTask(Settings()).queries(make_doc(), {}) is None


def test_the_query_carries_the_settings():
    settings = Settings(
        labels={"PER": "a person", "LOC": "a place"},
        threshold=0.25,
        thresholds={"LOC": 0.75},
        span_score="mean",
        nested=True,
        multi_label=True,
    )
    (query,) = EntityTask(settings).queries(make_doc(), {})
    assert (query.labels, query.thresholds.tolist()) == (("a person", "a place"), [0.25, 0.75])
    assert (query.span_score, query.nested, query.multi_label) == ("mean", True, True)
    assert query.instruction == ""


def test_spans_and_entities_are_written_with_names_and_scores():
    doc = make_doc()
    annotate(doc, (0, 2, PERSON, 0.75), (3, 4, CITY, 0.5), spans_key="found", labels={"PER": "x", "LOC": "y"})
    assert group_of(doc, "found") == [(0, 2, "PER", 0.75), (3, 4, "LOC", 0.5)]
    assert rows_of(doc.ents) == [(0, 2, "PER"), (3, 4, "LOC")]
    assert [span._.score for span in doc.ents] == [0.75, 0.5]


def test_nothing_found_leaves_an_empty_group_and_no_entities():
    doc = make_doc()
    annotate(doc)
    assert (group_of(doc), rows_of(doc.ents)) == ([], [])


def test_an_empty_doc_gets_an_empty_group():
    doc = make_doc(n_words=0)
    annotate(doc)
    assert (group_of(doc), rows_of(doc.ents)) == ([], [])


def test_a_second_run_replaces_the_group():
    doc = make_doc()
    annotate(doc, (0, 2, PERSON, 0.75))
    annotate(doc, (3, 4, CITY, 0.5))
    assert group_of(doc) == [(3, 4, "city", 0.5)]


@pytest.mark.parametrize(
    "settings, rows, ents",
    [
        ({"nested": True}, [(0, 3, PERSON, 0.6), (1, 2, CITY, 0.9)], [(1, 2, "city")]),
        ({"nested": True}, [(0, 3, PERSON, 0.9), (1, 2, CITY, 0.6)], [(0, 3, "person")]),
        ({"multi_label": True}, [(0, 3, PERSON, 0.6), (0, 3, CITY, 0.9)], [(0, 3, "city")]),
        # Of equals the first.
        ({"multi_label": True}, [(0, 3, PERSON, 0.6), (0, 3, CITY, 0.6)], [(0, 3, "person")]),
        (
            {"nested": True},
            [(0, 2, CITY, 0.9), (0, 5, PERSON, 0.6), (3, 4, CITY, 0.5)],
            [(0, 2, "city"), (3, 4, "city")],
        ),
    ],
)
def test_overlapping_spans_are_all_in_the_group_and_the_best_in_ents(settings, rows, ents):
    doc = make_doc()
    annotate(doc, *rows, **settings)
    assert group_of(doc) == [(start, end, LABELS[label], score) for start, end, label, score in rows]
    assert rows_of(doc.ents) == ents


EXISTING = [(0, 2, "ORG"), (4, 5, "DATE")]


@pytest.mark.parametrize(
    "policy, found, ents",
    [
        # Whatever the policy, what does not overlap stays.
        ("keep", [], EXISTING),
        ("overwrite", [], EXISTING),
        ("score", [], EXISTING),
        ("keep", [(2, 3, CITY, 0.1)], [(0, 2, "ORG"), (2, 3, "city"), (4, 5, "DATE")]),
        ("overwrite", [(2, 3, CITY, 0.1)], [(0, 2, "ORG"), (2, 3, "city"), (4, 5, "DATE")]),
        ("score", [(2, 3, CITY, 0.1)], [(0, 2, "ORG"), (2, 3, "city"), (4, 5, "DATE")]),
        # What overlaps in part, inside, around, or exactly.
        ("keep", [(1, 3, CITY, 1.0)], EXISTING),
        ("keep", [(0, 2, CITY, 1.0)], EXISTING),
        ("keep", [(0, 8, CITY, 1.0)], EXISTING),
        # As certain as can be, and starting earlier.
        ("keep", [(3, 5, CITY, 1.0)], EXISTING),
        ("keep", [(0, 2, PERSON, 1.0), (4, 6, CITY, 0.9), (6, 7, CITY, 0.9)], [*EXISTING, (6, 7, "city")]),
        ("overwrite", [(1, 3, CITY, 0.1)], [(1, 3, "city"), (4, 5, "DATE")]),
        ("overwrite", [(0, 1, CITY, 0.1)], [(0, 1, "city"), (4, 5, "DATE")]),
        ("overwrite", [(0, 8, CITY, 0.1)], [(0, 8, "city")]),
        # An entity without a score is certain.
        ("score", [(1, 3, CITY, 0.99)], EXISTING),
        ("score", [(0, 8, CITY, 0.99)], EXISTING),
    ],
)
def test_policies_for_entities_that_are_there_already(policy, found, ents):
    doc = make_doc(EXISTING)
    annotate(doc, *found, existing_ents=policy)
    assert rows_of(doc.ents) == ents
    assert len(doc.spans["entities"]) == len(found)


@pytest.mark.parametrize(
    "policy, ents",
    [
        ("keep", [(0, 2, "ORG"), (3, 5, "LOC")]),
        ("overwrite", [(1, 3, "city"), (4, 6, "city")]),
        ("score", [(1, 3, "city"), (3, 5, "LOC")]),
    ],
)
def test_policies_where_entities_have_scores(policy, ents):
    """In any group of the Doc, as spancat leaves them."""
    doc = make_doc([(0, 2, "ORG"), (3, 5, "LOC")])
    doc.spans["sc"] = SpanGroup(doc, spans=doc.ents, attrs={"scores": np.array([0.3, 0.8], dtype=np.float32)})
    annotate(doc, (1, 3, CITY, 0.6), (4, 6, CITY, 0.7), existing_ents=policy)
    assert rows_of(doc.ents) == ents


@pytest.mark.parametrize("second, ents", [(0.9, [(1, 3, "city")]), (0.4, [(0, 2, "person")])])
def test_entities_of_an_earlier_run_keep_their_scores_until_they_are_compared(second, ents):
    """Two components with the same span group: the later one replaces the group, but an entity of
    the earlier one is no more certain for that."""
    doc = make_doc()
    annotate(doc, (0, 2, PERSON, 0.6))
    annotate(doc, (1, 3, CITY, second), existing_ents="score")
    assert rows_of(doc.ents) == ents


@pytest.mark.parametrize("policy", ["keep", "overwrite", "score"])
def test_blocked_tokens_are_never_written_over(policy):
    doc = make_doc([(0, 2, "ORG")])
    block(doc, 3, 7)
    annotate(doc, (2, 4, CITY, 1.0), (4, 6, PERSON, 0.5), (7, 8, CITY, 1.0), existing_ents=policy)
    assert rows_of(doc.ents) == [(0, 2, "ORG"), (4, 6, "person")]
    # And they stay blocked, for the components that come after.
    assert [(token.ent_iob_, token.ent_type_) for token in doc] == [
        ("B", "ORG"),
        ("I", "ORG"),
        ("O", ""),
        ("B", ""),
        ("B", "person"),
        ("I", "person"),
        ("O", ""),
        ("B", ""),
    ]


def test_spans_over_blocked_tokens_do_not_exclude_others():
    doc = make_doc()
    block(doc, 2)
    annotate(doc, (0, 3, CITY, 0.9), (0, 2, PERSON, 0.5), nested=True)
    assert rows_of(doc.ents) == [(0, 2, "person")]


@pytest.mark.parametrize("policy", ["keep", "overwrite", "score"])
def test_entities_that_stay_keep_their_ids(policy):
    doc = make_doc()
    doc.ents = [Span(doc, 0, 2, "ORG", kb_id="Q1", span_id="rule")]
    annotate(doc, (3, 4, CITY, 0.5), existing_ents=policy)
    kept = doc.ents[0]
    assert (kept.label_, kept.kb_id_, kept.id_) == ("ORG", "Q1", "rule")


class TestGold:
    def read(self, doc, **settings):
        (gold,) = EntityTask(Settings(**{"labels": LABELS, **settings})).gold(doc)
        return gold

    def marks(self, spans):
        return list(zip(spans.start.tolist(), spans.end.tolist(), spans.label.tolist(), strict=True))

    def test_entities(self):
        gold = self.read(make_doc([(0, 2, "city"), (3, 4, "person")]))
        assert self.marks(gold.spans) == [(0, 5, CITY), (9, 11, PERSON)]
        assert (gold.query.labels, gold.names, gold.kind) == (
            ("person", "city"),
            ("person", "city"),
            "entities",
        )
        assert len(gold.unknown) == gold.left_out == 0

    def test_the_span_group_comes_first(self):
        doc = make_doc([(0, 2, "city")])
        doc.spans["entities"] = [Span(doc, 0, 2, "city"), Span(doc, 1, 2, "person"), Span(doc, 1, 3, "city")]
        assert self.marks(self.read(doc).spans) == [(0, 5, CITY), (3, 5, PERSON), (3, 8, CITY)]
        doc.spans["mine"] = []
        assert self.marks(self.read(doc, spans_key="mine").spans) == []

    def test_descriptions_are_asked_and_names_annotated(self):
        gold = self.read(make_doc([(0, 2, "city")]), labels={"city": "a large town", "person": "a human"})
        assert gold.query.labels == ("a large town", "a human")
        assert gold.names == ("city", "person")
        assert self.marks(gold.spans) == [(0, 5, 0)]

    def test_other_labels_are_left_out_and_counted(self):
        gold = self.read(make_doc([(0, 2, "city"), (3, 4, "river"), (5, 6, "lake")]))
        assert (self.marks(gold.spans), gold.left_out) == ([(0, 5, CITY)], 2)

    def test_tokens_nobody_annotated_are_unknown(self):
        doc = make_doc()
        doc.set_ents([Span(doc, 0, 1, "city")], missing=[doc[3:5]], outside=[doc[1:3], doc[5:8]])
        gold = self.read(doc)
        assert self.marks(gold.spans) == [(0, 2, CITY)]
        assert gold.unknown.tolist() == [[9, 11], [12, 14]]

    def test_a_span_group_leaves_nothing_unknown(self):
        doc = Doc(Vocab(), words=["a", "b"])
        doc.spans["entities"] = []
        assert len(self.read(doc).unknown) == 0

    def test_blocked_tokens_are_known(self):
        doc = make_doc([(0, 1, "city")])
        block(doc, 3)
        assert len(self.read(doc).unknown) == 0

    def test_spans_known_to_be_wrong(self):
        doc = make_doc([(0, 2, "city")])
        doc.spans["no"] = [Span(doc, 0, 2, "person"), Span(doc, 3, 4, "city"), Span(doc, 5, 6, "river")]
        gold = self.read(doc, incorrect_spans_key="no")
        assert self.marks(gold.spans) == [(0, 5, CITY)]
        assert self.marks(gold.wrong) == [(0, 5, PERSON), (9, 11, CITY)]
        assert gold.left_out == 1
        assert self.marks(self.read(doc).wrong) == []

    def test_wrong_spans_alone_leave_the_rest_unknown(self):
        doc = Doc(Vocab(), words=["a", "b"])
        doc.spans["no"] = [Span(doc, 0, 1, "person")]
        gold = self.read(doc, incorrect_spans_key="no")
        assert (self.marks(gold.spans), self.marks(gold.wrong)) == ([], [(0, 1, PERSON)])
        assert gold.unknown.tolist() == [[0, 1], [2, 3]]

    def test_a_span_cannot_be_right_and_wrong(self):
        doc = make_doc([(0, 2, "city")])
        doc.spans["no"] = [Span(doc, 0, 2, "city")]
        with pytest.raises(ValueError, match=r"\[GM080\].*\(0, 2, 'city'\).*'no'"):
            self.read(doc, incorrect_spans_key="no")
