"""Tokenizer: subtokens as transformers makes them, and never a special one for anything spelled."""

import json

import numpy as np
import pytest
from tokenizers import AddedToken, decoders, models, normalizers, pre_tokenizers, processors
from tokenizers import Tokenizer as FastTokenizer
from transformers import PreTrainedTokenizerFast

from spacy_gliner_mt.models.locate import BUILT_IN, DEFAULT
from spacy_gliner_mt.models.tokenizer import Tokenizer

from ..util import TOKENIZER_JSON

SPECIALS = ["[PAD]", "[CLS]", "[SEP]", "[UNK]"]
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ<>[]_-.,▁"


def add_markers(tokenizer, *specials):
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in specials])
    tokenizer.add_special_tokens(["[FLERT]", "<<ENT>>", "<<SEP>>"])
    return tokenizer.to_str()


def make_unigram():
    """As DeBERTa's: specials among the pieces of the model itself, a prefix space for every word."""
    pieces = [(token, 0.0) for token in SPECIALS] + [(letter, -5.0) for letter in LETTERS]
    tokenizer = FastTokenizer(models.Unigram(pieces, unk_id=3))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace("\u200b", "")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    return add_markers(tokenizer, *SPECIALS)


def make_byte_level():
    """As RoBERTa's and ModernBERT's: bytes, nothing unknown, no word without a prefix space."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = {token: i for i, token in enumerate(["<s>", "</s>", *alphabet])}
    tokenizer = FastTokenizer(models.BPE(tokens, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 1), ("<s>", 0))
    return add_markers(tokenizer, "<s>", "</s>")


SOURCES = {
    "word piece": TOKENIZER_JSON,
    "unigram": make_unigram(),
    "byte level": make_byte_level(),
    "built-in": (BUILT_IN / DEFAULT / "tokenizer.json").read_text(encoding="utf8"),
}
WORDS = ["Satya", "semi-detached", ".", "a b", "né", "東", "\U0001f600", "x" * 300, "name of a place"]
UNREADABLE = ["\u200b", "\x07", "\x00", "\ufeff"]


@pytest.fixture(scope="module", params=SOURCES)
def source(request):
    return SOURCES[request.param]


@pytest.fixture(scope="module")
def tokenizer(source):
    return Tokenizer(source, "<<ENT>>", "<<SEP>>")


@pytest.fixture(scope="module")
def special_ids(source):
    """What no string may come out as."""
    tokens = json.loads(source)["added_tokens"]
    return {token["id"] for token in tokens if token["content"] != "[UNK]"}


def lists_of(pieces):
    assert pieces.offsets[0] == 0 and pieces.offsets[-1] == len(pieces.ids)
    return [pieces.slice(i, i + 1).ids.tolist() for i in range(len(pieces))]


def test_subtokens_equal_those_of_transformers(tokenizer, source):
    # Without the option transformers takes the prefix space away again, whatever the source says.
    reference = PreTrainedTokenizerFast(
        tokenizer_object=FastTokenizer.from_str(source), add_prefix_space="add_prefix_space" in source
    )
    expected = reference(WORDS, is_split_into_words=True)
    framed = [*tokenizer.markers.prefix, *tokenizer.encode(WORDS).ids.tolist(), *tokenizer.markers.suffix]
    assert framed == expected["input_ids"]
    counts = [expected.word_ids().count(word) for word in range(len(WORDS))]
    assert tokenizer.encode(WORDS).lengths.tolist() == counts


def test_strings_are_encoded_independently(tokenizer):
    strings = [*WORDS, *UNREADABLE, "<<ENT>>", "", "z"]
    together = lists_of(tokenizer.encode(strings))
    assert together == [tokenizer.encode([string]).ids.tolist() for string in strings]
    assert together[-1]


@pytest.mark.parametrize("marker", ["<<ENT>>", "<<SEP>>", "[FLERT]", "[SEP]", "[CLS]", "[PAD]", "<s>"])
@pytest.mark.parametrize("frame", ["{}", "a{0}{0}b", "one {} two", " {} \u200b"])
def test_a_spelled_marker_gives_no_special_id_and_is_not_lost(tokenizer, special_ids, marker, frame):
    string = frame.format(marker)
    before, spelled, after = lists_of(tokenizer.encode(["a", string, "b"]))
    assert not special_ids & set(spelled)
    assert len(spelled) >= len(marker)  # its characters are all there
    assert (before, after) == tuple(lists_of(tokenizer.encode(["a", "b"])))


HIDDEN = ["[S\u200bEP]", "<<E\u200bNT>>", "＜＜ENT＞＞", "［CLS］", "\x00[SEP]", "<<ENT>>\x07"]


@pytest.mark.parametrize("hidden", HIDDEN)
def test_a_marker_that_only_normalisation_brings_out_gives_no_special_id(tokenizer, special_ids, hidden):
    assert not special_ids & set(tokenizer.encode([hidden, f"a {hidden}"]).ids.tolist())


def test_an_unknown_word_is_unknown_however_it_is_spelled():
    for name, unknown in (("word piece", 1), ("unigram", 3), ("built-in", 100)):
        tokenizer = Tokenizer(SOURCES[name], "<<ENT>>", "<<SEP>>")
        assert unknown in tokenizer.encode(["\U0001f600"]).ids
        assert unknown in tokenizer.encode(["[UNK]"]).ids


@pytest.mark.parametrize("nothing", UNREADABLE)
def test_words_without_subtokens_shift_no_other(nothing):
    tokenizer = Tokenizer(SOURCES["word piece"], "<<ENT>>", "<<SEP>>")
    pieces = tokenizer.encode([nothing, "a", nothing, nothing, "b", nothing])
    assert pieces.lengths.tolist() == [0, 1, 0, 0, 1, 0]
    assert tokenizer.decode(pieces.ids) == ["a", "b"]


@pytest.mark.parametrize("strings", [[], [""], ["", "", ""], [" "], ["", "a", ""]])
def test_nothing_to_encode(tokenizer, strings):
    pieces = tokenizer.encode(strings)
    assert len(pieces) == len(strings)
    lengths = [len(tokenizer.encode([string]).ids) for string in strings]
    assert pieces.lengths.tolist() == lengths
    assert (pieces.ids.dtype, pieces.offsets.dtype) == (np.int64, np.int64)


def test_an_empty_string_has_no_subtokens(tokenizer):
    assert tokenizer.encode([""]).lengths.tolist() == [0]


@pytest.mark.parametrize("huge", ["a" * 100_000, "aB-東" * 5_000, "[SEP]" * 2_000])
def test_a_huge_word_leaves_its_neighbours_alone(tokenizer, huge):
    before, _, after = lists_of(tokenizer.encode(["a", huge, "b"]))
    assert (before, after) == tuple(lists_of(tokenizer.encode(["a", "b"])))


@pytest.mark.parametrize(
    "name, prefix, suffix",
    [
        ("word piece", ["[CLS]"], ["[SEP]"]),
        ("unigram", ["[CLS]"], ["[SEP]"]),
        ("byte level", ["<s>"], ["</s>"]),
        ("built-in", ["[CLS]"], ["[SEP]"]),
    ],
)
@pytest.mark.parametrize("embed_marker, offset", [(True, 0), (False, 1)])
def test_markers_are_those_of_the_checkpoint(name, prefix, suffix, embed_marker, offset):
    tokenizer = Tokenizer(SOURCES[name], "<<ENT>>", "<<SEP>>", embed_marker=embed_marker)
    markers = tokenizer.markers
    assert tokenizer.decode(markers.prefix) == prefix
    assert tokenizer.decode(markers.suffix) == suffix
    assert tokenizer.decode([markers.label, markers.separator]) == ["<<ENT>>", "<<SEP>>"]
    assert markers.label_offset == offset


def test_a_tokenizer_that_frames_nothing():
    source = json.loads(TOKENIZER_JSON)
    source["post_processor"] = None
    markers = Tokenizer(json.dumps(source), "<<ENT>>", "<<SEP>>").markers
    assert (markers.prefix, markers.suffix, len(markers)) == ((), (), 1)


def test_stored_truncation_and_padding_are_ignored():
    source = FastTokenizer.from_str(TOKENIZER_JSON)
    source.enable_truncation(4)
    source.enable_padding(length=64)
    pieces = Tokenizer(source.to_str(), "<<ENT>>", "<<SEP>>").encode(["abcdefgh", "ij"])
    assert pieces.lengths.tolist() == [8, 2]


def test_the_vocabulary_counts_the_markers(tokenizer, source):
    assert tokenizer.vocab_size == len(FastTokenizer.from_str(source).get_vocab(with_added_tokens=True))
    assert tokenizer.vocab_size > max(tokenizer.markers.label, tokenizer.markers.separator)


@pytest.mark.parametrize("source", ["", "{}", "no json", TOKENIZER_JSON[:-100]])
def test_a_damaged_source_is_refused(source):
    with pytest.raises(ValueError, match="GM046.*damaged: "):
        Tokenizer(source, "<<ENT>>", "<<SEP>>")


@pytest.mark.parametrize(
    "label_marker, separator, missing",
    [
        ("<<ENTITY>>", "<<SEP>>", r"\['<<ENTITY>>'\]"),
        ("<<ENT>>", "<<sep>>", r"\['<<sep>>'\]"),
        ("x<<", ">>y", r"\['x<<', '>>y'\]"),
    ],
)
def test_unknown_markers_are_named(label_marker, separator, missing):
    with pytest.raises(ValueError, match=f"GM047.*{missing}"):
        Tokenizer(TOKENIZER_JSON, label_marker, separator)
