"""Encode: records as the bytes of a corpus file."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from spacy.language import Language
from spacy.tokens import DocBin

from ..errors import Errors
from .records import SUFFIXES, Record
from .reference import Fit, write_reference

DOCS = ".spacy"


def encode_records(records: Iterable[Record], path: Path, nlp: Language, fits: list[Fit]) -> Iterator[bytes]:
    """Turn records into the content of a file, piece by piece.

    path: of the file, whose suffix says what it is.
    nlp: its tokenizer is used for ".spacy".
    fits: receives how well each record fits the tokens, for ".spacy".
    RAISES: ValueError, at once, if the suffix is none of a corpus.
    """
    name = path.name.lower()
    if name.endswith(DOCS):
        return _encode_docs(records, nlp, fits)
    if not name.endswith(SUFFIXES):
        raise ValueError(Errors.GM225.format(path=path, suffixes=", ".join((*SUFFIXES, DOCS))))
    lines = (f"{record.to_json()}\n".encode() for record in records)
    return _compress(lines) if name.endswith(".gz") else lines


def _encode_docs(records: Iterable[Record], nlp: Language, fits: list[Fit]) -> Iterator[bytes]:
    docs = DocBin(store_user_data=True)
    for record in records:
        doc = nlp.make_doc(record.text)
        fits.append(write_reference(doc, record))
        docs.add(doc)
    yield docs.to_bytes()


def _compress(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The lines as gzip has them; the same lines give the same bytes, without a time in them."""
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    for line in lines:
        yield packer.compress(line)
    yield packer.flush()
