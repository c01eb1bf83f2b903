"""Take the annotation off a corpus: what is left are texts, and what to ask of them.

Run: python scripts/unlabel.py assets/sample/train.jsonl corpus/unlabelled.jsonl
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from spacy_gliner_mt.cli.failure import exit_on
from spacy_gliner_mt.training.records import Record, read_records


def main(
    corpus: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Corpus, .jsonl or .jsonl.gz.")],
    output: Annotated[Path, typer.Argument(help="File to write: .jsonl, for `spacy gliner pseudo-label`.")],
    limit: Annotated[int, typer.Option(help="Texts to write; 0 for all.")] = 0,
) -> None:
    """Write each text once, with what all its records ask, and without what is right."""
    by_text: dict[str, list[Record]] = {}
    with exit_on(ValueError, OSError):
        for record in read_records(corpus):
            by_text.setdefault(record.text, []).append(record)
    lines = [{"text": text, "gliner": ask(records)} for text, records in by_text.items()]
    lines = [line for line in lines if line["gliner"]][: limit or None]
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text("".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines), encoding="utf8")
    print(f"{len(lines)} texts")


def ask(records: Iterable[Record]) -> dict[str, Any]:
    """The component's settings that ask what records of one text are annotated for."""
    settings: dict[str, Any] = {}
    for record in records:
        if record.task in ("ner", "relation") and record.annotated:
            name = "labels" if record.task == "ner" else "relations"
            settings[name] = list(dict.fromkeys([*settings.get(name, []), *record.annotated]))
        elif record.task == "qa":
            settings["questions"] = list(dict.fromkeys([*settings.get("questions", []), record.prompt]))
        elif record.task == "open":
            prompts = settings.setdefault("prompts", {})
            prompts[f"match {len(prompts) + 1}"] = record.prompt
        elif record.task == "summarization":
            settings["summarize"] = True
    if "labels" not in settings:
        settings.pop("relations", None)  # there is nothing for them to start from
    return settings


if __name__ == "__main__":
    typer.run(main)
