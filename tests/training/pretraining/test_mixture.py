"""Mixture: what is drawn, and how often."""

from collections import Counter

import numpy as np
import pytest

from spacy_gliner_mt.training.pretraining.mixture import Mixture, Source

from ..corpora import EVERY, NER, RELATION, write_lines


def numbered(count, name):
    return [{**NER, "id": f"{name}{i}"} for i in range(count)]


def draw_ids(mixture, count=2000):
    entries = mixture.draw(count, np.random.default_rng(0))
    return Counter(entry.id for _, entry in entries)


def test_sources_are_drawn_by_weight_whatever_their_size(tmp_path):
    large = write_lines(tmp_path / "large.jsonl", *numbered(90, "a"))
    small = write_lines(tmp_path / "small.jsonl", *numbered(10, "b"))
    ids = draw_ids(Mixture.read({"large": Source(str(large), 1.0), "small": Source(str(small), 3.0)}))
    of_small = sum(count for name, count in ids.items() if name.startswith("b"))
    assert of_small == pytest.approx(1500, abs=100)


@pytest.mark.parametrize("balance, share", [(1.0, 0.1), (0.0, 0.5), (0.5, 0.25)])
def test_files_of_a_source_are_balanced(tmp_path, balance, share):
    write_lines(tmp_path / "large.jsonl", *numbered(90, "a"))
    write_lines(tmp_path / "small.jsonl", *numbered(10, "b"))
    ids = draw_ids(Mixture.read({"all": Source(str(tmp_path), balance=balance)}))
    of_small = sum(count for name, count in ids.items() if name.startswith("b"))
    assert of_small / 2000 == pytest.approx(share, abs=0.03)


def test_tasks_are_chosen(tmp_path):
    path = write_lines(tmp_path / "all.jsonl", *EVERY)
    mixture = Mixture.read({"all": Source(str(path), tasks=["qa", "open"])})
    assert set(draw_ids(mixture)) == {"b", "e"}


def test_omitted_names_are_nowhere(tmp_path):
    path = write_lines(tmp_path / "all.jsonl", NER, RELATION)
    mixture = Mixture.read({"all": Source(str(path), omit=["met", "person"])})
    records = {entry.id: entry for _, entry in mixture.draw(50, np.random.default_rng(0))}
    assert records["a"].labels == ("city", "ship")
    assert [span.label for span in records["a"].spans] == ["city"]
    assert records["c"].labels == ("born in",)
    assert records["c"].relations == ()
    # Entities of a relation's text are not labels that are asked for.
    assert len(records["c"].spans) == 3
    assert mixture.labels.of_kind("entities") == {"city": 1, "ship": 0}
    assert mixture.labels.of_kind("relations") == {"born in": 0}


def test_a_source_with_nothing_left_is_refused(tmp_path):
    path = write_lines(tmp_path / "all.jsonl", RELATION)
    with pytest.raises(ValueError, match="GM247.*'all'"):
        Mixture.read({"all": Source(str(path), omit=["met", "born in"])})


@pytest.mark.parametrize("weight", [0.0, -1.0])
def test_weights_must_be_positive(tmp_path, weight):
    path = write_lines(tmp_path / "all.jsonl", NER)
    with pytest.raises(ValueError, match="GM081.*all.weight"):
        Mixture.read({"all": Source(str(path), weight)})


def test_labels_count_the_records_that_mention_them(tmp_path):
    path = write_lines(tmp_path / "all.jsonl", *EVERY, {**NER, "id": "z"})
    labels = Mixture.read({"all": Source(str(path))}).labels
    assert labels.of_kind("entities") == {"person": 2, "city": 2, "ship": 0}
    assert labels.of_kind("relations") == {"met": 1, "born in": 0}
