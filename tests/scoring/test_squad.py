"""SQuAD: texts by hand, and the official script's treatment of words and of nothing."""

import pytest

from spacy_gliner_mt.scoring.squad import average, match_text, normalize


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The Norman  dynasty.", ["norman", "dynasty"]),
        ("an answer, a the", ["answer"]),
        ("Theatre and anthem", ["theatre", "and", "anthem"]),
        ("U.S.-led", ["usled"]),  # punctuation leaves no gap
        ("“Émile” – 5 €", ["“émile”", "–", "5", "€"]),  # only ASCII is punctuation
        (" \n", []),
        ("The", []),
    ],
)
def test_normalize(text, words):
    assert normalize(text) == words


@pytest.mark.parametrize(
    ("text", "golds", "em", "f"),
    [
        ("the Conqueror", ["Conqueror!"], 1, 1),
        ("William of Normandy", ["William the Conqueror"], 0, 2 * 1 / (3 + 2)),
        ("William of Normandy", ["William the Conqueror", "of Normandy"], 0, 2 * 2 / (3 + 2)),
        ("Normandy", ["William", "Normandy"], 1, 1),
        ("new new york", ["new york new"], 0, 1),
        ("new new york", ["new york"], 0, 2 * 2 / (3 + 2)),
        ("Paris", ["London"], 0, 0),
        # found nothing, or nothing was to be found
        ("", ["London"], 0, 0),
        ("Paris", [], 0, 0),
        ("", [], 1, 1),
        # articles and punctuation alone are nothing
        ("the", [], 1, 1),
        ("", ["the"], 1, 1),
        ("Paris", ["...", "Paris"], 1, 1),
    ],
)
def test_match_text(text, golds, em, f):
    assert match_text(text, golds) == pytest.approx((em, f))


def test_average():
    matches = [match_text("a b c", ["a b c"]), match_text("b d", ["b"]), match_text("", ["b"])]
    assert average(matches) == pytest.approx((1 / 3, (1 + 2 / 3 + 0) / 3))
    assert average([]) == (None, None)
