"""Records made by hand, and files of them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

NER: dict[str, Any] = {
    "id": "a",
    "task": "ner",
    "text": "Ada met Bo in Rome.",
    "labels": ["person", "city", "ship"],
    "spans": [[0, 3, "person"], [8, 10, "person"], [14, 18, "city"]],
}
QUESTION: dict[str, Any] = {
    "id": "b",
    "task": "qa",
    "text": "Ada met Bo in Rome.",
    "prompt": "Where did they meet?",
    "labels": ["answer"],
    "spans": [[14, 18, "answer"]],
    "answers": ["Rome", "in Rome"],
}
RELATION: dict[str, Any] = {
    "id": "c",
    "task": "relation",
    "text": "Ada met Bo in Rome.",
    "labels": ["met", "born in"],
    "spans": [[0, 3, "person"], [8, 10, "person"], [14, 18, "city"]],
    "relations": [[0, 3, "met", 8, 10]],
}
SUMMARY: dict[str, Any] = {
    "id": "d",
    "task": "summarization",
    "text": "Ada met Bo. It rained.",
    "labels": ["summary"],
    "spans": [[0, 11, "summary"]],
    "reference": "Two people met.",
}
OPEN: dict[str, Any] = {
    "id": "e",
    "task": "open",
    "text": "Ada met Bo in Rome.",
    "prompt": "Find who was there",
    "labels": ["match"],
    "spans": [[0, 3, "match"], [8, 10, "match"]],
}
EVERY = (NER, QUESTION, RELATION, SUMMARY, OPEN)


def write_lines(path: Path, *lines: Any) -> Path:
    """Write a file, compressed if its name ends so; what is no string becomes JSON."""
    text = "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf8")
    return path
