"""CNN/DailyMail: the sentences that share most with the highlights."""

import pytest

from spacy_gliner_mt.training.converters.cnn_dailymail import choose_sentences

from .util import read, spell, write

STORY = """(CNN) -- The ferry to Eigg sank on Monday. It was raining. Mr. Day swam.

Nobody was hurt, the captain said.

@highlight

The ferry sank Monday

@highlight

Nobody was hurt
"""


def test_story(tmp_path):
    ((record,), counts) = read("cnn_dailymail", write(tmp_path / "abc.story", STORY))
    assert record.task == "summarization" and record.id == "abc"
    assert record.text.count("\n") == 1 and "@highlight" not in record.text
    assert record.reference == "The ferry sank Monday Nobody was hurt"
    assert spell(record) == [
        ("(CNN) -- The ferry to Eigg sank on Monday.", "summary"),
        ("Nobody was hurt, the captain said.", "summary"),
    ]
    assert counts == {}


@pytest.mark.parametrize(
    ("summary", "chosen"),
    [
        ("b", [1]),
        ("cats run and dogs sleep", [0, 2]),
        # words are stemmed
        ("a dog sleeps", [2]),
        # any more would add words that the summary does not have
        ("cats run", [0]),
        ("x", []),
    ],
)
def test_sentences_are_chosen_while_they_add_to_the_match(summary, chosen):
    assert choose_sentences(["Cats run.", "B c d.", "Dogs sleep."], summary) == chosen


def test_folders_and_what_is_incomplete(tmp_path):
    write(tmp_path / "b.story", STORY)
    (tmp_path / "deep").mkdir()
    write(tmp_path / "deep" / "a.story", "Only text.\n")
    write(tmp_path / "c.story", "Some text.\n\n@highlight\n\nOthers\n")
    write(tmp_path / "d.txt", "no")
    records, counts = read("cnn_dailymail", tmp_path)
    assert [record.id for record in records] == ["b", "c"]
    assert counts == {
        "stories without a text or without highlights": 1,
        "stories whose highlights share no word with them": 1,
    }


def test_a_folder_without_stories_is_named(tmp_path):
    with pytest.raises(ValueError, match="GM215"):
        read("cnn_dailymail", tmp_path)
