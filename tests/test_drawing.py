"""Drawing: words and arcs for displaCy, and markup that holds together."""

import re
from xml.etree import ElementTree

import pytest
import spacy
from spacy.tokens import Doc
from spacy.tokens.underscore import Underscore
from spacy.vocab import Vocab

from spacy_gliner_mt.drawing import draw_relations, render_relations
from spacy_gliner_mt.pipeline.extensions import register_extensions

TEXT = "Long ago , Ada Lovelace met Charles Babbage in London ."
ADA, BABBAGE, LONDON = (3, 5, "person"), (6, 8, "person"), (9, 10, "city")


def relate(doc, *relations):
    """A Doc with relations, each of a head and a tail (start, end, label), and a label."""
    register_extensions()
    doc._.relation_data = [
        {"label": label, "score": 0.5, "head": make_side(doc, *head), "tail": make_side(doc, *tail)}
        for head, tail, label in relations
    ]
    return doc


def make_side(doc, start, end, label):
    span = doc[start:end]
    return {"start": span.start_char, "end": span.end_char, "text": span.text, "label": label}


def make_doc(*relations, text=TEXT):
    return relate(Doc(Vocab(), words=text.split(" ")), *relations)


def words(drawing):
    return [(word["text"], word["tag"]) for word in drawing["words"]]


def arcs(drawing):
    return [(arc["start"], arc["end"], arc["dir"], arc["label"]) for arc in drawing["arcs"]]


def test_heads_and_tails_are_words_with_their_labels_as_tags():
    (drawing,) = draw_relations(make_doc((ADA, BABBAGE, "met"), (BABBAGE, LONDON, "lives in")))
    assert words(drawing) == [
        ("Ada Lovelace", "person"),
        ("met", ""),
        ("Charles Babbage", "person"),
        ("in", ""),
        ("London", "city"),
    ]
    assert arcs(drawing) == [(0, 2, "right", "met"), (2, 4, "right", "lives in")]


def test_an_arrow_points_to_the_tail():
    (drawing,) = draw_relations(make_doc((LONDON, ADA, "home of")))
    assert arcs(drawing) == [(0, 2, "left", "home of")]


def test_a_doc_without_relations_has_no_drawing():
    assert draw_relations(make_doc()) == draw_relations(Doc(Vocab(), words=["Ada"])) == []


def test_what_touches_has_nothing_between():
    (drawing,) = draw_relations(make_doc(((0, 1, "a"), (1, 2, "b"), "x"), text="Ada Bob"))
    assert words(drawing) == [("Ada", "a"), ("Bob", "b")]


def test_spaces_are_nothing_between():
    (drawing,) = draw_relations(make_doc(((0, 1, "a"), (2, 3, "b"), "x"), text="Ada \n Bob"))
    assert words(drawing) == [("Ada", "a"), ("Bob", "b")]


def test_spans_that_overlap_are_words_of_their_own():
    bank, oslo, bob = (0, 5, "bank"), (2, 3, "city"), (6, 7, "person")
    doc = make_doc((bank, oslo, "in"), (bob, bank, "at"), text="Bank of Oslo and Bergen hired Bob")
    (drawing,) = draw_relations(doc)
    assert words(drawing) == [
        ("Bank of … Bergen", "bank"),
        ("Oslo", "city"),
        ("hired", ""),
        ("Bob", "person"),
    ]
    assert arcs(drawing) == [(0, 1, "right", "in"), (0, 3, "left", "at")]


def test_a_span_with_two_labels_is_two_words():
    doc = make_doc(((0, 1, "a"), (2, 3, "b"), "x"), ((0, 1, "c"), (2, 3, "b"), "y"), text="Ada met Bob")
    (drawing,) = draw_relations(doc)
    assert sorted(words(drawing)) == [("Ada", "a"), ("Ada", "c"), ("Bob", "b"), ("met", "")]
    assert len({arc[:2] for arc in arcs(drawing)}) == 2


@pytest.mark.parametrize(
    "text, short",
    [
        ("exactly 22 characters.", "exactly 22 characters."),
        ("of twenty-three letters", "of … letters"),
        ("had been chartered for two summers and more", "had been … and more"),
        ("line\nbreaks\tand\n\nspaces", "line breaks and spaces"),
        ("pneumonoultramicroscopicsilicovolcanoconiosis", "pneumonoul … noconiosis"),
    ],
)
def test_whatever_has_no_room_is_shortened_in_the_middle(text, short):
    n_words = len(text.split(" "))
    ends = (0, n_words, text), (2 * n_words, 3 * n_words, text)
    (drawing,) = draw_relations(make_doc((*ends, text), text=" ".join([text] * 3)))
    assert words(drawing) == [(short, short), (short, ""), (short, short)]
    assert arcs(drawing) == [(0, 2, "right", short)]


# Twenty people, each of whom knows the next but one.
PEOPLE = " ".join("abcdefghijklmnopqrst")
CHAIN = [((i, i + 1, "x"), (i + 2, i + 3, "x"), "knows") for i in range(18)]


@pytest.mark.parametrize("max_arcs, sizes", [(1, [1] * 18), (6, [6, 6, 6]), (7, [7, 7, 4]), (18, [18])])
def test_many_relations_have_several_drawings(max_arcs, sizes):
    drawings = draw_relations(make_doc(*CHAIN, text=PEOPLE), max_arcs=max_arcs)
    assert [len(drawing["arcs"]) for drawing in drawings] == sizes


def test_each_drawing_has_its_own_words():
    first, _, last = draw_relations(make_doc(*CHAIN, text=PEOPLE))
    assert "".join(text for text, _ in words(first)) == "abcdefgh"
    assert "".join(text for text, _ in words(last)) == "mnopqrst"
    assert (
        [arc[:2] for arc in arcs(first)] == [arc[:2] for arc in arcs(last)] == [(i, i + 2) for i in range(6)]
    )


def test_stretches_of_text_that_do_not_meet_are_drawn_apart():
    pairs = [(1, 0), (2, 7), (3, 4), (6, 5), (8, 9), (12, 10)]
    relations = [((head, head + 1, "x"), (tail, tail + 1, "x"), "x") for head, tail in pairs]
    drawings = draw_relations(make_doc(*relations, text=PEOPLE))
    texts = ["".join(text for text, _ in words(drawing)) for drawing in drawings]
    assert texts == ["ab", "cdefgh", "ij", "klm"]
    assert [len(drawing["arcs"]) for drawing in drawings] == [1, 3, 1, 1]


def test_a_head_that_was_merged_with_its_tail_is_left_out():
    doc = make_doc((ADA, BABBAGE, "met"), (BABBAGE, LONDON, "lives in"))
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[3:8])
    (drawing,) = draw_relations(doc)
    assert arcs(drawing) == [(0, 2, "right", "lives in")]


def test_the_direction_is_that_of_the_language():
    doc = relate(spacy.blank("ar")("أحمد في القاهرة"), ((0, 1, "x"), (2, 3, "x"), "في"))
    (drawing,) = draw_relations(doc)
    assert drawing["settings"] == {"lang": "ar", "direction": "rtl"}


def parse(markup):
    """The drawings in markup, each as its words, tags and labels in order."""
    root = ElementTree.fromstring(f"<x>{re.sub('<!DOCTYPE html>', '', markup)}</x>")
    svg = "{http://www.w3.org/2000/svg}"
    parts = (f"{svg}tspan", f"{svg}textPath")
    return [[node.text for node in drawing.iter() if node.tag in parts] for drawing in root.iter(f"{svg}svg")]


def test_drawings_are_rendered_by_displacy():
    doc = make_doc((ADA, BABBAGE, "met"))
    assert parse(render_relations(doc)) == [
        ["Ada Lovelace", "person", "met", None, "Charles Babbage", "person", "met"]
    ]


def test_markup_in_texts_and_labels_is_text():
    doc = make_doc(((0, 1, "<b>"), (2, 3, '"&"'), "<script>"), text="<i> & </i>")
    assert parse(render_relations(doc)) == [["<i>", "<b>", "&", None, "</i>", '"&"', "<script>"]]


def test_several_docs_are_drawn_one_after_the_other():
    docs = (make_doc((ADA, BABBAGE, label)) for label in ("1", "2"))
    assert [drawing[-1] for drawing in parse(render_relations(docs))] == ["1", "2"]


def test_the_number_of_arcs_is_handed_on():
    assert len(parse(render_relations(make_doc(*CHAIN, text=PEOPLE), max_arcs=9))) == 2


def test_a_page_is_a_whole_document():
    page = render_relations(make_doc((ADA, BABBAGE, "met")), page=True)
    assert page.startswith("<!DOCTYPE html>") and page.endswith("</html>")
    assert len(parse(page)) == 1


def test_docs_without_relations_render_to_nothing():
    assert render_relations(make_doc()) == render_relations([]) == ""


def test_options_are_those_of_displacy():
    doc = make_doc((ADA, BABBAGE, "met"))
    width = re.compile(r'<svg[^>]* width="(\d+)"')
    assert width.search(render_relations(doc)).group(1) == str(90 + 3 * 180)
    wide = render_relations(doc, options={"distance": 300, "color": "#123456"})
    assert (width.search(wide).group(1), "color: #123456" in wide) == (str(90 + 3 * 300), True)


def test_markup_may_be_minified():
    doc = make_doc((ADA, BABBAGE, "met"))
    assert "\n" in render_relations(doc) and "\n" not in render_relations(doc, minify=True)


@pytest.mark.parametrize("value", ["text", None, {"words": []}, 3])
def test_only_docs_are_drawn(value):
    with pytest.raises(ValueError, match="GM070") as error:
        render_relations([value])
    assert repr(value) in str(error.value)


def test_a_part_of_a_doc_is_refused():
    with pytest.raises(ValueError, match="GM070"):
        render_relations(make_doc((ADA, BABBAGE, "met"))[3:8])


@pytest.mark.parametrize("max_arcs", [0, -1])
def test_a_drawing_holds_an_arc(max_arcs):
    with pytest.raises(ValueError, match=f"GM008.*'max_arcs' is {max_arcs}.*at least 1"):
        draw_relations(make_doc(), max_arcs=max_arcs)


def test_relations_of_another_text_are_refused():
    doc = make_doc((ADA, BABBAGE, "met"))
    other = Doc(Vocab(), words=["Bob"])
    other._.relation_data = doc._.relation_data
    with pytest.raises(ValueError, match="GM053"):
        render_relations(other)


def test_a_stored_doc_needs_no_component(monkeypatch):
    """In a process that has made none, nothing has registered the attributes."""
    stored = make_doc((ADA, BABBAGE, "met")).to_bytes()
    monkeypatch.setattr(Underscore, "doc_extensions", {})
    assert len(draw_relations(Doc(Vocab()).from_bytes(stored))) == 1
