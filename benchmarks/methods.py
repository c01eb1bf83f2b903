"""Methods: ways of extracting entities, and the component's own."""

from __future__ import annotations

import atexit
import shutil
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from tempfile import mkdtemp

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import get_words_and_spaces
from spacy.vocab import Vocab

from spacy_gliner_mt.encoding.words import split_words
from spacy_gliner_mt.models.checkpoint import Checkpoint
from spacy_gliner_mt.models.locate import BUILT_IN, DEFAULT
from spacy_gliner_mt.models.onnx.export import export_onnx

# A folder, because gliner does not know our names.
MINI = str(BUILT_IN / DEFAULT)
THRESHOLD = 0.5

# Of one text: first character, end character, label.
Entities = set[tuple[int, int, str]]
Extract = Callable[[Sequence[str]], list[Entities]]
# From a checkpoint, labels and a threshold.
Load = Callable[[str, Sequence[str], float], Extract]


def load_ours(checkpoint: str, labels: Sequence[str], threshold: float = THRESHOLD) -> Language:
    """Load a pipeline of the component alone, on spaCy's tokens."""
    nlp = spacy.blank("en")
    config = {
        "labels": list(labels),
        "threshold": threshold,
        # gliner puts all labels into one prompt: only then do both read the same.
        "max_labels_per_pass": len(labels),
        "model": {"@architectures": "spacy-gliner-mt.GlinerMultitask.v1", "checkpoint": checkpoint},
    }
    nlp.add_pipe("gliner_multitask", config=config)
    return nlp


def ours(checkpoint: str, labels: Sequence[str], threshold: float = THRESHOLD) -> Extract:
    """Extract with the component, in `nlp.pipe`."""
    return partial(extract_in_pipe, load_ours(checkpoint, labels, threshold))


def ours_exported(
    checkpoint: str, labels: Sequence[str], threshold: float = THRESHOLD, *, int8: bool = False
) -> Extract:
    """Extract with the component, its network exported and run by onnxruntime."""
    return partial(extract_in_pipe, load_ours(_export(checkpoint, int8), labels, threshold))


def ours_on_words(checkpoint: str, labels: Sequence[str], threshold: float = THRESHOLD) -> Extract:
    """Extract with the component, on tokens that are exactly the model's words.

    An entity that ends inside one of spaCy's own tokens is widened to it, while gliner reports
    the bare words. Only where tokens are words does a difference come from the model.
    """
    nlp = load_ours(checkpoint, labels, threshold)
    nlp.tokenizer = partial(_make_doc_of_words, nlp.vocab)
    return partial(extract_in_pipe, nlp)


def read_entities(doc: Doc) -> Entities:
    """Read a Doc's entities by their characters."""
    return {(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents}


def extract_in_pipe(nlp: Language, texts: Sequence[str]) -> list[Entities]:
    """Extract with a pipeline, all texts at once."""
    return [read_entities(doc) for doc in nlp.pipe(texts)]


@cache
def _export(checkpoint: str, int8: bool) -> str:
    folder = Path(mkdtemp(prefix="gliner-onnx-"))
    atexit.register(shutil.rmtree, folder)
    export_onnx(Checkpoint.from_folder(Path(checkpoint)), folder, int8=int8)
    return str(folder)


def _make_doc_of_words(vocab: Vocab, text: str) -> Doc:
    words, spaces = get_words_and_spaces(split_words(text).texts, text)
    return Doc(vocab, words=words, spaces=spaces)
