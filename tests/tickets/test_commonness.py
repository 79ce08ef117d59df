"""How words are looked for, by what PostgreSQL knows of how common they are."""

from __future__ import annotations

import pytest

from ticketing.core.tokens import read_query
from ticketing.tickets.queries.commonness import Known
from ticketing.tickets.queries.ranking import Way, ways

SHARES = {"t用电": 0.004, "d用电": 0.2, "d增容": 0.02, "d电增": 0.02, "d停产": 0.3, "fpdf": 0.4, "p138": 0.9}
ONCE, COUNTED, STRETCH, READING = Way.AT_ONCE, Way.COUNTED, Way.BY_STRETCH, Way.BY_READING


@pytest.mark.parametrize(
    ("typed", "total", "expected"),
    [
        ("除尘", 10_000, (ONCE, ONCE, ONCE, ONCE)),
        ("除尘", 1_000_000, (COUNTED, COUNTED, COUNTED, COUNTED)),
        ("用电", 10_000, (ONCE, ONCE, READING, STRETCH)),
        ("用电", 1_000_000, (STRETCH, STRETCH, READING, STRETCH)),
        # What only files and phones have is common there: all of it would be counted.
        ("pdf", 1_000_000, (COUNTED, COUNTED, COUNTED, STRETCH)),
        ("138", 10_000, (ONCE, ONCE, ONCE, STRETCH)),
        ("用电 增容", 1_000_000, (COUNTED, COUNTED, STRETCH, STRETCH)),
        ("用电 停产", 1_000_000, (COUNTED, COUNTED, READING, STRETCH)),
        ("用电 除尘", 100_000, (ONCE, ONCE, ONCE, ONCE)),
        ("电增容", 100_000, (ONCE, ONCE, STRETCH, STRETCH)),
        ("增容", 100_000, (ONCE, ONCE, STRETCH, STRETCH)),
    ],
)
def test_words_are_looked_for_by_how_common_they_are(typed, total, expected):
    assert ways(read_query(typed), Known(total, 0.001, SHARES)) == expected


def test_before_postgresql_looked_through_the_texts_any_word_may_be_common():
    assert ways(read_query("除尘"), Known(float("inf"), 1.0, {})) == (STRETCH,) * 4
