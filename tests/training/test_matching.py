"""Matching: places of strings, by whole words."""

import pytest

from spacy_gliner_mt.training.matching import find_mentions, find_string


@pytest.mark.parametrize(
    ("text", "string", "places"),
    [
        ("art, Art and party art", "art", [(0, 3), (19, 22)]),
        ("a.b a.b.", "a.b", [(0, 3), (4, 7)]),
        ("New\n  York", "New York", [(0, 10)]),
        ("C++ and C", "C++", [(0, 3)]),
        ("C++ and C", "C", [(0, 1), (8, 9)]),
        ("(x) (y)", "(y)", [(4, 7)]),
        ("aa", "a", []),
        ("a", "  ", []),
        ("a", "", []),
    ],
)
def test_find_string(text, string, places):
    assert find_string(text, string) == places


def test_strings_inside_longer_ones_do_not_count():
    text = "York, New York, and the New York Times"
    mentions, absent = find_mentions(
        text, [("York", "city"), ("New York", "city"), ("New York Times", "paper")]
    )
    assert [(text[span.start : span.end], span.label) for span in mentions] == [
        ("York", "city"),
        ("New York", "city"),
        ("New York Times", "paper"),
    ]
    assert absent == []


def test_unless_they_are_nowhere_else():
    mentions, _ = find_mentions("the New York Times", [("New York", "city"), ("New York Times", "paper")])
    assert [span[:2] for span in mentions] == [(4, 12), (4, 18)]


def test_strings_with_several_labels_and_absent_ones():
    pairs = [("Bo", "person"), ("Bo", "sailor"), ("Bo", "person"), ("Cy", "person")]
    mentions, absent = find_mentions("Bo", pairs)
    assert [tuple(span) for span in mentions] == [(0, 2, "person"), (0, 2, "sailor")]
    assert absent == [("Cy", "person")]
