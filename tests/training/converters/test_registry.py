"""Registry: formats by name."""

import pytest

from spacy_gliner_mt.training.converters.registry import BUILT_IN, registry

from .util import read, write


def test_built_in_formats_are_registered():
    assert set(BUILT_IN) <= set(registry.get_all())


def test_unknown_formats_and_paths_are_named(tmp_path):
    with pytest.raises(ValueError, match="GM220.*'conl'.*conll"):
        read("conl", tmp_path)
    with pytest.raises(ValueError, match="GM214.*nowhere"):
        read("conll", tmp_path / "nowhere")


def test_nothing_to_read_is_told_with_what_was_left_out(tmp_path):
    with pytest.raises(ValueError, match="GM221.*empty"):
        read("conll", write(tmp_path / "empty.txt", ""))
    with pytest.raises(ValueError, match="GM221.*'texts without words': 1"):
        read("gliner", write(tmp_path / "x.json", [{"tokenized_text": [], "ner": []}]))
