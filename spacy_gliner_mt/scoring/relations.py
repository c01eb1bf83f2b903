"""Relations: how well `doc._.relations` agree with those of the reference."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from spacy.scorer import PRFScore
from spacy.training import Example

from ..tasks.relations import Relation
from .alignment import Bounds, align_span
from .squad import Match, average, match_text


class Triple(NamedTuple):
    """What makes a relation the same as another, in tokens of the reference."""

    head: Bounds | None
    label: str
    tail: Bounds | None


def make_relations_scorer() -> Callable[..., dict[str, Any]]:
    return score_relations


def score_relations(examples: Iterable[Example], **cfg: Any) -> dict[str, Any]:
    """Score the relations of Docs whose reference has some, or an empty list of them.

    examples: predicted Docs and their references.
    RETURNS: "relations_p", "relations_r", "relations_f" and "relations_per_type" count triples with
        exact head, label and tail, of all that the references have. "relations_tails_em" and
        "relations_tails_f" ask for each head and label of the references whether the best tail found
        has the text of one there, by SQuAD's measures: FewRel's protocol, if the component is given
        the heads (`relation_heads = "ents"`). All are None where there is nothing to count.
    """
    per_type: dict[str, PRFScore] = defaultdict(PRFScore)
    tails: list[Match] = []
    for example in examples:
        if example.reference._.relation_data is None:
            continue
        gold = {
            Triple((rel.head.start, rel.head.end), rel.label, (rel.tail.start, rel.tail.end)): rel
            for rel in example.reference._.relations
        }
        found = {
            Triple(align_span(rel.head, example), rel.label, align_span(rel.tail, example)): rel
            for rel in example.predicted._.relations
        }
        for triple in {**gold, **found}:
            per_type[triple.label].score_set({triple} & found.keys(), {triple} & gold.keys())
        tails += _match_tails(found, gold)
    total = sum(per_type.values(), PRFScore())
    tails_em, tails_f = average(tails)
    return {
        **{f"relations_{key}": score if per_type else None for key, score in total.to_dict().items()},
        "relations_per_type": {name: prf.to_dict() for name, prf in per_type.items()} or None,
        "relations_tails_em": tails_em,
        "relations_tails_f": tails_f,
    }


def _match_tails(found: Mapping[Triple, Relation], gold: Mapping[Triple, Relation]) -> list[Match]:
    """Match the best tail found for each gold head and label with the gold ones."""
    golds = defaultdict(list)
    for triple, relation in gold.items():
        golds[triple.head, triple.label].append(relation.tail.text)
    # The best one comes last, and stays.
    ranked = sorted(found.items(), key=lambda item: item[1].score)
    best = {(triple.head, triple.label): relation.tail.text for triple, relation in ranked}
    return [match_text(best.get(asked, ""), tails) for asked, tails in golds.items()]
