"""Sentences: places in the text."""

from spacy_gliner_mt.training.sentences import split_sentences


def test_sentences():
    text = "Mr. Day swam 3.5 miles.  He slept!\n\n Cold\nwater "
    assert [text[start:end] for start, end in split_sentences(text)] == [
        "Mr. Day swam 3.5 miles.",
        "He slept!",
        "Cold",
        "water",
    ]
