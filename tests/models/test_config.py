"""Config: any generation of gliner_config.json, believed where the tensors do not know better."""

import pytest
import torch

from spacy_gliner_mt.models.config import GlinerConfig

ENCODER = {"model_type": "bert", "hidden_size": 16}
EMBEDDINGS = "token_rep_layer.bert_layer.model.embeddings.word_embeddings.weight"


def make_state(*, hidden_size=8, n_rnn_layers=1, fuse_layers=False, vocab_size=30, embeddings=EMBEDDINGS):
    """Empty tensors as of a checkpoint with these properties."""
    lstm = [f"{kind}_l{layer}" for kind in ("weight_ih", "bias_hh") for layer in range(n_rnn_layers)]
    names = [f"rnn.lstm.{name}{way}" for name in lstm for way in ("", "_reverse")]
    state = {name: torch.empty(1) for name in names}
    if fuse_layers:
        state["token_rep_layer.bert_layer.layers_fuser.squeeze.weight"] = torch.empty(1)
    state["scorer.proj_token.weight"] = torch.empty(2 * hidden_size, hidden_size)
    state[embeddings] = torch.empty(vocab_size, 16)
    return state


@pytest.mark.parametrize(
    "raw, tensors, expected",
    [
        # What the config says fits, or nothing is said.
        ({}, {}, []),
        ({"hidden_size": 8, "num_rnn_layers": 1, "fuse_layers": False, "vocab_size": 30}, {}, []),
        ({"vocab_size": -1}, {}, []),
        ({"has_rnn": True}, {}, []),
        ({"has_rnn": False}, {"n_rnn_layers": 0}, []),
        ({"num_rnn_layers": 2, "has_rnn": True}, {"n_rnn_layers": 2}, []),
        ({"span_mode": "token_level"}, {}, []),
        ({"span_mode": "token-level"}, {}, []),
        ({"fuse_layers": True}, {"fuse_layers": True}, []),
        # The tensors say something else.
        ({"hidden_size": 512}, {}, [("hidden_size", 512, 8)]),
        ({"num_rnn_layers": 1}, {"n_rnn_layers": 3}, [("num_rnn_layers", 1, 3)]),
        ({"num_rnn_layers": 1}, {"n_rnn_layers": 0}, [("num_rnn_layers", 1, 0)]),
        ({"has_rnn": False}, {}, [("num_rnn_layers", 0, 1)]),
        ({"has_rnn": True}, {"n_rnn_layers": 0}, [("num_rnn_layers", 1, 0)]),
        ({"fuse_layers": False}, {"fuse_layers": True}, [("fuse_layers", False, True)]),
        ({"fuse_layers": True}, {}, [("fuse_layers", True, False)]),
        ({"vocab_size": 33}, {}, [("vocab_size", 33, 30)]),
        ({"span_mode": "markerV0"}, {}, [("span_mode", "markerV0", "token_level")]),
        ({"hidden_size": 768, "vocab_size": 31}, {}, [("hidden_size", 768, 8), ("vocab_size", 31, 30)]),
    ],
)
def test_tensors_win_and_contradictions_are_listed(raw, tensors, expected):
    config = GlinerConfig.from_checkpoint(raw, make_state(**tensors))
    assert config.contradictions == tuple(
        f"{name} is {said} in the config, {value} in the tensors" for name, said, value in expected
    )
    properties = {"hidden_size": 8, "n_rnn_layers": 1, "fuse_layers": False, "vocab_size": 30, **tensors}
    assert {name: getattr(config, name) for name in properties} == properties


@pytest.mark.parametrize(
    "embeddings",
    [
        EMBEDDINGS,
        "token_rep_layer.bert_layer.model.embeddings.tok_embeddings.weight",
        "token_rep_layer.bert_layer.model.embed_tokens.weight",
    ],
)
def test_the_vocabulary_is_as_large_as_the_word_embeddings(embeddings):
    state = make_state(vocab_size=41, embeddings=embeddings)
    config = GlinerConfig.from_checkpoint({"encoder_config": {"vocab_size": 5}}, state)
    assert config.vocab_size == config.encoder["vocab_size"] == 41


def test_a_config_that_says_nothing_means_gliners_defaults():
    config = GlinerConfig.from_checkpoint({}, make_state())
    assert (config.pooling, config.max_words, config.embed_marker) == ("first", 384, True)
    assert (config.label_marker, config.separator) == ("<<ENT>>", "<<SEP>>")
    assert (config.encoder, config.encoder_name, config.dropout) == (None, "", 0.0)


@pytest.mark.parametrize(
    "field, value, name, expected",
    [
        ("subtoken_pooling", "mean", "pooling", "mean"),
        ("dropout", 0.4, "dropout", 0.4),
        ("max_len", 768, "max_words", 768),
        ("ent_token", "<<E>>", "label_marker", "<<E>>"),
        ("sep_token", "<<S>>", "separator", "<<S>>"),
        ("embed_ent_token", False, "embed_marker", False),
        ("model_name", "org/encoder", "encoder_name", "org/encoder"),
        ("thresholds", {"answer_threshold": 0.3}, "thresholds", {"answer_threshold": 0.3}),
        ("encoder_config", ENCODER, "encoder", {**ENCODER, "vocab_size": 30}),
        ("encoder_config", {"a": 1}, "encoder", {"a": 1, "model_type": "deberta-v2", "vocab_size": 30}),
    ],
)
def test_fields_are_read(field, value, name, expected):
    raw = {field: value}
    config = GlinerConfig.from_checkpoint(raw, make_state())
    assert getattr(config, name) == expected
    assert raw == {field: value}


@pytest.mark.parametrize(
    "thresholds, error",
    [
        ({"answers": 0.3}, "GM049.*'answers'.*answer_threshold"),
        ({"threshold": None}, "GM049.*None"),
        ([0.3], r"GM049.*\[0.3\]"),
        ({"threshold": 1.5}, "GM004.*1.5"),
        ({"threshold": "high"}, "GM007.*'high'"),
    ],
)
def test_thresholds_that_make_no_sense_are_refused(thresholds, error):
    with pytest.raises(ValueError, match=error):
        GlinerConfig.from_checkpoint({"thresholds": thresholds}, make_state())


@pytest.mark.parametrize("pooling", ["average", "", None])
def test_an_unknown_pooling_is_refused(pooling):
    with pytest.raises(ValueError, match=r"GM007.*subtoken_pooling.*first.*last.*mean.*max"):
        GlinerConfig.from_checkpoint({"subtoken_pooling": pooling}, make_state())


@pytest.mark.parametrize(
    "kind, names",
    [
        ("span-level", ["span_rep_layer.span_rep_layer.project_start.0.weight", "prompt_rep_layer.0.weight"]),
        (
            "bi-encoder",
            ["token_rep_layer.labels_encoder.model.x", "token_rep_layer.labels_projection.weight"],
        ),
        ("poly-encoder", ["token_rep_layer.labels_encoder.model.x", "cross_fuser.layers.0.x"]),
        ("relation extraction", ["span_rep_layer.x", "relations_rep_layer.relation_rep_layer.x", "scorer.x"]),
        ("relation extraction", ["span_rep_layer.x", "pair_rep_layer.0.weight"]),
        ("relation extraction", ["triples_score_layer.x"]),
        ("generative label decoder", ["span_rep_layer.x", "decoder.decoder_layer.model.x"]),
        ("fixed labels", ["precomputed_prompts", "scorer.proj_token.weight"]),
        ("token-level with a span re-scorer", ["span_rep_layer.x", "scorer.proj_token.weight"]),
    ],
)
def test_other_kinds_of_gliner_are_refused_by_name(kind, names):
    state = {EMBEDDINGS: torch.empty(30, 16), **{name: torch.empty(1) for name in names}}
    with pytest.raises(ValueError, match=rf"GM040.* {kind}.*token-level"):
        GlinerConfig.from_checkpoint({"span_mode": "token_level"}, state)


@pytest.mark.parametrize(
    "state, message",
    [
        ({}, r"GM041.*'markerV0'.*\[\]"),
        ({EMBEDDINGS: torch.empty(30, 16)}, r"GM041.*'markerV0'.*word_embeddings"),
        ({"scorer.proj_token.weight": torch.empty(16, 8)}, r"GM042.*scorer.proj_token.weight"),
    ],
)
def test_tensors_of_something_else_are_refused(state, message):
    with pytest.raises(ValueError, match=message):
        GlinerConfig.from_checkpoint({"span_mode": "markerV0"}, state)


@pytest.mark.parametrize(
    "raw, tensors",
    [
        ({"encoder_config": ENCODER}, {}),
        ({"hidden_size": 512, "has_rnn": True}, {"n_rnn_layers": 2, "fuse_layers": True}),
        ({"subtoken_pooling": "max", "dropout": 0.3, "max_len": 99}, {"n_rnn_layers": 0}),
        ({"ent_token": "<<E>>", "sep_token": "<<S>>", "embed_ent_token": False}, {}),
        ({"span_mode": "token-level", "vocab_size": -1}, {}),
    ],
)
def test_what_is_written_says_the_same_without_contradictions(raw, tensors):
    state = make_state(**tensors)
    config = GlinerConfig.from_checkpoint({**raw, "lr_encoder": "1e-5"}, state)
    written = config.to_json(label_id=28)
    assert written["class_token_index"] == 28
    assert written["lr_encoder"] == "1e-5"  # whatever else was there is kept
    again = GlinerConfig.from_checkpoint(written, state)
    assert again.contradictions == ()
    for name in GlinerConfig.__dataclass_fields__.keys() - {"raw", "contradictions"}:
        assert getattr(again, name) == getattr(config, name)


@pytest.mark.parametrize(
    "raw, expected",
    [
        ({}, {"hidden_size": 512, "n_rnn_layers": 1, "fuse_layers": False, "vocab_size": None}),
        ({"hidden_size": 8, "fuse_layers": True}, {"hidden_size": 8, "fuse_layers": True}),
        ({"num_rnn_layers": 2, "vocab_size": 9}, {"n_rnn_layers": 2, "vocab_size": 9}),
        ({"has_rnn": False, "vocab_size": -1}, {"n_rnn_layers": 0, "vocab_size": None}),
        ({"span_mode": "token-level"}, {"n_rnn_layers": 1}),
    ],
)
def test_a_graph_has_no_tensors_to_ask(raw, expected):
    config = GlinerConfig.from_graph({**raw, "max_len": 77, "ent_token": "<e>", "tasks": ["entities"]})
    assert {name: getattr(config, name) for name in expected} == expected
    assert (config.max_words, config.label_marker, config.tasks) == (77, "<e>", ("entities",))
    assert config.contradictions == ()


@pytest.mark.parametrize("vocab_size, rows", [(-1, 7), (None, 7), (9, 9)])
def test_the_encoder_of_a_graph_has_the_rows_that_are_known(vocab_size, rows):
    raw = {"encoder_config": {**ENCODER, "vocab_size": 7}, "vocab_size": vocab_size}
    config = GlinerConfig.from_graph(raw)
    assert config.encoder == {**ENCODER, "vocab_size": rows}


def test_a_graph_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="GM040.*'markerV0'"):
        GlinerConfig.from_graph({"span_mode": "markerV0"})
