"""Long documents: as long as asked for, with the planted sentence where it is said to be."""

import pytest

from benchmarks.long_document import PLANTED, Report, build_document, cut_out, format_reports


@pytest.mark.parametrize("words, every", [(20, 5000), (100, 5000), (137, 50), (1000, 200), (12000, 5000)])
def test_sections_end_with_the_planted_sentence(words, every):
    text, offsets = build_document(words, every)
    size = min(words, every)
    assert len(text.split()) == words // size * size
    assert len(offsets) == words // size
    assert all(text[offset:].startswith(PLANTED) for offset in offsets)
    assert text.endswith(PLANTED)
    assert [len(text[:offset].split()) % size for offset in offsets] == [size - 10] * len(offsets)


def test_entities_are_cut_out_by_their_place():
    entities = {(3, 5, "city"), (10, 14, "person"), (200, 204, "person")}
    assert cut_out(entities, 10) == {(0, 4, "person")}
    assert cut_out(entities, 190) == {(10, 14, "person")}


def test_costs_stand_beside_the_least():
    alone = {(0, 6, "person"), (10, 17, "city")}
    reports = [
        Report(100, 2.0, 5.0, 1, alone, [alone]),
        Report(1000, 10.0, 50.0, 4, alone, [alone, {(0, 6, "person")}]),
    ]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in format_reports(reports).splitlines()
    ]
    assert rows[2:] == [
        ["100", "2.00", "50", "+100%", "5", "1", "2 of 2", "yes"],
        ["1,000", "10.00", "100", "+0%", "50", "4", "3 of 4", "no"],
    ]
