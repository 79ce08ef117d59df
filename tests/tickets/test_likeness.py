"""Which requests look like the same matter: likely duplicates."""

from __future__ import annotations

import pytest

from tests.world import MONDAY_10
from ticketing.tickets.likeness import Known, similar
from ticketing.tickets.queries.alike import alike
from ticketing.tickets.words import State


@pytest.mark.parametrize(
    ("title", "category", "is_alike"),
    [
        ("三号车间又停电了", "PWR", True),
        ("三号车间又停电了", "TAX", True),
        ("食堂燃气开口", "PWR", False),
        ("停电", "PWR", True),
        ("！！", "PWR", False),
    ],
)
def test_likeness(title, category, is_alike):
    known = [Known("QS26-1", "三号车间停电", "PWR", State.PROCESSING, MONDAY_10)]

    assert bool(similar(title, category, known)) is is_alike


def likely(world, who, title, *, besides=""):
    company = world.actor("enterprise").enterprise_id
    found = alike(world.actor(who), company, title, "TAX", now=world.now, besides=besides)
    return [one.number for one in found]


def test_open_requests_of_the_company_and_those_closed_lately_are_compared(world):
    closed = world.ticket(State.CLOSED, title="三号车间停电")
    for state in (State.REJECTED, State.WITHDRAWN, State.MERGED, State.DRAFT):
        world.ticket(state, title="三号车间停电" if state is not State.MERGED else "三号车间又停电")
    world.file("enterprise2", title="三号车间停电")
    world.file(title="食堂燃气开口")
    opened = world.file(title="三号车间又停电了")

    assert likely(world, "clerk", "三号车间停电") == [closed, opened]
    assert likely(world, "enterprise", "三号车间停电", besides=opened) == [closed]
    world.later(days=31)
    assert likely(world, "clerk", "三号车间停电") == [opened]


def test_only_what_the_person_sees_is_named(world):
    world.file(title="三号车间停电", confidential=True)
    shown = world.file(title="三号车间停电")

    assert likely(world, "dispatcher", "三号车间停电") == [shown]
    assert likely(world, "dept", "三号车间停电") == []
    assert len(likely(world, "clerk", "三号车间停电")) == 2
