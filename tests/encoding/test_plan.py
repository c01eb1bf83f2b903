"""Plan: whatever the budget, every word meets every label in exactly one part that decides."""

import numpy as np
import pytest

from spacy_gliner_mt.encoding.plan import plan_query
from spacy_gliner_mt.encoding.words import split_words
from spacy_gliner_mt.types import Budget, Markers, Pieces, Query, Spans, Words

from ..util import make_query


class Characters:
    """One id per character, so that inputs can be read back; a space has none."""

    markers = Markers(prefix=(1,), suffix=(2, 3), label=4, separator=5)

    def encode(self, strings):
        ids = [[ord(character) for character in string if character != " "] for string in strings]
        flat = np.array([i for of_string in ids for i in of_string], dtype=np.int64)
        return Pieces(flat, np.cumsum([0, *map(len, ids)]))


ENCODER = Characters()
LARGE = Budget(words=100, subtokens=1000, labels=30, overlap=10)


def plan(query, words, budget=LARGE, on_overflow="window"):
    ends = np.cumsum([len(word) + 1 for word in words], dtype=np.int64) - 1
    starts = ends - [len(word) for word in words]
    text = Words(tuple(words), starts.astype(np.int64), ends)
    return plan_query(query, text, ENCODER.encode(words), ENCODER, budget, on_overflow)


def strings_of(ids):
    return "".join(map(chr, ids))


def read_input(part):
    """The labels and words of a part's input, read back from its ids."""
    ids = part.input.ids.tolist()
    label_ends = [*part.input.label_positions.tolist()[1:], ids.index(ENCODER.markers.separator)]
    labels = [
        strings_of(ids[start + 1 : end])
        for start, end in zip(part.input.label_positions.tolist(), label_ends, strict=True)
    ]
    words = [
        strings_of(ids[start : start + length])
        for start, length in zip(part.input.word_positions, part.input.word_lengths, strict=True)
    ]
    return labels, words


def random_case(seed):
    """A query with few or many labels, with or without instruction, words and a budget."""
    rng = np.random.default_rng(seed)

    def random_words(count, longest):
        letters = rng.choice(list("abcdefgh"), (count, longest))
        return ["".join(row[: rng.integers(1, longest + 1)]) for row in letters]

    labels = [f"{word}{i}" for i, word in enumerate(random_words(int(rng.integers(1, 60)), 12))]
    instruction = " ".join(random_words(int(rng.choice([0, 0, 4])), 5))
    words = random_words(int(rng.integers(1, 150)), 9)
    budget = Budget(
        words=int(rng.integers(8, 60)),
        subtokens=int(rng.integers(90, 300)),
        labels=int(rng.integers(1, 40)),
        overlap=int(rng.integers(0, 20)),
    )
    return make_query(labels, instruction=instruction), words, budget


@pytest.mark.parametrize("seed", range(30))
def test_every_input_fits_the_budget_and_reads_what_it_says(seed):
    query, words, budget = random_case(seed)
    instruction = list(split_words(query.instruction).texts)
    planned = plan(query, words, budget)
    for part in planned.parts:
        labels, read = read_input(part)
        assert len(part.input) <= budget.subtokens
        assert len(read) <= budget.words and len(labels) <= budget.labels
        assert labels == [query.labels[i] for i in part.labels]
        assert read == instruction + words[part.window.start : part.window.end]
        assert part.n_instruction == len(instruction)
    assert planned.truncated_words == 0
    assert len(planned.parts) == planned.windows * planned.passes


@pytest.mark.parametrize("seed", range(30))
def test_every_word_meets_every_label_in_one_part_that_decides(seed):
    query, words, budget = random_case(seed)
    decided = np.zeros((len(words), len(query.labels)), dtype=int)
    for part in plan(query, words, budget).parts:
        decided[part.window.own_start : part.window.own_end, part.labels] += 1
    assert (decided == 1).all()


def perfect_logits(part, gold):
    """What a network without fault returns for a part: of spans it sees only in part, the words
    inside, and where it sees them, starts and ends."""
    window, labels = part.window, part.labels
    logits = np.full((part.n_instruction + window.end - window.start, len(labels), 3), -9, dtype=np.float32)
    text = logits[part.n_instruction :]
    for start, end, label in gold:
        if label in labels:
            column = text[:, labels.tolist().index(label)]
            column[max(start - window.start, 0) : max(end - window.start, 0), 2] = 9
            if window.start <= start < window.end:
                column[start - window.start, 0] = 9
            if window.start < end <= window.end:
                column[end - 1 - window.start, 1] = 9
    # An instruction that looks like an entity all over, up to the text and into it.
    logits[: part.n_instruction] = 9
    return logits


def read_all(planned, gold):
    found = Spans.concatenate(part.read(perfect_logits(part, gold)) for part in planned.parts)
    return sorted(zip(found.start.tolist(), found.end.tolist(), found.label.tolist(), strict=True))


@pytest.mark.parametrize("seed", range(30))
def test_windows_and_passes_find_each_span_once(seed):
    query, words, _ = random_case(seed)
    budget = Budget(words=30, subtokens=400, labels=7, overlap=9)
    rng = np.random.default_rng(seed)
    gold = set()
    for label in range(len(query.labels)):
        # Spans of one label are no neighbours, or they would be two spans and their union.
        place = int(rng.integers(0, 20))
        while place < len(words):
            end = min(place + int(rng.integers(1, 10)), len(words))
            gold.add((place, end, label))
            place = end + 1 + int(rng.integers(0, 20))
    assert read_all(plan(query, words, budget), gold) == sorted(gold)


def test_thresholds_are_those_of_the_parts_labels():
    query = Query(("a", "b", "c"), np.array([0.9, 0.1, 0.6], dtype=np.float32))
    planned = plan(query, ["x"], Budget(words=10, subtokens=100, labels=1, overlap=0))
    logits = np.zeros((1, 1, 3), dtype=np.float32)  # probabilities of one half
    found = [part.read(logits).label.tolist() for part in planned.parts]
    assert found == [[], [1], []]


def test_span_score_is_the_querys():
    logits = np.array([[[9, -9, 2]], [[-9, 9, 0]]], dtype=np.float32)
    scores = {}
    for span_score in ("min", "mean"):
        (part,) = plan(make_query(["a"], span_score=span_score), ["x", "y"]).parts
        scores[span_score] = part.read(logits).score.tolist()
    mean = (1 / (1 + np.exp(-2)) + 0.5) / 2
    assert scores == {"min": [0.5], "mean": [pytest.approx(mean)]}


@pytest.mark.parametrize("n_labels, n_passes", [(1, 1), (30, 1), (31, 2), (965, 33)])
def test_many_labels_become_balanced_passes(n_labels, n_passes):
    planned = plan(make_query([f"l{i}" for i in range(n_labels)]), ["x"])
    sizes = [len(part.labels) for part in planned.parts]
    assert (planned.passes, planned.windows, len(sizes)) == (n_passes, 1, n_passes)
    assert max(sizes) - min(sizes) <= 1


def test_labels_leave_half_of_an_input_to_the_text():
    budget = Budget(words=1000, subtokens=104, labels=100, overlap=0)
    planned = plan(make_query([f"label{i:02}" for i in range(50)]), ["word"] * 25, budget)
    assert planned.passes > 1
    for part in planned.parts:
        label_length = 8 * len(part.labels)
        assert label_length <= 50
        assert len(part.input) - label_length - len(ENCODER.markers) > 40


@pytest.mark.parametrize("on_overflow", ["window", "warn", "raise"])
def test_blank_text_needs_no_input(on_overflow):
    planned = plan(make_query(["a"], instruction="Find it"), [], on_overflow=on_overflow)
    assert (planned.parts, planned.windows, planned.truncated_words) == ((), 0, 0)


@pytest.mark.parametrize("on_overflow", ["window", "warn", "raise"])
def test_a_text_that_fits_is_read_as_one(on_overflow):
    planned = plan(make_query(["a"]), ["x"] * 100, on_overflow=on_overflow)
    (part,) = planned.parts
    assert (part.window.start, part.window.end, planned.truncated_words) == (0, 100, 0)
    assert part.window.owns(np.array([0, 99, 0]), np.array([1, 100, 100])).all()


def test_a_long_text_is_cut_if_asked_and_the_rest_is_counted():
    planned = plan(make_query(["a"]), ["x"] * 250, on_overflow="warn")
    (part,) = planned.parts
    assert (part.window.start, part.window.end, planned.windows, planned.truncated_words) == (0, 100, 1, 150)
    # Its window decides on all that it holds, also where the next one would have.
    assert part.window.owns(np.array([99]), np.array([100])).all()


def test_a_long_text_is_refused_if_asked():
    with pytest.raises(ValueError, match="GM012.* 250 words, of which the model reads 100 at once"):
        plan(make_query(["a"]), ["x"] * 250, on_overflow="raise")


def test_an_instruction_takes_words_from_the_windows():
    planned = plan(make_query(["a"], instruction="one two three"), ["x"] * 98, on_overflow="warn")
    assert (planned.parts[0].window.end, planned.truncated_words) == (97, 1)


@pytest.mark.parametrize("length", [1000, 100_000])
def test_a_huge_word_is_read_in_part_and_counted(length):
    words = ["a", "b" * length, "c"]
    planned = plan(make_query(["label"]), words)
    assert planned.truncated_words == 1
    owned = [word for part in planned.parts for word in range(part.window.own_start, part.window.own_end)]
    assert owned == [0, 1, 2]
    for part in planned.parts:
        _, read = read_input(part)
        assert len(part.input) <= LARGE.subtokens
        for word, whole in zip(read, words[part.window.start : part.window.end], strict=True):
            assert word == whole if len(whole) == 1 else whole.startswith(word) and len(word) > 400


def test_a_huge_word_that_is_not_read_counts_once():
    words = ["x"] * 150 + ["b" * 5000]
    assert plan(make_query(["a"]), words, on_overflow="warn").truncated_words == 51


def test_a_text_with_a_huge_word_is_refused_if_asked():
    """It is longer than the model reads at once, so what is read would be silently cut."""
    with pytest.raises(ValueError, match="GM012"):
        plan(make_query(["a"]), ["b" * 5000], on_overflow="raise")


def test_words_without_subtokens_are_words_of_their_window():
    (part,) = plan(make_query(["a"]), ["x", " ", "y"]).parts
    assert read_input(part) == (["a"], ["x", "", "y"])


def test_a_label_that_leaves_no_room_is_named():
    label = "f" * 600
    with pytest.raises(ValueError, match="GM010.*600 subtokens, but at most") as error:
        plan(make_query(["a", label]), ["x"])
    assert repr(label[:80]) in str(error.value)


def test_the_longest_label_that_fits_is_read():
    room = (LARGE.subtokens - len(ENCODER.markers)) // 2
    plan(make_query(["f" * (room - 1)]), ["x"])
    with pytest.raises(ValueError, match=f"GM010.*at most {room - 1} fit"):
        plan(make_query(["f" * room]), ["x"])


@pytest.mark.parametrize("instruction", ["word " * 51, "f" * 501])
def test_an_instruction_that_leaves_no_room_is_named(instruction):
    with pytest.raises(ValueError, match=f"GM011.*{instruction[:40]}.*has [0-9]+ words"):
        plan(make_query(["a"], instruction=instruction), ["x"])
