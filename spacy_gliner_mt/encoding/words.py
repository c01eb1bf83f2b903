"""Words: how a text is cut for the model."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

import numpy as np

from ..types import Words

# Scripts that put no space between words: Thai and Lao, Myanmar, Khmer, kana, Han, half-width kana.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
# Blocks whose vowel, tone and voicing marks belong to the letter they follow.
_MARKED = ((0x0E00, 0x0F00), (0x1000, 0x10A0), (0x1780, 0x1800), (0x3040, 0x3100))


def split_words(text: str) -> Words:
    """Split a text into words as gliner does: runs of letters and digits, joined by hyphens or
    underscores, and every other visible character on its own. Where a script writes no spaces
    (gliner has one word per run there), each character with its marks is a word.

    text: any string.
    RETURNS: its words, in order; none for blank text.
    """
    matches = list(_word_pattern().finditer(text))
    return Words(
        texts=tuple(match.group() for match in matches),
        starts=np.array([match.start() for match in matches], dtype=np.int64),
        ends=np.array([match.end() for match in matches], dtype=np.int64),
    )


@cache
def _word_pattern() -> re.Pattern[str]:
    # Made for the first text: it costs more than all else that importing this module does.
    marks = "".join(
        chr(code)
        for first, end in _MARKED
        for code in range(first, end)
        if unicodedata.category(chr(code)) in ("Mn", "Mc")
    )
    letters = rf"[^\W{_UNSPACED}]+"
    return re.compile(rf"{letters}(?:[-_]{letters})*|[{_UNSPACED}][{marks}]*|\S")
