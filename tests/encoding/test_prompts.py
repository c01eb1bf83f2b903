"""Prompts: the ids and positions of gliner's own processor, for the same words and labels."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from gliner.data_processing.processor import UniEncoderTokenProcessor
from gliner.data_processing.tokenizer import WhitespaceTokenSplitter
from gliner.modeling.utils import extract_prompt_features
from tokenizers import Tokenizer as FastTokenizer
from transformers import PreTrainedTokenizerFast

from spacy_gliner_mt.encoding.prompts import build_input
from spacy_gliner_mt.models.tokenizer import Tokenizer
from spacy_gliner_mt.types import Markers, Pieces

from ..util import TOKENIZER_JSON

TOKENIZER = Tokenizer(TOKENIZER_JSON, "<<ENT>>", "<<SEP>>")
NONE = Pieces(np.zeros(0, dtype=np.int64), np.zeros(1, dtype=np.int64))

CASES = [
    (["person"], ["Ada"]),
    (["person", "name of a place", "x-y"], ["Ada", "Lovelace", "was", "in", "London", "."]),
    (["b", "a"], ["<", "3", "semi-detached", "né", "snake_case"]),
    # What WordPiece does not know becomes one unknown subtoken.
    (["東"], ["東", "ok", "x" * 200, "\U0001f600"]),
    (["a"] * 40, ["word"] * 60),
]


@pytest.fixture(scope="module")
def reference():
    """gliner's processor around the same tokenizer."""
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=FastTokenizer.from_str(TOKENIZER_JSON), unk_token="[UNK]", pad_token="[PAD]"
    )
    config = SimpleNamespace(ent_token="<<ENT>>", sep_token="<<SEP>>", subtoken_pooling="first")
    return UniEncoderTokenProcessor(config, tokenizer, WhitespaceTokenSplitter())


def build(labels, words, instruction=(), tokenizer=TOKENIZER):
    encode = tokenizer.encode
    return build_input(encode(labels), encode(instruction), encode(words), tokenizer.markers)


@pytest.mark.parametrize("labels, words", CASES)
def test_ids_and_words_equal_the_reference(reference, labels, words):
    expected = reference.tokenize_inputs([words], [labels])
    built = build(labels, words)
    assert built.ids.tolist() == expected["input_ids"][0].tolist()
    first = {int(word): place for place, word in enumerate(expected["words_mask"][0]) if word}
    assert built.word_positions.tolist() == [first[word + 1] for word in range(len(words))]


@pytest.mark.parametrize("embed_marker", [True, False])
@pytest.mark.parametrize("labels, words", CASES)
def test_label_positions_equal_the_reference(reference, labels, words, embed_marker):
    expected = reference.tokenize_inputs([words], [labels])
    places = torch.arange(expected["input_ids"].shape[1])[None, :, None]  # each vector is its position
    ids, mask = expected["input_ids"], expected["attention_mask"]
    vectors, _ = extract_prompt_features(
        TOKENIZER.markers.label, places, ids, mask, 1, 1, embed_ent_token=embed_marker
    )
    tokenizer = Tokenizer(TOKENIZER_JSON, "<<ENT>>", "<<SEP>>", embed_marker=embed_marker)
    assert build(labels, words, tokenizer=tokenizer).label_positions.tolist() == vectors[0, :, 0].tolist()


@pytest.mark.parametrize("labels, words", CASES)
def test_ids_equal_those_of_the_plain_tokenizer(labels, words):
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=FastTokenizer.from_str(TOKENIZER_JSON))
    prompt = [part for label in labels for part in ("<<ENT>>", label)] + ["<<SEP>>"]
    expected = tokenizer([*prompt, *words], is_split_into_words=True)
    built = build(labels, words)
    assert built.ids.tolist() == expected["input_ids"]
    counts = [expected.word_ids().count(len(prompt) + word) for word in range(len(words))]
    assert built.word_lengths.tolist() == counts


def test_an_instruction_is_read_like_the_first_words():
    labels, words = ["person", "city"], ["Who", "is", "it", "?", "Ada", "Lovelace", "."]
    whole, split = build(labels, words), build(labels, words[4:], words[:4])
    for name in ("ids", "label_positions", "word_positions", "word_lengths"):
        assert getattr(split, name).tolist() == getattr(whole, name).tolist()


@pytest.mark.parametrize("special", ["<<ENT>>", "<<SEP>>", "[SEP]", "[CLS]", "[PAD]", "x<<ENT>>y"])
def test_text_that_spells_a_marker_adds_none(special):
    built = build([special, "city"], ["a", special, "b"], [special])
    markers = TOKENIZER.markers
    assert np.flatnonzero(built.ids == markers.label).tolist() == built.label_positions.tolist()
    assert built.ids.tolist().count(markers.separator) == 1
    framed = built.ids[len(markers.prefix) : len(built) - len(markers.suffix)]
    assert not set(framed.tolist()) & {*markers.prefix, *markers.suffix}
    # Whatever is spelled, it leaves the words beside it where they are.
    characters = [TOKENIZER.decode(built.ids[[built.word_positions[i]]]) for i in (1, 3)]
    assert characters == [["a"], ["b"]]


@pytest.mark.parametrize("nothing", ["\u200b", "\ufeff", "\x07", "\x00", "\u200b\u200d"])
def test_words_and_labels_without_subtokens_shift_no_other(nothing):
    built = build(["p", nothing, "c"], ["a", nothing, "b", nothing], [nothing, "i"])
    without = build(["p", "c"], ["a", "b"], ["i"])
    at_label, at_words = [0, 2], [1, 2, 4]
    assert built.word_lengths.tolist() == [0, 1, 1, 0, 1, 0]
    assert built.ids[built.label_positions].tolist() == [TOKENIZER.markers.label] * 3
    assert built.ids[built.word_positions[at_words]].tolist() == without.ids[without.word_positions].tolist()
    following = built.label_positions[at_label] + 1
    assert TOKENIZER.decode(built.ids[following]) == ["p", "c"]


def test_every_id_is_a_frame_a_label_or_a_word():
    """The layout, spelled out with ids that tell where they come from."""
    markers = Markers(prefix=(1, 2), suffix=(3, 4, 5), label=6, separator=7)
    labels = Pieces(np.array([10, 11, 12]), np.array([0, 2, 2, 3]))
    instruction = Pieces(np.array([20]), np.array([0, 1]))
    words = Pieces(np.array([30, 31, 32]), np.array([0, 1, 1, 3]))
    built = build_input(labels, instruction, words, markers)
    assert built.ids.tolist() == [1, 2, 6, 10, 11, 6, 6, 12, 7, 20, 30, 31, 32, 3, 4, 5]
    assert built.label_positions.tolist() == [2, 5, 6]
    assert built.word_positions.tolist() == [9, 10, 11, 11]
    assert built.word_lengths.tolist() == [1, 1, 0, 2]
    assert len(built) == 16
    assert {array.dtype for array in vars(built).values()} == {np.dtype(np.int64)}


def test_a_prompt_without_words_has_none():
    built = build_input(TOKENIZER.encode(["a"]), NONE, NONE, TOKENIZER.markers)
    assert TOKENIZER.decode(built.ids) == ["[CLS]", "<<ENT>>", "a", "<<SEP>>", "[SEP]"]
    assert (len(built.word_positions), len(built.word_lengths)) == (0, 0)
