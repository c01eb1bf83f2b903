"""Files of other formats, and what becomes of them."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from spacy_gliner_mt.training.converters.registry import convert
from spacy_gliner_mt.training.records import Record


def read(format: str, path: Path) -> tuple[list[Record], dict[str, int]]:
    """The records of a file, and what was counted."""
    counts: Counter[str] = Counter()
    records = list(convert(path, format, counts))
    return records, {reason: count for reason, count in counts.items() if count}


def write(path: Path, value: Any) -> Path:
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf8")
    return path


def spell(record: Record) -> list[tuple[str, str]]:
    """The strings and labels of a record's spans."""
    return [(record.text[span.start : span.end], span.label) for span in record.spans]
