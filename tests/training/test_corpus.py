"""Corpus: Examples of files, and what is said of those that cannot be read."""

from __future__ import annotations

import json
import pickle

import pytest
import spacy
from spacy.tokens import DocBin
from spacy.training import Example
from spacy.util import registry

from spacy_gliner_mt.training.corpus import make_corpus
from spacy_gliner_mt.training.records import parse_record
from spacy_gliner_mt.training.reference import write_reference

from .corpora import EVERY, NER, QUESTION, RELATION, write_lines

NLP = spacy.blank("en")


def ids(corpus):
    return [example.reference.user_data["id"] for example in corpus(NLP)]


@pytest.fixture
def path(tmp_path):
    return write_lines(tmp_path / "corpus.jsonl", *EVERY)


@pytest.fixture
def folder(tmp_path, path):
    """Records of all suffixes, and a file of another."""
    write_lines(tmp_path / "deeper.jsonl.gz", {**NER, "id": "f"})
    docs = []
    for fields in (QUESTION, RELATION):
        docs.append(NLP.make_doc(fields["text"]))
        write_reference(docs[-1], parse_record(json.dumps({**fields, "id": f"{fields['id']}2"})))
    DocBin(docs=docs, store_user_data=True).to_disk(tmp_path / "docs.spacy")
    (tmp_path / "README.md").write_text("hello")
    return tmp_path


def test_config_makes_the_reader(path):
    corpus = registry.resolve({"corpus": {"@readers": "spacy-gliner-mt.Corpus.v1", "path": str(path)}})
    assert ids(corpus["corpus"]) == list("abcde")


def test_predicted_docs_know_what_they_are_asked_but_not_what_is_right(path):
    for example in make_corpus(path)(NLP):
        assert isinstance(example, Example)
        predicted, reference = example.predicted, example.reference
        assert [(token.text, token.whitespace_) for token in predicted] == [
            (token.text, token.whitespace_) for token in reference
        ]
        assert predicted._.gliner == reference._.gliner
        assert not predicted.spans and predicted._.relation_data is None
        heads = [(ent.text, ent.label_) for ent in reference.ents] if reference._.relation_data else []
        assert [(ent.text, ent.label_) for ent in predicted.ents] == heads


def test_folders_and_lists_are_read(folder):
    assert ids(make_corpus(folder)) == ["a", "b", "c", "d", "e", "f", "b2", "c2"]
    assert ids(make_corpus([str(folder / "docs.spacy"), str(folder / "deeper.jsonl.gz")])) == [
        "b2",
        "c2",
        "f",
    ]


def test_docs_come_with_their_annotation(folder):
    answer, relation = make_corpus(folder / "docs.spacy")(NLP)
    assert [span.text for span in answer.reference.spans["answers"]] == ["Rome"]
    assert relation.reference._.relation_data[0]["label"] == "met"
    assert [ent.text for ent in relation.predicted.ents] == ["Ada", "Bo", "Rome"]


def test_references_name_their_corpus(folder):
    names = [example.reference.user_data["corpus"] for example in make_corpus(folder)(NLP)]
    assert names == ["corpus"] * 5 + ["deeper"] + ["docs"] * 2


def test_tasks_and_limit(folder):
    assert ids(make_corpus(folder, tasks=["qa", "summarization"])) == ["b", "d", "b2"]
    assert ids(make_corpus(folder, tasks=["relation"], limit=1)) == ["c"]
    assert ids(make_corpus(folder, limit=6)) == list("abcdef")


def test_shuffling_is_repeatable_and_differs_between_passes(folder):
    def passes(seed, n=4):
        corpus = make_corpus(folder, shuffle=seed)
        return [ids(corpus) for _ in range(n)]

    assert passes(0) == passes(0)
    assert passes(0) != passes(1)
    assert len({tuple(each) for each in passes(0)}) > 1
    assert {tuple(sorted(each)) for each in passes(0)} == {("a", "b", "b2", "c", "c2", "d", "e", "f")}


def test_spans_that_do_not_fit_are_told_once(tmp_path):
    odd = {**NER, "text": "AdaLov met", "spans": [[0, 3, "person"], [3, 6, "person"]]}
    path = write_lines(tmp_path / "odd.jsonl", odd, odd, NER)
    with pytest.warns(UserWarning) as told:
        assert len(ids(make_corpus(path))) == 3
    (warning,) = told
    assert "of 7 spans 4 end inside a token" in str(warning.message)
    assert "2 then were the same" in str(warning.message) and str(path) in str(warning.message)


def test_records_without_labels_are_left_out_and_told(tmp_path):
    path = write_lines(tmp_path / "bare.jsonl", {"task": "ner", "text": "Ada"}, NER)
    with pytest.warns(UserWarning, match="1 records have no labels"):
        assert ids(make_corpus(path)) == ["a"]


def test_spans_key(path):
    example = next(iter(make_corpus(path, spans_key="sc")(NLP)))
    assert list(example.reference.spans) == ["sc"]


def test_workers_can_have_it(path):
    assert ids(pickle.loads(pickle.dumps(make_corpus(path)))) == list("abcde")


def test_bad_lines_are_told_at_once(tmp_path):
    path = write_lines(tmp_path / "corpus.jsonl", NER, {**NER, "spans": [[0, 99, "person"]]})
    with pytest.raises(ValueError, match=r"GM201.*Line 2 of '.*corpus\.jsonl'"):
        make_corpus(path)


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz"])
def test_an_empty_corpus_is_named(tmp_path, suffix):
    path = write_lines(tmp_path / f"empty{suffix}")
    with pytest.raises(ValueError, match=rf"GM212.*empty{suffix}"):
        make_corpus(path)


def test_an_empty_docbin_is_named(tmp_path):
    DocBin().to_disk(tmp_path / "empty.spacy")
    with pytest.raises(ValueError, match=r"GM212.*empty\.spacy"):
        make_corpus(tmp_path / "empty.spacy")


def test_a_corpus_of_other_tasks_is_named(path):
    with pytest.raises(ValueError, match="GM212.*relation"):
        make_corpus(write_lines(path, NER), tasks=["relation"])


def test_labels_missing_everywhere_are_told(tmp_path):
    path = write_lines(tmp_path / "bare.jsonl", {"task": "ner", "text": "Ada"}, {"task": "ner", "text": "Bo"})
    with pytest.raises(ValueError, match=r"GM213.*2 records.*bare\.jsonl"):
        make_corpus(path)


def test_wrong_arguments_are_told(tmp_path, path):
    with pytest.raises(ValueError, match="GM210"):
        make_corpus(None)
    with pytest.raises(ValueError, match="GM211.*'nerr'"):
        make_corpus(path, tasks=["ner", "nerr"])
    with pytest.raises(ValueError, match="GM214.*nowhere"):
        make_corpus(tmp_path / "nowhere")
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "a.txt").write_text("a")
    with pytest.raises(ValueError, match="GM215.*text"):
        make_corpus(tmp_path / "text")
    (tmp_path / "bad.spacy").write_bytes(b"no")
    with pytest.raises(ValueError, match=r"GM103.*bad\.spacy"):
        make_corpus(tmp_path / "bad.spacy")
