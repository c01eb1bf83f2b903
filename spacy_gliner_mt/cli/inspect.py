"""Inspect: the command that tells what a checkpoint is, and whether it works."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer
from wasabi import table

from ..errors import Errors
from . import options
from .failure import exit_on
from .loading import find_component, load_pipeline

if TYPE_CHECKING:
    from ..models.bundle import Bundle
    from ..models.onnx.bundle import OnnxBundle


def inspect_cli(checkpoint: options.Checkpoint, revision: options.Revision = None) -> None:
    """Tell what a GLiNER checkpoint is, what its config gets wrong, and what it finds in a sentence.

    A checkpoint that this package cannot use is refused with the reason; the exit status then is 1.
    """
    # spaCy imports this module on every run, and torch is not needed before this one.
    from ..models.architecture import require_bundle
    from ..models.bundle import Bundle
    from ..models.locate import locate_checkpoint

    with exit_on(ValueError, OSError, ImportError):
        folder = locate_checkpoint(checkpoint, revision)
        nlp = load_pipeline(str(folder), "en")
        component = find_component(nlp)
        bundle = require_bundle(component.model)
        files = ", ".join(sorted(path.name for path in folder.iterdir()))
        facts = _network_facts(bundle) if isinstance(bundle, Bundle) else _graph_facts(bundle)
        typer.echo(table({"folder": str(folder), "files": files, **_facts(bundle), **facts}))
        if isinstance(bundle, Bundle):
            _check_finite(bundle)
    sample = nlp.make_doc("Ada Lovelace was born in London.")
    sample._.gliner = {"labels": ["person", "city"]}
    found = [f"{ent.text!r} ({ent.label_}, {ent._.score:.2f})" for ent in component(sample).ents]
    typer.echo(f"Self-test: in {sample.text!r} it finds {', '.join(found) or 'nothing'}.")


def _facts(bundle: Bundle | OnnxBundle) -> dict[str, str]:
    """What a checkpoint is, by name, for people to read."""
    config, encoder = bundle.config, bundle.encoder_config
    return {
        "kind": "GLiNER, span_mode token_level",
        "encoder": f"{encoder.model_type}, {encoder.num_hidden_layers} layers of width {encoder.hidden_size}",
        "trained from": config.encoder_name or "unknown",
        "hidden width": str(config.hidden_size),
        "LSTM layers": str(config.n_rnn_layers),
        "layer fusion": "yes" if config.fuse_layers else "no",
        "word pooling": config.pooling,
        "thresholds": ", ".join(f"{name} {value:g}" for name, value in config.thresholds.items()) or "usual",
        "budget": f"{config.max_words} words, {bundle.max_subtokens} subtokens",
    }


def _network_facts(bundle: Bundle) -> dict[str, str]:
    parameters = sum(parameter.numel() for parameter in bundle.network.parameters())
    return {
        "parameters": f"{parameters / 1e6:.1f}M",
        "config errors": "; ".join(bundle.config.contradictions) or "none",
    }


def _graph_facts(bundle: OnnxBundle) -> dict[str, str]:
    return {"run by": f"onnxruntime, from {bundle.session.name}"}


def _check_finite(bundle: Bundle) -> None:
    """Raise ValueError where a tensor holds values no calculation can use."""
    broken = [name for name, tensor in bundle.network.state_dict().items() if not tensor.isfinite().all()]
    if broken:
        raise ValueError(Errors.GM109.format(names=broken))
