"""Stretches of time a search goes through, on PostgreSQL: all time once, the latest first, in few steps."""

from __future__ import annotations

from itertools import pairwise

import pytest
from sqlalchemy import select, text

from ticketing.core.db import db
from ticketing.tickets.queries import ranking
from ticketing.tickets.searchable import STRETCHES

SHORT, MIDDLE, LONG = STRETCHES.values()
LATEST = 1_790_000_000 << 30
EDGES = [edge + by for bits in STRETCHES.values() for edge in [LATEST >> bits << bits] for by in (-1, 0, 1)]
AGES = [0, 1, 1 << SHORT, 3 << SHORT, 1 << MIDDLE, 9 << MIDDLE, 1 << LONG, 2 << LONG, 300 << LONG]


def only_texts_of(*fresh: int) -> None:
    """Let there be texts of these moments and no others, until the session is rolled back."""
    db.session.execute(text("DROP TABLE ticket_texts"))
    db.session.execute(
        text("CREATE TABLE ticket_texts AS SELECT unnest(CAST(:fresh AS bigint[])) AS fresh"),
        {"fresh": list(fresh)},
    )


def stretches(latest: int, *, is_begun: bool) -> list[range]:
    """What each stretch holds, in the order in which they are gone through."""
    marks = db.session.scalars(select(ranking._stretches(is_begun=is_begun)), {"fresh": latest}).all()
    found = [(STRETCHES[mark[1]], int(mark.strip("'")[1:])) for mark in marks]
    return [range(number << bits, (number + 1) << bits) for bits, number in found]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("age", AGES)
def test_the_stretches_hold_all_time_from_a_place_back_to_the_first_text_once(app, age):
    for latest in (LATEST, *EDGES):
        first = max(latest - age, 0)
        only_texts_of(first, latest)

        found = stretches(latest, is_begun=True)

        assert found == stretches(latest, is_begun=False)
        assert latest in found[0]
        assert first in found[-1]
        assert all(older.stop == newer.start for newer, older in pairwise(found))
        assert len(found) < 40 + (age >> LONG)
        db.session.rollback()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_without_any_text_and_behind_the_first_one_there_is_nothing_to_go_through(app):
    only_texts_of()
    assert stretches(LATEST, is_begun=False) == []
    only_texts_of(LATEST)
    assert stretches(LATEST - (1 << LONG), is_begun=True) == []
    db.session.rollback()
