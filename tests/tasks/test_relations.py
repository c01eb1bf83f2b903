"""Relations: which heads are asked for, and which tokens an answer links."""

import json

import pytest
import spacy
from spacy.tokens import Span

from spacy_gliner_mt.errors import QueryError
from spacy_gliner_mt.models.extraction import Request, plan_request
from spacy_gliner_mt.settings import Settings
from spacy_gliner_mt.tasks.alignment import read_words
from spacy_gliner_mt.tasks.relations import RelationTask, read_relations

from .util import answer_entities, make_answer, make_doc

TEXT = "Ada met Bob . Later Ada left Bonn for Rome ."
ADA, BOB, ADA_AGAIN, BONN, ROME = (0, 1), (2, 3), (5, 6), (7, 8), (9, 10)
PEOPLE = [(*ADA, "person"), (*BOB, "person"), (*ADA_AGAIN, "person")]
ENTITIES = [*PEOPLE, (*BONN, "city"), (*ROME, "city")]


def ask(entities=ENTITIES, **settings):
    """The queries for a text with the given entities."""
    return RelationTask(Settings(**settings)).queries(make_doc(TEXT), answer_entities(*entities))


def link(*found, entities=ENTITIES, text=TEXT, **settings):
    """What is linked where the model finds spans for labels: head, tail, relation and score."""
    task = RelationTask(Settings(**{"relations": ["left"], **settings}))
    doc = make_doc(text)
    (query,) = task.queries(doc, answer_entities(*entities))
    task.annotate(doc, [make_answer(query, *((*span, label, score) for label, span, score in found))])
    return [
        ((head.start, head.end), (tail.start, tail.end), label, round(score, 4))
        for head, tail, label, score in doc._.relations
    ]


def test_nothing_is_asked_without_relations():
    assert ask() is None


def test_each_relation_is_asked_of_each_string_once():
    (query,) = ask(relations=["met", "left"])
    strings = ["Ada", "Bob", "Bonn", "Rome"]
    assert query.labels == tuple(f"{head} <> {relation}" for relation in ("met", "left") for head in strings)


def test_a_label_is_anchored_where_its_heads_start():
    (query,) = ask(entities=PEOPLE, relations=["met"])
    assert dict(zip(query.labels, query.anchors, strict=True)) == {"Ada <> met": (0, 20), "Bob <> met": (8,)}


def test_each_relation_has_its_threshold():
    (query,) = ask(
        entities=PEOPLE[:2], relations=["met", "left"], relation_threshold=0.25, thresholds={"left": 0.75}
    )
    assert query.thresholds.tolist() == [0.25, 0.25, 0.75, 0.75]


@pytest.mark.parametrize("templates, start", [("paper", "Identify"), ("card", ""), ("gliner", "Extract")])
def test_the_instruction_is_that_of_the_templates(templates, start):
    (query,) = ask(relations=["met"], templates=templates)
    assert query.instruction.partition(" ")[0] == start


def test_only_allowed_heads_are_asked_for():
    (query,) = ask(
        labels=["person", "city"], relations={"left": [["person", "city"]], "near": [["city", "city"]]}
    )
    assert query.labels == ("Ada <> left", "Bob <> left", "Bonn <> near", "Rome <> near")


def test_a_relation_without_pairs_allows_all():
    (query,) = ask(labels=["person", "city"], relations={"near": []})
    assert query.labels == ("Ada <> near", "Bob <> near", "Bonn <> near", "Rome <> near")


def test_nothing_is_asked_where_there_are_no_entities():
    assert ask(entities=[], relations=["met"]) == []


def test_a_doc_without_entities_has_no_relations():
    doc = make_doc(TEXT)
    RelationTask(Settings(relations=["met"])).annotate(doc, [])
    assert (doc._.relation_data, doc._.relations) == ([], [])


def test_heads_must_come_from_somewhere():
    with pytest.raises(QueryError, match="GM052.*relation_heads = 'ents'"):
        RelationTask(Settings(relations=["met"])).queries(make_doc(TEXT), {})


def test_heads_of_an_earlier_component():
    doc = make_doc(TEXT)
    doc.ents = [Span(doc, 2, 3, "PER")]
    task = RelationTask(Settings(labels=["person"], relations=["met"], relation_heads="ents"))
    (query,) = task.queries(doc, answer_entities(*ENTITIES))
    assert query.labels == ("Bob <> met",)


def test_an_earlier_component_may_have_found_nothing():
    task = RelationTask(Settings(relations=["met"], relation_heads="ents"))
    assert task.queries(make_doc(TEXT), answer_entities(*ENTITIES)) == []


@pytest.mark.parametrize(
    "entities, tail, head",
    [
        (ENTITIES, BOB, ADA),
        (ENTITIES, BONN, ADA_AGAIN),
        (ENTITIES, ROME, ADA_AGAIN),
        # As near to one as to the other: the earlier.
        ([(*ADA, "person"), (2, 4, "x"), (*ADA_AGAIN, "person")], (2, 4), ADA),
        ([(*ADA, "person"), (3, 4, "x"), (*ADA_AGAIN, "person")], (3, 4), ADA_AGAIN),
    ],
)
def test_a_tail_belongs_to_the_nearest_mention(entities, tail, head):
    assert link(("Ada <> left", tail, 0.9), entities=entities) == [(head, tail, "left", 0.9)]


def test_each_mention_has_tails_of_its_own():
    found = link(("Ada <> left", BOB, 0.6), ("Ada <> left", BONN, 0.7), ("Ada <> left", ROME, 0.8))
    assert found == [
        (ADA, BOB, "left", 0.6),
        (ADA_AGAIN, BONN, "left", 0.7),
        (ADA_AGAIN, ROME, "left", 0.8),
    ]


def test_a_nearer_mention_of_another_kind_is_no_head():
    found = link(
        ("Ada <> left", BONN, 0.9),
        entities=[(*ADA, "person"), (*ADA_AGAIN, "ship"), (*BONN, "city")],
        labels=["person", "ship", "city"],
        relations={"left": [["person", "city"], ["ship", "ship"]]},
    )
    assert found == [(ADA, BONN, "left", 0.9)]


@pytest.mark.parametrize(
    "tail, kept",
    [
        (BONN, True),  # a city
        (BOB, False),  # a person
        ((3, 4), False),  # nothing
    ],
)
def test_a_tail_must_be_allowed_for_its_head(tail, kept):
    pairs = {"left": [["person", "city"]]}
    found = link(("Ada <> left", tail, 0.9), labels=["person", "city"], relations=pairs)
    assert bool(found) is kept


def test_a_tail_may_be_any_of_the_labels_of_its_span():
    found = link(
        ("Ada <> left", BONN, 0.9),
        entities=[(*ADA, "person"), (*BONN, "ship"), (*BONN, "city")],
        labels=["person", "city", "ship"],
        relations={"left": [["person", "city"]]},
    )
    assert found == [(ADA, BONN, "left", 0.9)]


@pytest.mark.parametrize(
    "span, free, overlap, exact",
    [
        (BONN, BONN, BONN, BONN),  # an entity
        ((6, 8), (6, 8), BONN, None),  # more than one
        ((7, 10), (7, 10), BONN, None),  # two, as much of either: the first
        ((4, 5), (4, 5), None, None),  # none
        ((8, 9), (8, 9), None, None),  # between two, and touching both
        (ADA, None, None, None),  # the head itself
    ],
)
def test_what_may_be_a_tail(span, free, overlap, exact):
    entities = [(*ADA, "person"), (*BONN, "city"), (*ROME, "city")]
    for tails, tail in {"free": free, "overlap": overlap, "exact": exact}.items():
        found = link(("Ada <> left", span, 0.9), entities=entities, relation_tails=tails)
        assert found == ([] if tail is None else [(ADA, tail, "left", 0.9)]), tails


def test_the_tail_is_what_a_span_overlaps_most():
    entities = [(*ADA, "person"), (2, 4, "x"), (4, 8, "x")]
    assert link(("Ada <> left", (3, 6), 0.9), entities=entities) == [(ADA, (4, 8), "left", 0.9)]


def test_a_free_tail_must_not_overlap_its_head():
    entities = [(0, 2, "person")]
    assert link(("Ada met <> left", (1, 3), 0.9), entities=entities, relation_tails="free") == []
    assert link(("Ada met <> left", (2, 3), 0.9), entities=entities, relation_tails="free") == [
        ((0, 2), (2, 3), "left", 0.9)
    ]


def test_a_free_tail_has_no_label_that_could_be_wrong():
    settings = {"labels": ["person"], "relations": {"left": [["person", "person"]]}, "relation_tails": "free"}
    found = link(("Ada <> left", (3, 4), 0.9), entities=PEOPLE, **settings)
    assert found == [((5, 6), (3, 4), "left", 0.9)]


@pytest.mark.parametrize("limit, kept", [(None, True), (2, True), (1, True), (0, False)])
def test_tokens_between_head_and_tail_are_limited(limit, kept):
    assert bool(link(("Ada <> left", BONN, 0.9), relation_distance=limit)) is kept


def test_neighbours_have_no_tokens_between_them():
    entities = [(0, 1, "person"), (1, 2, "x")]
    assert link(("Ada <> left", (1, 2), 0.9), entities=entities, relation_distance=0)


@pytest.mark.parametrize("scores, best", [((0.6, 0.9), 0.9), ((0.9, 0.6), 0.9)])
def test_the_best_span_for_a_tail_gives_the_score(scores, best):
    spans = zip([(6, 8), (7, 9)], scores, strict=True)
    found = [("Ada <> left", span, score) for span, score in spans]
    assert link(*found) == [(ADA_AGAIN, BONN, "left", best)]


def test_relations_are_in_the_order_of_the_text():
    found = [
        ("Rome <> left", BONN, 0.1),
        ("Ada <> met", ROME, 0.2),
        ("Ada <> left", ROME, 0.3),
        ("Ada <> left", BOB, 0.4),
    ]
    expected = [
        (ADA, BOB, "left", 0.4),
        (ADA_AGAIN, ROME, "left", 0.3),
        (ADA_AGAIN, ROME, "met", 0.2),
        (ROME, BONN, "left", 0.1),
    ]
    assert link(*found, relations=["met", "left"]) == expected
    assert link(*reversed(found), relations=["met", "left"]) == expected


def test_heads_and_relations_may_spell_the_separator():
    found = link(
        ("a <> b <> c <> d", (3, 4), 0.9),
        entities=[(0, 3, "x"), (3, 4, "x")],
        text="a <> b e",
        relations=["c <> d"],
    )
    assert found == [((0, 3), (3, 4), "c <> d", 0.9)]


def test_plain_data_is_stored():
    task = RelationTask(Settings(relations=["left"]))
    doc = make_doc(TEXT)
    (query,) = task.queries(doc, answer_entities(*ENTITIES))
    task.annotate(doc, [make_answer(query, (*BONN, "Ada <> left", 0.5))])
    data = [
        {
            "label": "left",
            "score": 0.5,
            "head": {"start": 20, "end": 23, "text": "Ada", "label": "person"},
            "tail": {"start": 29, "end": 33, "text": "Bonn", "label": "city"},
        }
    ]
    assert doc._.relation_data == json.loads(json.dumps(doc._.relation_data)) == data


def make_related(text="Ada left Bonn ."):
    doc = make_doc(text)
    doc._.relation_data = [
        {
            "label": "left",
            "score": 0.5,
            "head": {"start": 0, "end": 3, "text": "Ada", "label": "person"},
            "tail": {"start": 9, "end": 13, "text": "Bonn", "label": "city"},
        }
    ]
    return doc


def test_relations_are_spans_of_the_doc():
    doc = make_related()
    (relation,) = read_relations(doc)
    assert (relation.head, relation.tail) == (Span(doc, 0, 1, "person"), Span(doc, 2, 3, "city"))
    assert (relation.label, relation.score) == ("left", 0.5)


def test_a_doc_that_nobody_annotated_has_no_relations():
    assert read_relations(make_doc(TEXT)) == []


def test_relations_outlive_other_tokens():
    doc = make_related()
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[1:3])
        retokenizer.split(doc[0], ["A", "da"], heads=[doc[0], doc[0]])
    (relation,) = read_relations(doc)
    assert (relation.head.text, relation.tail.text) == ("Ada", "left Bonn")


@pytest.mark.parametrize("text", ["Eva left Bonn .", "Ada left Rome .", "Ada came to Bonn .", "Ada left", ""])
def test_relations_of_another_text_are_refused(text):
    with pytest.raises(ValueError, match="GM053.*'left'.*Annotate the Doc again"):
        read_relations(make_related(text))


def test_a_label_is_asked_only_in_windows_that_hold_its_head(model_config):
    component = spacy.blank("en").add_pipe("gliner_multitask", config={"model": model_config})
    settings = Settings(relations=["is"], templates="card", window_overlap=0)
    # One word is one subtoken here, so a window has the 64 words of the tiny checkpoint.
    doc = make_doc(" ".join(["a", *"." * 69, "b", *"." * 99, "a", *"." * 59]))
    entities = answer_entities((0, 1, "x"), (70, 71, "x"), (170, 171, "x"))
    queries = RelationTask(settings).queries(doc, entities)
    (plan,) = plan_request(component.model, Request(read_words(doc, "regex"), tuple(queries), settings))
    asked = [(part.window.start, *part.labels.tolist()) for part in plan.parts]
    assert queries[0].labels == ("a <> is", "b <> is")
    assert asked == [(0, 0), (64, 1), (128, 0)]
    assert (plan.windows, plan.passes) == (4, 1)


class TestGold:
    def read(self, *triples, ents=ENTITIES, relations=("met", "left"), **settings):
        """The gold of a text with triples of head, relation and tail."""
        doc = make_doc(TEXT)
        doc.ents = [Span(doc, *ent) for ent in ents]
        doc._.relation_data = [
            {"label": name, "score": 1.0, "head": self.side(doc, *head), "tail": self.side(doc, *tail)}
            for head, name, tail in triples
        ]
        settings = Settings(
            relations=relations if isinstance(relations, dict) else list(relations), **settings
        )
        return RelationTask(settings).gold(doc)

    def side(self, doc, start, end):
        span = doc[start:end]
        label = next((ent.label_ for ent in doc.ents if (ent.start, ent.end) == (start, end)), "")
        return {"start": span.start_char, "end": span.end_char, "text": span.text, "label": label}

    def marks(self, gold):
        texts = [TEXT[start:end] for start, end in zip(gold.spans.start, gold.spans.end, strict=True)]
        return sorted(zip([gold.query.labels[label] for label in gold.spans.label], texts, strict=True))

    def test_tails_answer_heads_and_relations(self):
        (gold,) = self.read((ADA, "met", BOB), (ADA_AGAIN, "left", BONN))
        assert self.marks(gold) == [("Ada <> left", "Bonn"), ("Ada <> met", "Bob")]
        assert len(gold.query.labels) == 8
        assert set(gold.names) == {"met", "left"}
        assert {prefix + name for prefix, name in zip(gold.prefixes, gold.names, strict=True)} == set(
            gold.query.labels
        )

    def test_the_query_is_that_of_the_gold_entities(self):
        (gold,) = self.read((ADA, "met", BOB))
        (query,) = ask(relations=["met", "left"])
        assert (gold.query.labels, gold.query.targets, gold.query.anchors) == (
            query.labels,
            query.targets,
            query.anchors,
        )

    @pytest.mark.parametrize("heads", ["own", "ents"])
    def test_heads_need_not_be_entities(self, heads):
        (gold,) = self.read((BONN, "met", BOB), ents=[(*ADA, "person")], relation_heads=heads)
        assert self.marks(gold) == [("Bonn <> met", "Bob")]
        assert gold.query.labels == ("Ada <> met", "Bonn <> met", "Ada <> left", "Bonn <> left")

    def test_own_heads_are_those_of_the_span_group(self):
        doc = make_doc(TEXT)
        doc.ents = [Span(doc, *ADA, "person")]
        doc.spans["entities"] = [Span(doc, *BOB, "person"), Span(doc, *BONN, "city")]
        doc._.relation_data = []
        (own,) = RelationTask(Settings(relations=["met"])).gold(doc)
        (ents,) = RelationTask(Settings(relations=["met"], relation_heads="ents")).gold(doc)
        assert (own.query.labels, ents.query.labels) == (("Bob <> met", "Bonn <> met"), ("Ada <> met",))

    def test_relations_that_are_not_asked_are_counted(self):
        (gold,) = self.read((ADA, "met", BOB), (ADA, "knows", BOB), relations=["met"])
        assert (self.marks(gold), gold.left_out) == ([("Ada <> met", "Bob")], 1)

    def test_heads_that_a_relation_does_not_allow_are_counted(self):
        settings = {"relations": {"met": [["person", "person"]]}, "labels": ["person", "city"]}
        (gold,) = self.read((ADA, "met", BOB), (BONN, "met", BOB), **settings)
        assert (self.marks(gold), gold.left_out) == ([("Ada <> met", "Bob")], 1)

    def test_several_tails_and_mentions(self):
        (gold,) = self.read((ADA, "met", BOB), (ADA_AGAIN, "met", BONN), (ADA, "met", ROME))
        assert self.marks(gold) == [("Ada <> met", "Bob"), ("Ada <> met", "Bonn"), ("Ada <> met", "Rome")]
