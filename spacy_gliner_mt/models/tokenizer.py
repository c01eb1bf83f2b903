"""Tokenizer: strings to subtokens, with nothing a string can spell taken for a marker."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
from tokenizers import Tokenizer as FastTokenizer

from ..errors import Errors
from ..types import Markers, Pieces


class Tokenizer:
    """The tokenizer of a checkpoint.

    source: the content of a tokenizer.json that knows the label marker and the separator.
    label_marker, separator: their strings.
    embed_marker: whether a label's vector is its marker's, or that of the subtoken after it.
    RAISES: ValueError if the source is damaged or knows no such tokens.
    """

    def __init__(self, source: str, label_marker: str, separator: str, *, embed_marker: bool = True) -> None:
        try:
            self._tokenizer = FastTokenizer.from_str(source)
        except Exception as error:  # the bindings raise nothing narrower
            raise ValueError(Errors.GM046.format(error=error)) from error
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        ids = {token: self._tokenizer.token_to_id(token) for token in (label_marker, separator)}
        if None in ids.values():
            raise ValueError(Errors.GM047.format(tokens=[token for token, id_ in ids.items() if id_ is None]))
        prefix, suffix = self._frame()
        self.markers = Markers(
            prefix, suffix, ids[label_marker], ids[separator], label_offset=0 if embed_marker else 1
        )
        # A string may well be unknown, but it can be no other special token.
        unknown = _unknown_id(self._tokenizer, source)
        self._reserved = np.array([i for i in self._tokenizer.get_added_tokens_decoder() if i != unknown])

    def encode(self, strings: Sequence[str]) -> Pieces:
        """The subtokens of each string. One that spells a special token is encoded character by
        character, so that none comes out.

        strings: words or labels; spaces inside one are allowed.
        RETURNS: their subtokens; none for a string of characters that the tokenizer drops.
        """
        pieces = self._encode(strings)
        owners = np.repeat(np.arange(len(pieces)), pieces.lengths)
        spelled = set(owners[np.isin(pieces.ids, self._reserved)].tolist())
        if not spelled:
            return pieces
        encoded = [
            self._encode(list(string)).ids if i in spelled else pieces.slice(i, i + 1).ids
            for i, string in enumerate(strings)
        ]
        return Pieces(np.concatenate(encoded), np.cumsum([0, *map(len, encoded)]))

    @property
    def vocab_size(self) -> int:
        """Ids that may come out, added tokens included."""
        return self._tokenizer.get_vocab_size()

    def decode(self, ids: Sequence[int]) -> list[str]:
        """The subtokens as strings, for people to read."""
        return [self._tokenizer.id_to_token(i) for i in ids]

    def _encode(self, strings: Sequence[str]) -> Pieces:
        encoding = self._tokenizer.encode(list(strings), is_pretokenized=True, add_special_tokens=False)
        # Counted by the word each subtoken names: one without subtokens shifts no other.
        lengths = np.bincount(np.array(encoding.word_ids, dtype=np.int64), minlength=len(strings))
        return Pieces(np.array(encoding.ids, dtype=np.int64), np.concatenate([[0], np.cumsum(lengths)]))

    def _frame(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """What the tokenizer puts before and after every input."""
        encoding = self._tokenizer.encode(["a"], is_pretokenized=True)
        start = encoding.word_ids.index(0)
        end = len(encoding) - encoding.word_ids[::-1].index(0)
        return tuple(encoding.ids[:start]), tuple(encoding.ids[end:])


def _unknown_id(tokenizer: FastTokenizer, source: str) -> int | None:
    model = json.loads(source)["model"]
    if model.get("unk_id") is not None:
        return model["unk_id"]
    unknown = model.get("unk_token")
    return None if unknown is None else tokenizer.token_to_id(unknown)
