"""Names of labels in the place of those that a corpus has, such as "P26"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Union

from ..records import Record
from .files import Text, read_json

# A name, or several texts of which the first is the name, as in FewRel's pid2name.json.
_Name = Union[Text, tuple[Text, ...]]


def read_names(path: Path) -> dict[str, str]:
    """Read a JSON object of labels and their names; where a name is a list, its first item."""
    names = read_json(path, dict[str, _Name])
    return {label: name if isinstance(name, str) else name[0] for label, name in names.items() if name}


def rename(record: Record, names: Mapping[str, str]) -> Record:
    """The record with other names for labels and relations; those that have none keep theirs."""
    return replace(
        record,
        labels=tuple(dict.fromkeys(names.get(label, label) for label in record.labels)),
        spans=tuple(span._replace(label=names.get(span.label, span.label)) for span in record.spans),
        relations=tuple(
            triple._replace(relation=names.get(triple.relation, triple.relation))
            for triple in record.relations
        ),
    )
