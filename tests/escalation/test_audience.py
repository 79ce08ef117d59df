"""Whom the relay tells of an escalation: those it was fired for, as long as they may read; never nobody."""

from __future__ import annotations

from sqlalchemy import delete, select, update

from tests.escalation.kit import at, rows, swept
from ticketing.accounts.models import Membership, User
from ticketing.core.actor import Role
from ticketing.core.db import db, transaction
from ticketing.escalation.models import Escalation
from ticketing.network.models import Unit
from ticketing.tickets.queries import audience
from ticketing.tickets.words import State


def told(event_ids: list[int]) -> dict[int, list[int]]:
    db.session.rollback()
    return audience.told(audience.occasions(event_ids))


def test_the_relay_tells_whom_the_sweep_wrote_down(world):
    number = world.ticket(State.PROCESSING)
    world.act("dept", number, "claim")
    station = world.ticket(State.PROCESSING, unit="S101")
    waiting, answered = world.ticket(State.SUBMITTED), world.ticket(State.REPLIED)
    swept(at("2026-12-12 10:00"))

    found = told([row.event_id for row in rows()])

    assert found == {row.event_id: row.notified for row in rows()}
    assert all(found.values())
    levels = {row.level for name in (number, station, waiting, answered) for row in rows(name)}
    assert len(levels) == 5


def test_a_step_is_told_by_the_ticket_as_it_stood_then(world):
    number = world.ticket(State.PROCESSING)
    swept(at("2026-11-24 10:00"))
    world.now = at("2026-11-24 10:30")
    world.act("deptlead", number, "transfer", unit="D-HRS", message="转办")

    (row,) = rows(number)
    assert told([row.event_id])[row.event_id] == row.notified
    assert world.actor("dept").user_id in row.notified
    assert world.actor("dept2").user_id not in row.notified


def test_who_has_left_is_told_nothing_and_the_next_one_up_instead(world):
    number = world.ticket(State.PROCESSING)
    world.act("dept", number, "claim")
    swept(at("2026-11-24 10:00"))
    (row,) = rows(number)
    assert row.notified == [world.actor("dept").user_id]
    with transaction():
        db.session.execute(update(User).where(User.id == world.actor("dept").user_id).values(is_active=False))

    instead = told([row.event_id])[row.event_id]

    assert world.actor("dept").user_id not in instead
    assert world.actor("deptlead").user_id in instead


def test_where_a_rung_is_empty_the_next_one_is_told_and_written_down_as_such(world):
    number = world.ticket(State.PROCESSING)
    unit = select(Unit.id).where(Unit.code == "D-PWR").scalar_subquery()
    with transaction():
        db.session.execute(delete(Membership).where(Membership.unit_id == unit))

    fired = swept(at("2026-11-24 10:00"))

    assert [word.value for word in fired[0].audience] == ["parent"]
    assert world.actor("dispatcher").user_id in fired[0].notified
    assert rows(number)[0].level == "parent"


def test_while_there_is_anybody_somebody_is_told(world):
    world.ticket(State.PROCESSING)
    keep = world.actor("deptlead").user_id
    with transaction():
        db.session.execute(
            delete(Membership).where(Membership.user_id != keep, Membership.role != Role.ADMIN)
        )

    fired = swept(at("2026-12-12 10:00"))

    assert {one.notified for one in fired} == {(keep,)}


def test_a_person_with_many_roles_is_told_once(world):
    number = world.ticket(State.PROCESSING, unit="C0")

    swept(at("2026-12-12 10:00"))

    dispatcher = world.actor("dispatcher").user_id
    assert any(dispatcher in row.notified for row in rows(number))
    everything = db.session.scalars(select(Escalation)).all()
    assert all(len(row.notified) == len(set(row.notified)) for row in everything)


def test_who_leaves_between_two_sweeps_is_not_told_by_the_second(world):
    first, second = world.ticket(State.PROCESSING), world.ticket(State.PROCESSING)
    swept(at("2026-11-24 10:00"))
    with transaction():
        db.session.execute(update(User).where(User.id == world.actor("dept").user_id).values(is_active=False))

    swept(at("2026-11-24 18:00"))

    for number in (first, second):
        before, *after = rows(number)
        assert world.actor("dept").user_id in before.notified
        assert after
        assert all(world.actor("dept").user_id not in row.notified for row in after)
