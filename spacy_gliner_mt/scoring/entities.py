"""Entities: how well `doc.ents` agree with those of the reference."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from statistics import fmean
from typing import Any

from spacy.scorer import PRFScore, get_ner_prf
from spacy.tokens import Doc
from spacy.training import Example

from .alignment import align_span


def make_entities_scorer() -> Callable[..., dict[str, Any]]:
    return score_entities


def score_entities(examples: Iterable[Example], **cfg: Any) -> dict[str, Any]:
    """Score the entities of tokens whose reference says whether they belong to one, unless these are
    given as heads of relations: `doc._.gliner` asks for relations of "ents", and for no labels.

    examples: predicted Docs and their references.
    RETURNS: "ents_p", "ents_r", "ents_f" and "ents_per_type" count exact spans with the right label,
        as spaCy's `ner` does; "ents_macro_f" is the mean F1 of all labels; "ents_partial_p",
        "ents_partial_r" and "ents_partial_f" also count an overlap with the right label, as half, as
        UniversalNER does (Zhou et al. 2023). All are None where no reference has entities.
    """
    examples = [
        example
        for example in examples
        if example.reference.has_annotation("ENT_IOB") and not _are_given(example.reference)
    ]
    exact = get_ner_prf(examples)
    per_type = exact["ents_per_type"]
    partial = sum((_count_halves(example) for example in examples), PRFScore()).to_dict()
    return {
        **exact,
        "ents_macro_f": fmean(scores["f"] for scores in per_type.values()) if per_type else None,
        **{f"ents_partial_{key}": score if per_type else None for key, score in partial.items()},
    }


def _are_given(doc: Doc) -> bool:
    """Whether the entities of a reference are no question, but part of one."""
    settings = (doc._.gliner if Doc.has_extension("gliner") else None) or {}
    return settings.get("relation_heads") == "ents" and not settings.get("labels")


def _count_halves(example: Example) -> PRFScore:
    """Count in halves, as PRFScore has no fractions: two for an exact match, one for an overlap."""
    gold = [(ent.start, ent.end, ent.label_) for ent in example.reference.ents]
    found = list(_align_entities(example))
    halves, unmatched = 0, list(gold)
    # Neither side overlaps itself, so that taking the first match in the text leaves the most.
    for start, end, label in found:
        overlapping = (ent for ent in unmatched if ent[2] == label and ent[0] < end and start < ent[1])
        if match := next(overlapping, None):
            halves += 2 if match == (start, end, label) else 1
            unmatched.remove(match)
    return PRFScore(tp=halves, fp=2 * len(found) - halves, fn=2 * len(gold) - halves)


def _align_entities(example: Example) -> Iterator[tuple[int, int, str]]:
    """Predicted entities in tokens of the reference, where it is annotated."""
    for ent in example.predicted.ents:
        bounds = align_span(ent, example)
        if bounds and all(token.ent_iob for token in example.reference[slice(*bounds)]):
            yield *bounds, ent.label_
