"""Fresh checkpoints: the encoder's weights, new tokens, and a head."""

import json

import pytest
import torch
from transformers import AutoModel

from spacy_gliner_mt.models.bundle import Bundle
from spacy_gliner_mt.models.fresh import make_fresh_checkpoint
from spacy_gliner_mt.nn.encoder import build_transformer

from ..util import ENCODERS, TOKENIZER_FILES


@pytest.fixture
def encoder(tmp_path):
    """A bare transformer, whose tokenizer knows no markers."""
    files = dict(TOKENIZER_FILES)
    tokenizer = json.loads(files["tokenizer.json"])
    tokenizer["added_tokens"] = [token for token in tokenizer["added_tokens"] if token["content"][0] == "["]
    files["tokenizer.json"] = json.dumps(tokenizer)
    vocab_size = len(tokenizer["model"]["vocab"])
    torch.manual_seed(1)
    build_transformer({**ENCODERS["bert"].to_dict(), "vocab_size": vocab_size}).save_pretrained(tmp_path)
    for name, content in files.items():
        (tmp_path / name).write_text(content, encoding="utf8")
    return tmp_path


def test_the_encoder_keeps_its_weights_and_learns_new_tokens(encoder):
    checkpoint = make_fresh_checkpoint(str(encoder), seed=0)
    bundle = Bundle.from_checkpoint(checkpoint)
    given = AutoModel.from_pretrained(encoder).state_dict()
    ours = bundle.network.encoder.transformer.state_dict()
    rows = given["embeddings.word_embeddings.weight"].shape[0]
    assert bundle.config.vocab_size == bundle.tokenizer.vocab_size > rows
    for name, tensor in given.items():
        assert torch.equal(ours[name][: len(tensor)] if tensor.ndim else ours[name], tensor), name
    assert bundle.config.tasks == ()


def test_the_seed_decides_the_head(encoder):
    heads = [
        make_fresh_checkpoint(str(encoder), seed=seed).state["scorer.proj_token.weight"] for seed in (0, 0, 1)
    ]
    assert torch.equal(heads[0], heads[1])
    assert not torch.equal(heads[0], heads[2])


def test_what_is_no_encoder_is_told(tmp_path):
    with pytest.raises(OSError, match=f"GM243.*{tmp_path}"):
        make_fresh_checkpoint(str(tmp_path), seed=0)
