"""Decoding: from word scores to spans."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np

from .types import Floats, Ints, Query, Spans, SpanScore


def find_spans(logits: Floats, thresholds: Floats, span_score: SpanScore = "min") -> Spans:
    """All spans the scores allow: from a start to an end of the same label, every word between
    them inside. Follows gliner 0.2.29, `TokenDecoder._calculate_span_score`.

    logits (words, labels, 3): start, end and inside, of at least one word and label.
    thresholds (labels,): starts and ends must exceed it, inside words reach it.
    span_score: "min" of start, end and inside probabilities, or "mean" of the inside ones.
    RETURNS: spans in words, overlapping ones included, by start, label and end.
    """
    n_words = len(logits)
    probabilities = 1 / (1 + np.exp(-np.clip(logits, -80, 80), dtype=np.float32))
    # All labels on one line, label-major: a run of inside words never reaches the next label.
    start, end, inside = probabilities.transpose(2, 1, 0).reshape(3, -1)  # (3, labels * words)
    limits = np.repeat(thresholds, n_words)  # (labels * words,)
    run_ends = _run_ends(inside >= limits, n_words)
    starts = np.flatnonzero((start > limits) & (inside >= limits))
    ends = np.flatnonzero((end > limits) & (inside >= limits))
    # The ends that belong to a start are those from it up to the end of its run.
    first = np.searchsorted(ends, starts)
    count = np.searchsorted(ends, run_ends[starts]) - first
    span_starts = np.repeat(starts, count)
    span_ends = ends[np.repeat(first, count) + _count_up(count)]
    if span_score == "mean":
        scores = _range_mean(inside, span_starts, span_ends)
    else:
        scores = np.minimum(start[span_starts], end[span_ends])
        scores = np.minimum(scores, _range_min(inside, span_starts, span_ends))
    label, word = np.divmod(span_starts, n_words)
    spans = Spans(word, word + span_ends - span_starts + 1, label, scores.astype(np.float32))
    return spans.take(np.lexsort((spans.end, spans.label, spans.start)))


def select_spans(spans: Spans, query: Query) -> Spans:
    """Keep the best of spans that exclude each other: greedily by score, the first of equals.
    Follows gliner 0.2.29, `BaseDecoder.greedy_search`.

    spans: candidates.
    query: whether spans may be nested, have several labels, or are independent of other labels.
    RETURNS: those kept, by start.
    """
    order = np.lexsort((spans.end, spans.label, spans.start, -spans.score.astype(np.float64)))
    # The same span of the same label counts once, with its best score.
    _, first = np.unique(np.stack([spans.start, spans.end, spans.label])[:, order], axis=1, return_index=True)
    order = order[np.sort(first)]
    # Spans of independent labels never meet if each label has a line of its own.
    line = spans.label * spans.end.max(initial=0) if query.independent else 0
    bounds = list(zip((spans.start + line).tolist(), (spans.end + line).tolist(), strict=True))
    select = _select_nested if query.nested else _select_flat
    kept = select(bounds, order.tolist(), query.multi_label)
    chosen = spans.take(np.array(kept, dtype=np.int64))
    return chosen.take(np.lexsort((chosen.label, chosen.end, chosen.start)))


def _select_flat(bounds: list[tuple[int, int]], order: list[int], multi_label: bool) -> list[int]:
    """Indices of spans that overlap no better one, unless they equal it and may."""
    taken: list[tuple[int, int]] = []  # disjoint, sorted
    kept = []
    for index in order:
        start, end = bounds[index]
        place = bisect_left(taken, (start, end))
        if place < len(taken) and taken[place] == (start, end):
            if multi_label:
                kept.append(index)
            continue
        clear_before = place == 0 or taken[place - 1][1] <= start
        clear_after = place == len(taken) or end <= taken[place][0]
        if clear_before and clear_after:
            taken.insert(place, (start, end))
            kept.append(index)
    return kept


def _select_nested(bounds: list[tuple[int, int]], order: list[int], multi_label: bool) -> list[int]:
    """Indices of spans that no better one overlaps without one holding the other."""
    kept: list[int] = []
    for cluster in _clusters(bounds, order):
        taken: set[tuple[int, int]] = set()
        for index in cluster:
            start, end = bounds[index]
            if (start, end) in taken:
                if multi_label:
                    kept.append(index)
            elif not any(a < start < b < end or start < a < end < b for a, b in taken):
                taken.add((start, end))
                kept.append(index)
    return kept


def _clusters(bounds: list[tuple[int, int]], order: list[int]) -> list[list[int]]:
    """Group spans that touch, directly or through others, each group in the given order: spans
    of different groups never meet, so the quadratic part stays as small as a group."""
    rank = {index: place for place, index in enumerate(order)}
    clusters: list[list[int]] = []
    reach = -1
    for index in sorted(order, key=lambda i: bounds[i]):
        start, end = bounds[index]
        if start >= reach:
            clusters.append([])
        clusters[-1].append(index)
        reach = max(reach, end)
    return [sorted(cluster, key=rank.__getitem__) for cluster in clusters]


def _run_ends(inside: np.ndarray, n_words: int) -> Ints:
    """Where the run of inside words that holds each position ends (labels * words,)."""
    positions = np.arange(len(inside))
    line_ends = positions - positions % n_words + n_words
    stops = np.where(inside, line_ends, positions)
    # The nearest stop to the right: a running minimum, read from the right, line by line.
    lines = stops.reshape(-1, n_words)[:, ::-1]  # (labels, words)
    return np.minimum.accumulate(lines, axis=1)[:, ::-1].reshape(-1)


def _count_up(counts: Ints) -> Ints:
    """0, 1, ... up to each count, one after the other."""
    ends = np.cumsum(counts)
    return np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - counts, counts)


def _range_mean(values: Floats, first: Ints, last: Ints) -> Floats:
    """Mean of `values[first..last]` for each pair, both included."""
    sums = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    return (sums[last + 1] - sums[first]) / (last - first + 1)


def _range_min(values: Floats, first: Ints, last: Ints) -> Floats:
    """Minimum of `values[first..last]` for each pair, both included, through a sparse table:
    any range is covered by two of its power-of-two ranges."""
    level = np.frexp((last - first + 1).astype(np.float64))[1] - 1  # floor of log2
    table = [values]
    for step in range(level.max(initial=0)):
        below = table[-1]
        shifted = np.concatenate([below[2**step :], np.full(2**step, np.inf, dtype=below.dtype)])
        table.append(np.minimum(below, shifted))
    levels = np.stack(table)  # (levels, values)
    return np.minimum(levels[level, first], levels[level, last + 1 - 2**level])
