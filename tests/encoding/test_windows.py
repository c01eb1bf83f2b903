"""Windows: within their budgets, and each span is decided on by exactly one that sees it."""

import numpy as np
import pytest

from spacy_gliner_mt.encoding.windows import cut_windows


def random_case(seed):
    """Lengths of words, some of them zero or large, and budgets: words, subtokens, overlap."""
    rng = np.random.default_rng(seed)
    lengths = rng.choice([0, 1, 1, 1, 2, 3, 5, 12], int(rng.integers(1, 120)))
    budget = int(rng.integers(12, 60))
    # Now and then a word that fills a window, which is as large as `plan_query` lets words be.
    lengths[rng.random(len(lengths)) < 0.03] = budget
    return lengths, int(rng.integers(1, 40)), budget, int(rng.integers(0, 30))


def owners_of(windows, start, end):
    """For each span, how many windows decide on it."""
    return np.sum([window.owns(np.array(start), np.array(end)) for window in windows], axis=0)


def fewest(lengths, max_words, max_subtokens):
    """How many windows are needed if none overlap: filling each is best."""
    count, words, subtokens = 1, 0, 0
    for length in lengths:
        if words == max_words or subtokens + length > max_subtokens:
            count, words, subtokens = count + 1, 0, 0
        words, subtokens = words + 1, subtokens + length
    return count


@pytest.mark.parametrize("seed", range(40))
def test_windows_fit_their_budgets_and_cover_the_text(seed):
    lengths, max_words, max_subtokens, overlap = random_case(seed)
    windows = cut_windows(lengths, max_words, max_subtokens, overlap)
    assert (windows[0].start, windows[-1].end) == (0, len(lengths))
    for window in windows:
        assert 0 < window.end - window.start <= max_words
        assert lengths[window.start : window.end].sum() <= max_subtokens
    for before, after in zip(windows, windows[1:], strict=False):
        assert before.start < after.start <= before.end
        assert before.end - after.start <= overlap


@pytest.mark.parametrize("seed", range(10))
def test_every_window_reads_words_that_no_other_has(seed):
    lengths, max_words, max_subtokens, overlap = random_case(seed)
    ends = [window.end for window in cut_windows(lengths, max_words, max_subtokens, overlap)]
    assert ends == sorted(set(ends))


@pytest.mark.parametrize("seed", range(30))
def test_every_word_and_every_span_has_one_owner_that_holds_its_middle(seed):
    windows = cut_windows(*random_case(seed))
    n_words = windows[-1].end
    owned = [word for window in windows for word in range(window.own_start, window.own_end)]
    assert owned == list(range(n_words))
    start, end = np.triu_indices(n_words)
    assert (owners_of(windows, start, end + 1) == 1).all()
    for window in windows:
        assert window.start <= window.own_start <= window.own_end <= window.end


@pytest.mark.parametrize("max_words", [8, 31, 64])
@pytest.mark.parametrize("overlap", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("n_words", [1, 8, 9, 65, 120])
def test_a_span_no_longer_than_the_overlap_lies_in_the_window_that_owns_it(n_words, overlap, max_words):
    windows = cut_windows(np.ones(n_words, dtype=np.int64), max_words, 10_000, overlap)
    for length in range(1, max(overlap, 1) + 1):
        for start in range(n_words - length + 1):
            (owner,) = [w for w in windows if w.owns(np.array([start]), np.array([start + length]))[0]]
            assert owner.start <= start and start + length <= owner.end


@pytest.mark.parametrize("seed", range(30))
def test_windows_without_overlap_are_as_few_as_can_be(seed):
    lengths, max_words, max_subtokens, _ = random_case(seed)
    windows = cut_windows(lengths, max_words, max_subtokens, 0)
    assert len(windows) == fewest(lengths, max_words, max_subtokens)
    assert [window.start for window in windows[1:]] == [window.end for window in windows[:-1]]


@pytest.mark.parametrize(
    "n_words, bounds", [(10, [(0, 10)]), (11, [(0, 10), (7, 11)]), (17, [(0, 10), (7, 17)])]
)
def test_neighbours_share_the_overlap(n_words, bounds):
    windows = cut_windows(np.ones(n_words, dtype=np.int64), 10, 100, 3)
    assert [(window.start, window.end) for window in windows] == bounds


@pytest.mark.parametrize("overlap", [5, 9, 10, 1000])
def test_an_overlap_of_more_than_half_a_window_still_moves_on_by_half(overlap):
    windows = cut_windows(np.ones(100, dtype=np.int64), 10, 100, overlap)
    assert [window.start for window in windows] == list(range(0, 91, 5))


def test_a_word_beyond_the_budget_has_a_window_of_its_own():
    windows = cut_windows(np.array([1, 1, 50, 1, 1]), 10, 5, 0)
    assert [(window.start, window.end) for window in windows] == [(0, 2), (2, 3), (3, 5)]


def test_words_without_subtokens_cost_none():
    windows = cut_windows(np.zeros(7, dtype=np.int64), 10, 1, 2)
    assert [(window.start, window.end) for window in windows] == [(0, 7)]


def test_no_words_have_no_windows():
    assert cut_windows(np.zeros(0, dtype=np.int64), 10, 10, 2) == []
