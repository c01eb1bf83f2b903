"""Words: gliner's wherever a script writes spaces, characters where it does not."""

import numpy as np
import pytest
from gliner.data_processing.tokenizer import WhitespaceTokenSplitter

from spacy_gliner_mt.encoding.words import split_words

SPACED = [
    "Satya Nadella runs Microsoft from Redmond.",
    "Don't pay $1,234.50 (or 99%) to a_b-c@mail.example.org - it's https://x.y/z?q=1#top!",
    "state-of-the-art, e-mail, -x, x-, x--y, __init__, snake_case_2, 3-4, \u2013 \u2014 \u2011",
    "Straßenbahn-Haltestelle „Zürich Süd“, ÄÖÜ: 3,5 km; z.B. Ärzt*innen",
    "Nai\u0308ve re\u0301sume\u0301 (decomposed), naïve résumé (composed)",
    "ذهبَ محمّدٌ إلى القاهرةِ، ثمّ عاد ٢٠٢٤.",
    "שלום עולם, ד״ר לוי",
    "Привет, мир! Ελληνικά. 안녕하세요 서울 हिन्दी भाषा বাংলা தமிழ்",
    "\U0001f600\U0001f468\u200d\U0001f469 ok \U0001f44d\U0001f3fd! \u2764\ufe0f \U0001f1e9\U0001f1ea",
    "tab\tnew\nline\r\n\x0b\x0c\x85\u2028\u2029\u00a0\u3000end",
    "zero\u200bwidth \ufeffbom \x07bell \x00null \u00adsoft\u00adhyphen",
    "<<ENT>> <<SEP>> [SEP] [CLS]",
    "ﬁne ½ x² ①",
]
UNSPACED = {
    "微软由比尔·盖茨于1975年创立。": "微 软 由 比 尔 · 盖 茨 于 1975 年 创 立 。",
    "東京2020-iPhone 手机": "東 京 2020-iPhone 手 机",
    "人々のコーヒー": "人 々 の コ ー ヒ ー",
    "東_京-都": "東 _ 京 - 都",
    "\U00020bb7野家": "\U00020bb7 野 家",
    # Vowel signs and tone marks stay with their letter.
    "กรุงเทพ ที่นี่": "ก รุ ง เ ท พ ที่ นี่",
    "ວຽງຈັນ": "ວ ຽ ງ ຈັ ນ",
    "ភ្នំពេញ": "ភ្ នំ ពេ ញ",
    "မြန်မာ": "မြ န် မာ",
}


def words_of(text):
    words = split_words(text)
    assert len(words) == len(words.texts)
    return list(zip(words.texts, words.starts.tolist(), words.ends.tolist(), strict=True))


@pytest.mark.parametrize("text", SPACED)
def test_words_of_spaced_scripts_equal_the_reference(text):
    assert words_of(text) == list(WhitespaceTokenSplitter()(text))


@pytest.mark.parametrize("seed", range(10))
def test_words_of_random_spaced_text_equal_the_reference(seed):
    rng = np.random.default_rng(seed)
    characters = [*"ab9ß_--  .,'\n\t(€é", "e\u0301", "م", "\u064b", "\U0001f600", "\u200b", "\u200d", "한"]
    text = "".join(rng.choice(characters, 300))
    assert words_of(text) == list(WhitespaceTokenSplitter()(text))


@pytest.mark.parametrize("text, words", UNSPACED.items())
def test_scripts_without_spaces_have_a_word_per_character(text, words):
    assert list(split_words(text).texts) == words.split()


@pytest.mark.parametrize("text, words", [("ｺｰﾋｰ", ["ｺ", "ｰ", "ﾋ", "ｰ"]), ("か\u3099く", ["か\u3099", "く"])])
def test_half_width_and_decomposed_kana_have_a_word_per_character(text, words):
    """As other kana have: a run of the former is no word, nor is a voicing mark without its kana."""
    assert list(split_words(text).texts) == words


@pytest.mark.parametrize("text", [*SPACED, *UNSPACED, " ".join([*UNSPACED, *SPACED])])
def test_words_cover_every_visible_character_once_and_in_order(text):
    covered = []
    for word, start, end in words_of(text):
        assert word == text[start:end]
        covered += range(start, end)
    assert covered == [i for i, character in enumerate(text) if not character.isspace()]


@pytest.mark.parametrize("text", ["", " ", " \t\r\n\u00a0\u3000"])
def test_blank_text_has_no_words(text):
    words = split_words(text)
    assert (len(words), words.starts.shape, words.ends.shape) == (0, (0,), (0,))


@pytest.mark.parametrize("text", ["x" * 100_000, "x-" * 50_000 + "x", "1_" * 50_000])
def test_a_huge_word_stays_one(text):
    assert words_of(f"a {text} b") == [
        ("a", 0, 1),
        (text, 2, 2 + len(text)),
        ("b", 3 + len(text), 4 + len(text)),
    ]


@pytest.mark.parametrize("text", ["." * 50_000, "東" * 50_000])
def test_a_huge_run_of_characters_is_as_many_words(text):
    assert len(split_words(text)) == len(text)
