"""FewRel: heads and tails by the words of their mentions."""

from spacy_gliner_mt.training.records import Triple

from .util import read, spell, write

WORDS = ["Bo", "Day", ",", "son", "of", "Al", "Day", ",", "sails", "."]


def make(head, tail):
    return {"tokens": WORDS, "h": ["bo day", "Q1", head], "t": ["al day", "Q2", tail]}


def test_relations(tmp_path):
    file = {"P22": [make([[0, 1]], [[5, 6]])], "P25": [make([[0], [0, 1]], [[5, 6]])]}
    records, counts = read("fewrel", write(tmp_path / "kin.json", file))
    assert [record.id for record in records] == ["kin-P22-0", "kin-P25-0"]
    assert records[0].text == "Bo Day , son of Al Day , sails ."
    assert records[0].labels == ("P22", "P25")
    assert spell(records[0]) == [("Bo Day", "entity"), ("Al Day", "entity")]
    assert records[0].relations == (Triple(0, 6, "P22", 16, 22),)
    # Of several mentions the first has the relation, and all are entities.
    assert records[1].relations == (Triple(0, 2, "P25", 16, 22),)
    assert len(records[1].spans) == 3
    assert counts == {}


def test_mentions_in_pieces_are_counted(tmp_path):
    file = {"P22": [make([[0, 3]], [[5, 6]]), make([[0, 1]], [[]]), make([[0]], [[99]]), make([[0]], [[5]])]}
    records, counts = read("fewrel", write(tmp_path / "x.json", file))
    assert [record.id for record in records] == ["x-P22-3"]
    assert counts == {"sentences whose head or tail is not in one piece": 3}
