"""The command `spacy gliner`. spaCy imports this module through the entry point `spacy_cli` on
every run of any of its commands, so neither torch nor transformers is imported for it."""

from __future__ import annotations

import typer

# Private, but how spaCy's own commands join: there is no public way.
from spacy.cli._util import app as spacy_app

from .annotate import annotate_cli
from .convert import convert_cli
from .export_onnx import export_onnx_cli
from .inspect import inspect_cli
from .pretrain import OVERRIDES, pretrain_cli
from .pseudo_label import pseudo_label_cli
from .results import SCHEMA
from .show_input import show_input_cli
from .synthesize import synthesize_cli

app = typer.Typer(
    name="gliner",
    help="Zero-shot information extraction with the GLiNER multi-task model.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.command("annotate", epilog=SCHEMA)(annotate_cli)
app.command("convert")(convert_cli)
app.command("export-onnx")(export_onnx_cli)
app.command("inspect")(inspect_cli)
app.command("pretrain", context_settings=OVERRIDES)(pretrain_cli)
app.command("pseudo-label")(pseudo_label_cli)
app.command("show-input")(show_input_cli)
app.command("synthesize", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(
    synthesize_cli
)

spacy_app.add_typer(app)
