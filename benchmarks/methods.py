"""Methods: the ways of extracting entities that are compared."""

from __future__ import annotations

import atexit
import shutil
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from unittest.mock import patch

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import get_words_and_spaces
from spacy.vocab import Vocab

from spacy_gliner_mt.encoding.words import split_words
from spacy_gliner_mt.models.bundle import Bundle
from spacy_gliner_mt.models.checkpoint import Checkpoint
from spacy_gliner_mt.models.locate import BUILT_IN, DEFAULT
from spacy_gliner_mt.models.onnx.export import export_onnx

# A folder, because gliner does not know our names.
MINI = str(BUILT_IN / DEFAULT)
THRESHOLD = 0.5

# Of one text: first character, end character, label.
Entities = set[tuple[int, int, str]]
Extract = Callable[[Sequence[str]], list[Entities]]


def load_ours(checkpoint: str, labels: Sequence[str]) -> Language:
    """Load a pipeline of the component alone, on spaCy's tokens."""
    nlp = spacy.blank("en")
    config = {
        "labels": list(labels),
        "threshold": THRESHOLD,
        # gliner puts all labels into one prompt: only then do both read the same.
        "max_labels_per_pass": len(labels),
        "model": {"@architectures": "spacy-gliner-mt.GlinerMultitask.v1", "checkpoint": checkpoint},
    }
    nlp.add_pipe("gliner_multitask", config=config)
    return nlp


def ours(checkpoint: str, labels: Sequence[str]) -> Extract:
    """Extract with the component, in `nlp.pipe`."""
    return partial(_extract_in_pipe, load_ours(checkpoint, labels))


def ours_exported(checkpoint: str, labels: Sequence[str]) -> Extract:
    """Extract with the component, its network exported and run by onnxruntime."""
    return partial(_extract_in_pipe, load_ours(_export(checkpoint), labels))


def ours_on_words(checkpoint: str, labels: Sequence[str]) -> Extract:
    """Extract with the component, on tokens that are exactly the model's words.

    An entity that ends inside one of spaCy's own tokens is widened to it, while gliner reports
    the bare words. Only where tokens are words does a difference come from the model.
    """
    nlp = load_ours(checkpoint, labels)
    nlp.tokenizer = partial(_make_doc_of_words, nlp.vocab)
    return partial(_extract_in_pipe, nlp)


def gliner_one_by_one(checkpoint: str, labels: Sequence[str]) -> Extract:
    """Extract with gliner, one text at a time: its fastest way on a CPU."""
    model = _load_gliner(checkpoint)

    def extract(texts: Sequence[str]) -> list[Entities]:
        found = (model.predict_entities(text, list(labels), threshold=THRESHOLD) for text in texts)
        return [_as_entities(entities) for entities in found]

    return extract


def gliner_batched(checkpoint: str, labels: Sequence[str]) -> Extract:
    """Extract with gliner in batches of eight, its default."""
    model = _load_gliner(checkpoint)

    def extract(texts: Sequence[str]) -> list[Entities]:
        found = model.inference(list(texts), list(labels), threshold=THRESHOLD, batch_size=8)
        return [_as_entities(entities) for entities in found]

    return extract


def gliner_spacy(checkpoint: str, labels: Sequence[str]) -> Extract:
    """Extract with gliner-spacy in `nlp.pipe`; it cuts texts into chunks of 250 characters."""
    nlp = spacy.blank("en")
    # It loads a model of its own and has no argument for one that is loaded already.
    with patch("gliner.GLiNER.from_pretrained", return_value=_load_gliner(checkpoint)):
        nlp.add_pipe("gliner_spacy", config={"labels": list(labels), "threshold": THRESHOLD})
    return partial(_extract_in_pipe, nlp)


def read_entities(doc: Doc) -> Entities:
    """Read a Doc's entities by their characters."""
    return {(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents}


METHODS: dict[str, Callable[[str, Sequence[str]], Extract]] = {
    "ours, nlp.pipe": ours,
    "ours, onnxruntime": ours_exported,
    "gliner, one by one": gliner_one_by_one,
    "gliner, batches of 8": gliner_batched,
    "gliner-spacy, nlp.pipe": gliner_spacy,
}


@cache
def _export(checkpoint: str) -> str:
    folder = Path(mkdtemp(prefix="gliner-onnx-"))
    atexit.register(shutil.rmtree, folder)
    export_onnx(Bundle.from_checkpoint(Checkpoint.from_folder(Path(checkpoint))).eval(), folder)
    return str(folder)


@cache
def _load_gliner(checkpoint: str) -> Any:
    # Ours can be measured where no peer is installed.
    from gliner import GLiNER

    return GLiNER.from_pretrained(checkpoint)


def _as_entities(found: list[dict[str, Any]]) -> Entities:
    return {(entity["start"], entity["end"], entity["label"]) for entity in found}


def _extract_in_pipe(nlp: Language, texts: Sequence[str]) -> list[Entities]:
    return [read_entities(doc) for doc in nlp.pipe(texts)]


def _make_doc_of_words(vocab: Vocab, text: str) -> Doc:
    words, spaces = get_words_and_spaces(split_words(text).texts, text)
    return Doc(vocab, words=words, spaces=spaces)
