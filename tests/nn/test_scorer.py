"""Scorer: the factored form is the formula, however the pairs are cut, and so are its gradients."""

import pytest
import torch
from gliner.modeling.scorers import Scorer as ReferenceScorer
from torch.nn import functional as F

from spacy_gliner_mt.nn import scorer as module
from spacy_gliner_mt.nn.scorer import CPU_PAIRS, Scorer

WIDTH = 6


def make_scorer(**options):
    torch.manual_seed(0)
    scorer = Scorer(WIDTH, **options).double().eval()
    for parameter in scorer.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    return scorer


def make_vectors(n_words, n_labels):
    generator = torch.Generator().manual_seed(1)
    words, labels = (
        torch.randn(n, WIDTH, generator=generator, dtype=torch.float64) for n in (n_words, n_labels)
    )
    return words, labels


def score_unfactored(scorer, words, labels):
    """The perceptron over [t0, l0, t1 * l1] of every pair."""
    t0, t1 = scorer.words(words)[:, None].expand(-1, len(labels), -1).chunk(2, dim=-1)
    l0, l1 = scorer.labels(labels)[None].expand(len(words), -1, -1).chunk(2, dim=-1)
    pairs = torch.cat([t0, l0, t1 * l1], dim=-1)  # (words, labels, 3 * width)
    return scorer.output(F.relu(scorer.hidden(pairs)))


@pytest.mark.parametrize(
    "n_words, n_labels",
    [
        (1, 1),
        (1, 40),
        (7, 3),
        (CPU_PAIRS, 1),
        (CPU_PAIRS + 1, 1),
        (103, 5),  # 102 rows at once, then a single one
        (2, CPU_PAIRS + 1),  # more labels than pairs at once: row by row
    ],
)
def test_scores_are_those_of_the_unfactored_formula(n_words, n_labels):
    scorer, (words, labels) = make_scorer(), make_vectors(n_words, n_labels)
    scores = scorer(words, labels)
    assert scores.shape == (n_words, n_labels, 3)
    torch.testing.assert_close(scores, score_unfactored(scorer, words, labels))
    assert scores.std() > 0.5


@pytest.mark.parametrize("pairs", [1, 4, 7, 10_000])
def test_how_many_pairs_are_scored_at_once_changes_nothing(monkeypatch, pairs):
    scorer, (words, labels) = make_scorer(), make_vectors(9, 3)
    whole = score_unfactored(scorer, words, labels)
    monkeypatch.setattr(module, "CPU_PAIRS", pairs)
    torch.testing.assert_close(scorer(words, labels), whole)


@pytest.mark.parametrize("pairs", [4, CPU_PAIRS])
def test_gradients_are_those_of_the_unfactored_formula(monkeypatch, pairs):
    monkeypatch.setattr(module, "CPU_PAIRS", pairs)
    scorer = make_scorer()
    leaves = [vectors.requires_grad_() for vectors in make_vectors(9, 3)]
    targets = [*leaves, *scorer.parameters()]
    weights = torch.randn(9, 3, 3, dtype=torch.float64)
    factored, unfactored = (
        torch.autograd.grad((scores * weights).sum(), targets)
        for scores in (scorer(*leaves), score_unfactored(scorer, *leaves))
    )
    for one, other in zip(factored, unfactored, strict=True):
        torch.testing.assert_close(one, other)
        assert one.abs().sum() > 0


def test_scores_are_those_of_gliner():
    scorer, (words, labels) = make_scorer(), make_vectors(11, 4)
    reference = ReferenceScorer(WIDTH).double().eval()
    names = {"words": "proj_token", "labels": "proj_label", "hidden": "out_mlp.0", "output": "out_mlp.3"}
    state = {}
    for name, tensor in scorer.state_dict().items():
        part, field = name.split(".")
        state[f"{names[part]}.{field}"] = tensor
    reference.load_state_dict(state)
    torch.testing.assert_close(scorer(words, labels), reference(words[None], labels[None])[0])


def test_dropout_acts_in_training_only():
    scorer, (words, labels) = make_scorer(dropout=0.5), make_vectors(9, 3)
    torch.testing.assert_close(scorer(words, labels), score_unfactored(scorer, words, labels))
    scorer.train()
    assert not torch.allclose(scorer(words, labels), scorer(words, labels))


def test_dropout_silences_hidden_units():
    scorer, (words, labels) = make_scorer(dropout=1.0).train(), make_vectors(9, 3)
    torch.testing.assert_close(scorer(words, labels), scorer.output.bias.expand(9, 3, 3))
