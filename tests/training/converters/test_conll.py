"""CoNLL: tags of all schemes, and lines that are none."""

import pytest

from .util import read, spell, write


def spans_of(tmp_path, tags, words="abcdefgh"):
    lines = "".join(f"{word} {tag}\n" for word, tag in zip(words, tags.split(), strict=False))
    ((record,), counts) = read("conll", write(tmp_path / "x.txt", lines))
    return spell(record), counts


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        ("O O", []),
        ("B-x I-x O B-y", [("a b", "x"), ("d", "y")]),
        ("B-x B-x I-x", [("a", "x"), ("b c", "x")]),
        # IOB1: B only parts two of the same label
        ("I-x I-x B-x O I-y", [("a b", "x"), ("c", "x"), ("e", "y")]),
        ("I-x I-y", [("a", "x"), ("b", "y")]),
        # BIOES, BILUO
        ("B-x E-x S-x S-y", [("a b", "x"), ("c", "x"), ("d", "y")]),
        ("B-x I-x L-x U-x I-x", [("a b c", "x"), ("d", "x"), ("e", "x")]),
        ("B-a-b I-a-b", [("a b", "a-b")]),
    ],
)
def test_tags(tmp_path, tags, spans):
    assert spans_of(tmp_path, tags) == (spans, {})


def test_ends_without_a_beginning_are_counted(tmp_path):
    assert spans_of(tmp_path, "E-x B-y L-x") == (
        [("a", "x"), ("b", "y"), ("c", "x")],
        {"tags that continue no entity, taken to begin one": 2},
    )


def test_columns_comments_and_documents(tmp_path):
    path = write(
        tmp_path / "lake.conll",
        "-DOCSTART- -X- -X- O\n\n# id 1\n"
        "Lake NN B-NP B-place\nComo NN I-NP I-place\n# SYM O O\n\n\n"
        "Boats\tNNS\tO\n#\tO\n\nBo\tB-person\n",
    )
    records, counts = read("conll", path)
    assert [record.text for record in records] == ["Lake Como #", "Boats #", "Bo"]
    assert [spell(record) for record in records] == [[("Lake Como", "place")], [], [("Bo", "person")]]
    assert {record.labels for record in records} == {("person", "place")}
    assert [record.id for record in records] == ["lake-0", "lake-1", "lake-2"]
    assert counts == {}


def test_tags_without_a_word_are_counted(tmp_path):
    records, counts = read("conll", write(tmp_path / "x.txt", "Bo\tB-person\n\u00a0\tI-person\nCy\tO\n"))
    assert spell(records[0]) == [("Bo", "person")]
    assert records[0].text == "Bo Cy"
    assert counts == {"tags without a word": 1}


def test_other_lines_are_named(tmp_path):
    path = write(tmp_path / "x.txt", "Bo\tB-person\nhello world\n")
    with pytest.raises(ValueError, match=r"GM223.*Line 2 of '.*x\.txt'.*hello"):
        read("conll", path)
