"""Config: what a checkpoint's gliner_config.json says of the network, corrected by its tensors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, get_args

from torch import Tensor

from ..errors import Errors
from ..nn.pooling import Pooling
from ..settings import THRESHOLDS, Settings

# Other kinds of GLiNER by the tensors they must have; the first that fits names the kind.
_OTHER_KINDS = (
    ("relation extraction (relex)", ("relations_rep_layer.",)),
    ("relation extraction (relex)", ("pair_rep_layer.",)),
    ("relation extraction (relex)", ("triples_score_layer.",)),
    ("generative label decoder", ("decoder.",)),
    ("poly-encoder", ("token_rep_layer.labels_encoder.", "cross_fuser.")),
    ("bi-encoder", ("token_rep_layer.labels_encoder.",)),
    ("fixed labels (compressed prompts)", ("precomputed_prompts",)),
    ("token-level with a span re-scorer", ("span_rep_layer.", "scorer.")),
    ("span-level", ("span_rep_layer.",)),
)
# gliner's, of what a config may leave out.
_DEFAULTS = {"hidden_size": 512, "num_rnn_layers": 1, "fuse_layers": False}
_WORD_EMBEDDINGS = re.compile(r".*\.(word_embeddings|tok_embeddings|embed_tokens)\.weight")


@dataclass(frozen=True)
class GlinerConfig:
    """The settings of a token-level GLiNER that matter here.

    hidden_size: width of word and label vectors.
    n_rnn_layers: bidirectional LSTM layers over words.
    fuse_layers: whether the encoder's layers are fused.
    pooling: from subtokens to words.
    dropout: probability, in training.
    max_words: word budget of one input, instruction included.
    label_marker, separator: the strings of the tokens that frame labels.
    embed_marker: whether a label's vector is its marker's, or that of the subtoken after it.
    encoder: the transformer's own config, None where only `encoder_name` tells.
    encoder_name: the hub id or folder of the transformer.
    vocab_size: rows of its word embeddings, None where only the transformer's own config tells.
    tasks: names of the tasks it was trained for; None where the checkpoint does not say.
    raw: all fields as read, so that nothing is lost when it is written again.
    thresholds: that the tasks are done best with, by the names of the component's settings.
    contradictions: where the tensors said something else, and were believed.
    """

    hidden_size: int
    n_rnn_layers: int
    fuse_layers: bool
    pooling: Pooling
    dropout: float
    max_words: int
    label_marker: str
    separator: str
    embed_marker: bool
    encoder: Mapping[str, Any] | None
    encoder_name: str
    vocab_size: int | None
    tasks: tuple[str, ...] | None
    raw: Mapping[str, Any] = field(repr=False)
    thresholds: Mapping[str, float] = field(default_factory=dict)
    contradictions: tuple[str, ...] = ()

    @classmethod
    def from_checkpoint(cls, raw: Mapping[str, Any], state: Mapping[str, Tensor]) -> GlinerConfig:
        """Read the fields of any published generation of gliner_config.json.

        raw: its content.
        state: the checkpoint's tensors by gliner's names.
        RAISES: ValueError if it is another kind of GLiNER, or none.
        """
        _refuse_other_kinds(raw, state)
        said, tensors = _said_by_config(raw), _said_by_tensors(state)
        contradictions = [
            f"{name} is {said[name]} in the config, {value} in the tensors"
            for name, value in tensors.items()
            if said[name] not in (None, value)
        ]
        return cls._from_facts(raw, tensors, tuple(contradictions))

    @classmethod
    def from_graph(cls, raw: Mapping[str, Any]) -> GlinerConfig:
        """Read the same of a network that was exported: there are no tensors to correct it.

        raw: its content.
        RAISES: ValueError if it is another kind of GLiNER.
        """
        said = _said_by_config(raw)
        if said["span_mode"] != "token_level":
            raise ValueError(Errors.GM040.format(kind=f"span_mode {raw['span_mode']!r}"))
        return cls._from_facts(
            raw, {name: _DEFAULTS.get(name) if value is None else value for name, value in said.items()}
        )

    @classmethod
    def _from_facts(
        cls, raw: Mapping[str, Any], facts: Mapping[str, Any], contradictions: tuple[str, ...] = ()
    ) -> GlinerConfig:
        pooling = raw.get("subtoken_pooling", "first")
        if pooling not in get_args(Pooling):
            raise ValueError(Errors.GM007.format(name="subtoken_pooling", value=pooling, type=Pooling))
        config = cls(
            hidden_size=facts["hidden_size"],
            n_rnn_layers=facts["num_rnn_layers"],
            fuse_layers=facts["fuse_layers"],
            pooling=pooling,
            dropout=float(raw.get("dropout", 0.0)),
            max_words=int(raw.get("max_len", 384)),
            label_marker=raw.get("ent_token", "<<ENT>>"),
            separator=raw.get("sep_token", "<<SEP>>"),
            embed_marker=bool(raw.get("embed_ent_token", True)),
            encoder=None,
            encoder_name=raw.get("model_name", ""),
            vocab_size=facts["vocab_size"],
            tasks=None if raw.get("tasks") is None else tuple(raw["tasks"]),
            raw=raw,
            thresholds=_read_thresholds(raw),
            contradictions=contradictions,
        )
        encoder = raw.get("encoder_config")
        # gliner leaves the type out for its default encoder.
        return config if encoder is None else config.with_encoder({"model_type": "deberta-v2", **encoder})

    def with_encoder(self, encoder: Mapping[str, Any]) -> GlinerConfig:
        """The same config, with the transformer's own; its vocabulary is as large as is known here.

        encoder: as in a transformer's config.json.
        """
        known = {} if self.vocab_size is None else {"vocab_size": self.vocab_size}
        return replace(self, encoder={**encoder, **known})

    def to_json(self, label_id: int) -> dict[str, Any]:
        """The content of a gliner_config.json that tells gliner the same.

        label_id: id of the label marker.
        """
        return {
            **self.raw,
            **({} if self.tasks is None else {"tasks": list(self.tasks)}),
            "model_name": self.encoder_name,
            "span_mode": "token_level",
            "hidden_size": self.hidden_size,
            "num_rnn_layers": self.n_rnn_layers,
            "fuse_layers": self.fuse_layers,
            "subtoken_pooling": self.pooling,
            "dropout": self.dropout,
            "max_len": self.max_words,
            "ent_token": self.label_marker,
            "sep_token": self.separator,
            "embed_ent_token": self.embed_marker,
            "class_token_index": label_id,
            "vocab_size": self.vocab_size,
            "encoder_config": self.encoder,
        }


def _refuse_other_kinds(raw: Mapping[str, Any], state: Mapping[str, Tensor]) -> None:
    for kind, prefixes in _OTHER_KINDS:
        if all(any(name.startswith(prefix) for name in state) for prefix in prefixes):
            raise ValueError(Errors.GM040.format(kind=kind))
    if "scorer.proj_token.weight" not in state:
        raise ValueError(Errors.GM041.format(span_mode=raw.get("span_mode"), names=sorted(state)[:5]))


def _read_thresholds(raw: Mapping[str, Any]) -> dict[str, float]:
    thresholds = raw.get("thresholds", {})
    known = isinstance(thresholds, Mapping) and thresholds.keys() <= THRESHOLDS.keys()
    if not known or None in thresholds.values():
        raise ValueError(Errors.GM049.format(value=thresholds, known=list(THRESHOLDS)))
    Settings(**thresholds)  # refuses what is no probability
    return dict(thresholds)


def _said_by_config(raw: Mapping[str, Any]) -> dict[str, Any]:
    """What the config claims of things that tensors show too; None where it says nothing."""
    has_rnn = raw.get("has_rnn")
    vocab_size = raw.get("vocab_size")
    return {
        "hidden_size": raw.get("hidden_size"),
        # Before gliner 0.2.23 there was one layer or none.
        "num_rnn_layers": raw.get("num_rnn_layers", None if has_rnn is None else int(has_rnn)),
        "fuse_layers": raw.get("fuse_layers"),
        "vocab_size": None if vocab_size == -1 else vocab_size,
        "span_mode": str(raw.get("span_mode", "token_level")).replace("-", "_"),
    }


def _said_by_tensors(state: Mapping[str, Tensor]) -> dict[str, Any]:
    embeddings = [tensor for name, tensor in state.items() if _WORD_EMBEDDINGS.fullmatch(name)]
    if not embeddings:
        raise ValueError(Errors.GM042.format(names=sorted(state)[:5]))
    return {
        "hidden_size": state["scorer.proj_token.weight"].shape[1],
        "num_rnn_layers": sum(re.fullmatch(r"rnn\.lstm\.weight_ih_l\d+", name) is not None for name in state),
        "fuse_layers": any("layers_fuser." in name for name in state),
        "vocab_size": embeddings[0].shape[0],
        "span_mode": "token_level",
    }
