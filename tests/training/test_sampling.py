"""Sampling: which labels are asked for, and that nothing else of the gold changes by it."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from spacy.util import registry

from spacy_gliner_mt.gold import Gold
from spacy_gliner_mt.tasks.gold import mark_spans
from spacy_gliner_mt.training.label_pool import LabelPool
from spacy_gliner_mt.training.sampling import LabelSampler, make_label_sampler_v1

from ..util import make_query

KINDS = ("given", "batch", "uniform", "frequency", "hard")
POOL = LabelPool({"entities": {f"pool {i}": i for i in range(40)}})


def make_gold(positives, negatives=(), *, wrong=(), kind="entities"):
    """One span for each positive label, whose start is the label's place."""
    labels = [*positives, *wrong, *negatives]
    n = len(positives)
    return Gold(
        make_query(labels),
        mark_spans((i, i + 1, i) for i in range(n)),
        wrong=mark_spans((i, i + 1, i) for i in range(n, n + len(wrong))),
        kind=kind,
        names=tuple(labels),
        prefixes=("",) * len(labels),
    )


def make_relations():
    pairs = [("Ada", "met"), ("Ada", "born in"), ("Bob", "met"), ("Bob", "born in")]
    return Gold(
        make_query([f"{head} <> {name}" for head, name in pairs], anchors=((0,), (0,), (7,), (7,))),
        mark_spans([(4, 7, 0), (8, 10, 3)]),
        kind="relations",
        names=tuple(name for _, name in pairs),
        prefixes=tuple(f"{head} <> " for head, _ in pairs),
    )


def embed(names):
    """On a circle: names that end in numbers near each other are near each other."""
    angles = np.array([int("".join(filter(str.isdigit, name)) or 0) for name in names]) * 2 * np.pi / 40
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def sample(gold, pool=POOL, seed=0, **options):
    sampler = LabelSampler(**options)
    golds = gold if isinstance(gold, list) else [gold]
    sampled = sampler.sample(golds, pool, np.random.default_rng(seed), embed)
    return sampled if isinstance(gold, list) else sampled[0]


def named(gold, spans):
    """Spans with the names of their labels."""
    return {
        (int(start), int(end), gold.names[label])
        for start, end, label in zip(spans.start, spans.end, spans.label, strict=True)
    }


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("n_positives, n_negatives, n_wrong", [(3, 2, 0), (0, 0, 0), (0, 5, 1), (2, 60, 3)])
def test_positives_stay_and_the_rest_fits(kind, seed, n_positives, n_negatives, n_wrong):
    gold = make_gold(
        [f"yes {i}" for i in range(n_positives)],
        [f"no {i}" for i in range(n_negatives)],
        wrong=[f"wrong {i}" for i in range(n_wrong)],
    )
    if not gold.names:
        gold = make_gold([], ["no 0"])
    sampled = sample(gold, seed=seed, negatives=kind, max_labels=10)
    assert len(sampled.query.labels) <= 10
    assert len(set(sampled.query.labels)) == len(sampled.query.labels) == len(sampled.names)
    assert len(sampled.query.thresholds) == len(sampled.prefixes) == len(sampled.names)
    assert named(sampled, sampled.spans) == named(gold, gold.spans)
    assert named(sampled, sampled.wrong) == named(gold, gold.wrong)
    known = {*gold.names, *POOL.of_kind("entities")}
    assert set(sampled.names) <= known


@pytest.mark.parametrize("kind", KINDS)
def test_more_positives_than_labels_are_all_kept(kind):
    gold = make_gold([f"yes {i}" for i in range(12)], ["no 1"])
    sampled = sample(gold, negatives=kind, max_labels=5)
    assert sorted(sampled.names) == sorted(gold.names[:12])
    assert named(sampled, sampled.spans) == named(gold, gold.spans)


@pytest.mark.parametrize("kind", KINDS)
def test_the_seed_decides(kind):
    gold = make_gold(["yes 1", "yes 2"], [f"no {i}" for i in range(50)])
    first, again, other = (sample(gold, seed=seed, negatives=kind) for seed in (1, 1, 2))
    assert first.query.labels == again.query.labels != other.query.labels


def test_gold_of_no_kind_stays_as_it_is():
    gold = Gold(make_query(["answer"], instruction="Who?"), mark_spans([(0, 3, 0)]))
    assert sample(gold, negatives="uniform", wording=make_label_sampler_v1(casing="mixed").wording) is gold


def test_given_labels_are_those_of_inference():
    gold = make_gold(["a", "b"], ["c", "d"])
    assert sorted(sample(gold).names) == ["a", "b", "c", "d"]
    assert sample(gold, shuffle=False).query.labels == ("a", "b", "c", "d")


def test_labels_are_shuffled():
    gold = make_gold([f"yes {i}" for i in range(4)], [f"no {i}" for i in range(4)])
    orders = {sample(gold, seed=seed).query.labels for seed in range(20)}
    assert len(orders) == 20
    firsts = [sample(gold, seed=seed).query.labels[0] for seed in range(400)]
    assert all(25 < firsts.count(name) < 85 for name in gold.names)


@pytest.mark.parametrize(
    "n_positives, ratio, expected", [(4, 0.5, 2), (4, 2.0, 8), (3, 0.0, 0), (0, 2.0, 1), (4, None, 26)]
)
def test_the_ratio_counts_negatives_for_a_positive(n_positives, ratio, expected):
    gold = make_gold([f"yes {i}" for i in range(n_positives)], ["no 1"])
    sampled = sample(gold, negatives="uniform", negative_ratio=ratio)
    assert len(sampled.names) - n_positives == (expected if n_positives or ratio is not None else 30)


def test_half_of_the_negatives_are_given():
    """They were written for the text, and there are many others."""
    gold = make_gold(["yes 1", "yes 2"], [f"no {i}" for i in range(30)])
    sampled = sample(gold, negatives="uniform", negative_ratio=5.0)
    assert sum(name.startswith("no") for name in sampled.names) == 5
    assert sum(name.startswith("pool") for name in sampled.names) == 5


def test_all_given_negatives_are_asked_where_others_are_few():
    gold = make_gold(["yes 1"], [f"no {i}" for i in range(6)])
    pool = LabelPool({"entities": {"pool 1": 1}})
    sampled = sample(gold, pool, negatives="uniform", max_labels=8)
    assert sorted(sampled.names) == sorted([*gold.names, "pool 1"])


class TestExclusive:
    pool = LabelPool(companions={"poet": {"person"}, "person": {"poet", "king"}})
    # A poet who is a person, a poet, a person and a city.
    gold = replace(
        make_gold(["person", "poet", "city"]),
        spans=mark_spans([(0, 1, 0), (0, 1, 1), (2, 3, 1), (4, 5, 0), (6, 7, 2)]),
    )
    specific = {(0, 1, "poet"), (2, 3, "poet"), (4, 5, "person"), (6, 7, "city")}
    general = {(0, 1, "person"), (2, 3, "person"), (4, 5, "person"), (6, 7, "city")}

    def test_one_label_is_right(self):
        sampled = [sample(self.gold, self.pool, seed, exclusive=True) for seed in range(100)]
        specific = [some for some in sampled if named(some, some.spans) == self.specific]
        general = [some for some in sampled if named(some, some.spans) == self.general]
        assert len(specific) + len(general) == 100
        assert 30 < len(specific) < 70
        assert all(sorted(some.names) == ["city", "person", "poet"] for some in specific)
        assert all(sorted(some.names) == ["city", "person"] for some in general)

    def test_several_are_unless_set(self):
        sampled = sample(self.gold, self.pool)
        assert named(sampled, sampled.spans) == self.specific | {(0, 1, "person")}

    def test_relations_of_a_head_do_not_exclude_each_other(self):
        gold = replace(make_relations(), spans=mark_spans([(4, 7, 0), (4, 7, 1)]))
        for seed in range(10):
            sampled = sample(gold, seed=seed, exclusive=True)
            assert named(sampled, sampled.spans) == named(gold, gold.spans)


class TestBatch:
    def test_labels_of_other_texts_are_asked(self):
        golds = [make_gold(["a"], ["b"]), make_gold(["c"]), make_gold(["d"], kind="relations")]
        first, second, third = sample(golds, negatives="batch")
        assert sorted(first.names) == ["a", "b", "c"]
        assert sorted(second.names) == ["a", "b", "c"]
        assert third.names == ("d",)

    def test_no_others_are(self):
        (only,) = sample([make_gold(["a"])], negatives="batch")
        assert only.names == ("a",)


def count_drawn(n=600, **options):
    gold = make_gold(["yes 20"])
    drawn = [name for seed in range(n) for name in sample(gold, seed=seed, **options).names]
    return [drawn.count(f"pool {i}") for i in range(40)]


def test_uniform_labels_are_as_likely_all():
    counts = count_drawn(negatives="uniform", negative_ratio=4)
    assert sum(counts) == 2400
    assert min(counts) > 35 and max(counts) < 90


def test_frequent_labels_are_likelier_by_frequency():
    counts = count_drawn(negatives="frequency", negative_ratio=1)
    # Each is as likely as texts mention it, plus one: 1 to 40, of 820 in all.
    expected = [600 * (i + 1) / 820 for i in range(40)]
    assert np.corrcoef(counts, expected)[0, 1] > 0.9
    assert sum(counts[30:]) == pytest.approx(sum(expected[30:]), rel=0.15)


def test_hard_labels_are_near_positives():
    counts = count_drawn(negatives="hard", negative_ratio=1)
    # "yes 20" is nearest to "pool 20", and farthest from "pool 0".
    assert sum(counts[17:24]) > 0.75 * 600
    assert sum(counts[:10]) + sum(counts[30:]) < 0.05 * 600


def test_hard_labels_without_positives_are_any():
    gold = make_gold([], ["no 1"])
    drawn = {name for seed in range(100) for name in sample(gold, seed=seed, negatives="hard").names}
    assert len(drawn) == 41


def test_hard_labels_need_vectors():
    with pytest.raises(ValueError, match="GM083"):
        LabelSampler(negatives="hard", max_labels=3).sample(
            [make_gold(["a"], ["b", "c", "d"])], POOL, np.random.default_rng(0)
        )


def test_other_spellings_of_its_labels_are_no_negatives():
    pool = LabelPool({"entities": {"Person": 3, "A HUMAN": 1, "city": 2}})
    gold = Gold(
        make_query(["a human"]),
        mark_spans([(0, 1, 0)]),
        kind="entities",
        names=("person",),
        prefixes=("",),
    )
    assert sorted(sample(gold, pool, negatives="uniform").names) == ["city", "person"]


class TestRelations:
    def test_negatives_are_other_relations_of_its_heads(self):
        pool = LabelPool({"relations": {"left": 2, "met": 1}, "entities": {"person": 5}})
        gold = make_relations()
        sampled = sample(gold, pool, negatives="uniform")
        assert set(sampled.names) == {"met", "born in", "left"}
        added = set(sampled.query.labels) - set(gold.query.labels)
        assert len(added) == 1 and added <= {"Ada <> left", "Bob <> left"}

    def test_anchors_stay_with_their_heads(self):
        pool = LabelPool({"relations": {f"r{i}": 1 for i in range(9)}})
        sampled = sample(make_relations(), pool, negatives="uniform")
        for label, anchors in zip(sampled.query.labels, sampled.query.anchors, strict=True):
            assert anchors == ((0,) if label.startswith("Ada") else (7,))

    def test_only_the_relation_is_reworded(self):
        wording = make_label_sampler_v1(casing="mixed").wording
        for seed in range(10):
            for label in sample(make_relations(), seed=seed, wording=wording).query.labels:
                assert label.startswith(("Ada <> ", "Bob <> "))


class TestWording:
    def test_labels_are_reworded_and_names_are_not(self):
        wording = make_label_sampler_v1(casing="lower", descriptions={"B": ["letter B"]}).wording
        gold = make_gold(["A"], ["B"])
        written = set()
        for seed in range(20):
            sampled = sample(gold, seed=seed, wording=wording)
            written.update(sampled.query.labels)
            assert sorted(sampled.names) == ["A", "B"]
            assert sampled.query.labels[sampled.spans.label[0]] == "a"
        assert written == {"a", "b", "letter b"}

    def test_no_two_labels_are_written_alike(self):
        wording = make_label_sampler_v1(casing="lower").wording
        gold = make_gold(["US", "us", "Us"], ["it", "IT"])
        for seed in range(20):
            sampled = sample(gold, seed=seed, wording=wording)
            assert len(set(sampled.query.labels)) == 5
            assert named(sampled, sampled.spans) == named(gold, gold.spans)

    def test_descriptions_of_the_settings_are_kept(self):
        gold = Gold(
            make_query(["a human being"]), mark_spans(()), kind="entities", names=("person",), prefixes=("",)
        )
        assert sample(gold).query.labels == ("a human being",)


class TestTemplate:
    SAMPLER = LabelSampler(template="Dataset: {corpus}")

    def test_names_the_corpus(self):
        assert self.SAMPLER.introduce(make_gold(["a"]), "wnut").query.instruction == "Dataset: wnut"

    def test_stands_before_an_instruction(self):
        gold = Gold(make_query(["a <> b"], instruction="Relate."), mark_spans(()), kind="relations")
        assert self.SAMPLER.introduce(gold, "docred").query.instruction == "Dataset: docred Relate."

    def test_gold_of_no_kind_has_none(self):
        gold = Gold(make_query(["answer"]), mark_spans(()))
        assert self.SAMPLER.introduce(gold, "squad") is gold

    def test_texts_of_unknown_corpora_are_told(self):
        gold = make_gold(["a"])
        with pytest.warns(UserWarning, match="GMW10"):
            assert self.SAMPLER.introduce(gold, None) is gold

    def test_is_off_unless_set(self):
        gold = make_gold(["a"])
        assert LabelSampler().introduce(gold, "wnut") is gold


def test_is_a_block_of_configs():
    options = {
        "max_labels": 7,
        "negatives": "hard",
        "negative_ratio": 2.0,
        "exclusive": True,
        "shuffle": False,
        "casing": "mixed",
        "descriptions": {"a": ["b"]},
        "description_rate": 0.1,
        "template": "Of {corpus}",
        "seed": 3,
    }
    block = {"@misc": "spacy-gliner-mt.LabelSampler.v1", **options}
    sampler = registry.resolve({"sampler": block})["sampler"]
    assert sampler == make_label_sampler_v1(**options)
    assert sampler == pickle.loads(pickle.dumps(sampler))
    assert vars(sampler) | vars(sampler.wording) == {**options, "wording": sampler.wording}
    assert make_label_sampler_v1() == LabelSampler()


@pytest.mark.parametrize(
    "options, code",
    [
        ({"max_labels": 0}, "GM008"),
        ({"negatives": "none"}, "GM007"),
        ({"negative_ratio": -1.0}, "GM081"),
        ({"template": "no place"}, "GM082"),
    ],
)
def test_bad_arguments_are_named(options, code):
    with pytest.raises(ValueError, match=rf"\[{code}\].*{next(iter(options))}"):
        make_label_sampler_v1(**options)
