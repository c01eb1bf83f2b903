"""Parity with gliner: the same weights give the same logits and the same entities, both ways."""

import json
import logging
import warnings

import numpy as np
import pytest
import torch
from gliner import GLiNER
from gliner.config import UniEncoderTokenConfig
from gliner.model import UniEncoderTokenGLiNER
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

from spacy_gliner_mt.encoding.words import split_words
from spacy_gliner_mt.models.architecture import build_gliner_multitask_v1, load_folder, require_bundle
from spacy_gliner_mt.models.checkpoint import CONFIG_NAME, Checkpoint
from spacy_gliner_mt.models.extraction import Request, extract, plan_request
from spacy_gliner_mt.models.locate import DEFAULT, locate_checkpoint
from spacy_gliner_mt.settings import Settings

from .models.test_checkpoint import write_flat, write_slow_tokenizer
from .models.util import enliven, enliven_weights, spread_logits
from .util import ENCODERS, TOKENIZER_JSON, make_bundle, make_query

TEXT = "Ada Brandt, harbour-master of Vik, sold 12 boats (3 of them leaky) to A. Osei & Sons on 4 May."
KINDS = ["person", "place", "ship", "date"]
MANY = [chr(code) for code in range(ord("a"), ord("m"))]
ODD = ["name of a shipping company", "x", "phone-number", "Straße"]
# Text, labels, threshold, whether spans may be nested, whether they may have several labels.
CASES = [
    (TEXT, KINDS, 0.3, False, False),
    (TEXT, KINDS[::-1], 0.2, True, True),
    ("Über Zürich flog Éloïse — naïve, aber froh!", MANY, 0.3, False, True),
    ("Mail info_desk@lom.example or call +47-555-0199; it costs $3.50/min?!", ["x"], 0.3, True, False),
    ("Yes", ODD, 0.1, False, False),
    ("a b c d e f g h i j " * 7, KINDS, 0.5, False, False),  # more words than are read at once
]
# What each encoder may come with, and what does not depend on the encoder.
CORE = [
    {},
    {"hidden_size": 8},
    {"fuse_layers": True},
    {"num_rnn_layers": 0},
    {"num_rnn_layers": 2},
    {"hidden_size": 8, "fuse_layers": True, "num_rnn_layers": 2},
]
HEADS = [
    {"hidden_size": 24},
    {"embed_ent_token": False},
    {"subtoken_pooling": "last"},
    {"subtoken_pooling": "mean"},
    {"subtoken_pooling": "max"},
    {"subtoken_pooling": "mean", "fuse_layers": True, "num_rnn_layers": 0, "hidden_size": 8},
]
VARIANTS = [
    *((encoder, variant) for encoder in ENCODERS for variant in CORE),
    *((encoder, variant) for encoder in ("bert", "deberta-v2") for variant in HEADS),
]
TOLERANCE = {"rtol": 0, "atol": 1e-4}


@pytest.fixture(autouse=True)
def quiet():
    """Silence the loggers of gliner and transformers."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


def make_reference(encoder, **settings):
    """A network of gliner's own making, with weights that spread its logits around 0."""
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(TOKENIZER_JSON),
        **{f"{name}_token": f"[{name.upper()}]" for name in ("cls", "sep", "pad", "unk", "mask")},
    )
    config = UniEncoderTokenConfig(
        model_name="none",
        encoder_config={**ENCODERS[encoder].to_dict(), "vocab_size": len(tokenizer)},
        vocab_size=len(tokenizer),
        class_token_index=tokenizer.convert_tokens_to_ids("<<ENT>>"),
        max_len=64,
        **{"hidden_size": 16, **settings},
    )
    torch.manual_seed(0)
    model = UniEncoderTokenGLiNER(config, tokenizer=tokenizer).eval()
    torch.manual_seed(3)
    enliven_weights(model.model)
    _, logits = read_reference(model, TEXT, KINDS)
    spread_logits(model.model.scorer.out_mlp[3], logits.reshape(-1, 3))
    return model


def read_reference(model, text, labels, threshold=0.5, *, nested=False, multi_label=False):
    """Entities that gliner predicts, and the logits of its network from which it does."""
    outputs = []
    hook = model.model.register_forward_hook(lambda module, inputs, output: outputs.append(output.logits))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it tells that texts are cut
        found = model.predict_entities(
            text, labels, threshold=threshold, flat_ner=not nested, multi_label=multi_label
        )
    hook.remove()
    entities = sorted((entity["start"], entity["end"], entity["label"], entity["score"]) for entity in found)
    ((logits,),) = outputs
    return entities, logits.numpy()


def make_request(text, labels, threshold=0.5, **options):
    settings = Settings(on_overflow="warn", max_labels_per_pass=100)
    return Request(split_words(text), (make_query(labels, threshold, **options),), settings)


def read_ours(model, text, labels, threshold=0.5, **options):
    """The same of ours."""
    request = make_request(text, labels, threshold, **options)
    ((answer,),) = [found.answers for found in extract(model, [request])]
    spans = answer.spans
    starts, ends = request.words.starts[spans.start], request.words.ends[spans.end - 1]
    names = [labels[i] for i in spans.label]
    ((part,),) = [plan.parts for plan in plan_request(model, request)]
    (logits,) = require_bundle(model).score([part.input])
    return sorted(zip(starts.tolist(), ends.tolist(), names, spans.score.tolist(), strict=True)), logits


def load(folder):
    return build_gliner_multitask_v1(checkpoint=str(folder)).initialize()


def load_by_gliner(folder, **options):
    return GLiNER.from_pretrained(str(folder), local_files_only=True, **options).eval()


def assert_parity(ours, theirs, least=10):
    """All cases agree, and there are at least so many entities to agree on."""
    found = 0
    for text, labels, threshold, nested, multi_label in CASES:
        options = {"nested": nested, "multi_label": multi_label}
        expected, expected_logits = read_reference(theirs, text, labels, threshold, **options)
        entities, logits = read_ours(ours, text, labels, threshold, **options)
        np.testing.assert_allclose(logits, expected_logits, **TOLERANCE)
        assert [entity[:3] for entity in entities] == [entity[:3] for entity in expected]
        scores = [[entity[3] for entity in some] for some in (entities, expected)]
        np.testing.assert_allclose(*scores, **TOLERANCE)
        found += len(entities)
    assert found >= least


@pytest.mark.parametrize("encoder, variant", VARIANTS, ids=str)
def test_what_gliner_writes_gives_the_same_logits_and_entities(tmp_path, encoder, variant):
    theirs = make_reference(encoder, **variant)
    _, logits = read_reference(theirs, TEXT, KINDS)
    assert min(logits.std(axis=0).max(), logits.std(axis=1).max()) > 0.05  # words and labels matter
    theirs.save_pretrained(tmp_path, safe_serialization=False)
    assert not (tmp_path / "model.safetensors").exists()
    pickled = Checkpoint.from_folder(tmp_path)
    theirs.save_pretrained(tmp_path, safe_serialization=True)
    ours = load(tmp_path)
    assert_parity(ours, theirs)
    assert Checkpoint.from_folder(tmp_path).to_bytes() == pickled.to_bytes()
    assert require_bundle(ours).config.contradictions == ()


@pytest.mark.parametrize(
    "encoder, variant",
    [
        *((encoder, {}) for encoder in ENCODERS),
        *((encoder, {"hidden_size": 8, "fuse_layers": True, "n_rnn_layers": 2}) for encoder in ENCODERS),
        ("bert", {"n_rnn_layers": 0}),
        ("bert", {"subtoken_pooling": "mean"}),
    ],
    ids=str,
)
def test_gliner_reads_what_we_write(tmp_path, encoder, variant):
    bundle = enliven(make_bundle(encoder, **variant))
    bundle.network.pooling = variant.get("subtoken_pooling", "first")
    bundle.to_checkpoint().to_folder(tmp_path)
    theirs, ours = load_by_gliner(tmp_path, strict=True), load(tmp_path)
    assert_parity(ours, theirs)


@pytest.mark.parametrize("encoder", ENCODERS)
def test_weights_survive_the_way_there_and_back(tmp_path, encoder):
    theirs = make_reference(encoder, hidden_size=8, fuse_layers=True, num_rnn_layers=2)
    theirs.save_pretrained(tmp_path / "theirs")
    require_bundle(load(tmp_path / "theirs")).to_checkpoint().to_folder(tmp_path / "ours")
    again = load_by_gliner(tmp_path / "ours", strict=True)
    before, after = theirs.model.state_dict(), again.model.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(tensor, after[name]) for name, tensor in before.items())
    configs = [json.loads((tmp_path / name / CONFIG_NAME).read_text()) for name in ("theirs", "ours")]
    assert configs[0] == configs[1]


@pytest.mark.parametrize("encoder", ["bert", "deberta-v2"])
@pytest.mark.parametrize("write", [write_flat, write_slow_tokenizer])
def test_older_layouts_are_read_as_gliner_reads_them(tmp_path, write, encoder):
    write(tmp_path / "checkpoint", encoder)
    ours, theirs = load(tmp_path / "checkpoint"), load_by_gliner(tmp_path / "checkpoint")
    assert_parity(ours, theirs, least=0)


def test_trained_weights_that_we_write_are_those_that_gliner_reads(tmp_path):
    bundle = enliven(make_bundle("deberta-v2"))
    bundle.to_checkpoint().to_folder(tmp_path / "first")
    model = load(tmp_path / "first")
    with torch.no_grad():
        for parameter in require_bundle(model).parameters():
            parameter.mul_(1.1)
    require_bundle(model).to_checkpoint().to_folder(tmp_path / "second")
    theirs = load_by_gliner(tmp_path / "second", strict=True)
    assert_parity(model, theirs)
    _, before = read_ours(load(tmp_path / "first"), TEXT, KINDS)
    assert np.abs(before - read_reference(theirs, TEXT, KINDS)[1]).max() > 0.01


def test_the_built_in_checkpoint_gives_the_same_logits_and_entities():
    folder = locate_checkpoint(DEFAULT)
    ours = build_gliner_multitask_v1()
    load_folder(ours, folder)
    theirs = load_by_gliner(folder, strict=True)
    assert_parity(ours, theirs, least=5)
