"""Absences over the database: who may enter them, what the deputy then is, who is told, who answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text, update

from tests.test_races import together
from tests.world import World
from ticketing.accounts.models import User
from ticketing.accounts.queries import identity
from ticketing.core.actor import Actor, Role
from ticketing.core.db import db, transaction
from ticketing.core.errors import DomainError, Invalid, NotFound, NotPermitted
from ticketing.core.local_day import local_date
from ticketing.duty import queries as duty
from ticketing.duty.actions import AbsenceWish, cancel_absence, enter_absence, set_way
from ticketing.duty.models import Absence
from ticketing.duty.words import Way
from ticketing.network.models import Unit
from ticketing.network.queries import network
from ticketing.tickets.actions.perform import perform
from ticketing.tickets.queries import audience
from ticketing.tickets.wishes import Note, SubmitReply
from ticketing.tickets.words import State


def wish(world: World, who: str, deputy: str | None = None, *, days: int = 3, after: int = 0) -> AbsenceWish:
    today = local_date(world.now)
    return AbsenceWish(
        world.actor(who).user_id or 0,
        today + timedelta(days=after),
        today + timedelta(days=after + days - 1),
        world.actor(deputy).user_id if deputy else None,
    )


def enter(world: World, by: str, who: str, deputy: str | None = None, **when: int) -> int:
    return enter_absence(world.actor(by), wish(world, who, deputy, **when), now=world.now)


def present(world: World, who: str) -> Actor:
    """The person as of the world's day, with what is done for those away."""
    return identity.person(world.actor(who).user_id or 0, local_date(world.now)).actor


def test_oneself_the_head_and_the_administrator_may_and_nobody_else(world):
    enter(world, "dept", "dept", "d-pwr-handler")
    enter(world, "deptlead", "d-pwr-handler2", "d-pwr-handler")
    enter(world, "admin", "d-tax-handler")

    for stranger in ("dept2", "d-pwr-liaison", "dispatcher", "enterprise"):
        with pytest.raises(NotPermitted):
            enter(world, stranger, "d-pwr-lead")
    with pytest.raises(Invalid):
        enter(world, "admin", "enterprise")


@pytest.mark.parametrize(
    ("who", "deputy", "field"),
    [("dept", "dept2", "deputy_id"), ("dept", "dept", "deputy_id"), ("dept", "d-pwr-handler2", "deputy_id")],
)
def test_a_deputy_of_another_unit_oneself_or_one_who_is_away_is_refused(world, who, deputy, field):
    enter(world, "deptlead", "d-pwr-handler2")
    before = world.fingerprint()

    with pytest.raises(Invalid) as refused:
        enter(world, who, who, deputy)

    assert field in refused.value.fields
    assert world.fingerprint() == before


def test_a_disabled_deputy_is_refused(world):
    gone = world.actor("d-pwr-handler").user_id
    with transaction():
        db.session.execute(update(User).where(User.id == gone).values(is_active=False))

    with pytest.raises(Invalid):
        enter(world, "dept", "dept", "d-pwr-handler")


def test_two_who_name_each_other_at_the_same_moment_do_not_both_leave(world):
    one = wish(world, "dept", "d-pwr-handler")
    other = wish(world, "d-pwr-handler", "dept")
    by_one, by_other, now = world.actor("dept"), world.actor("d-pwr-handler"), world.now

    outcomes = together(
        world.app,
        lambda: enter_absence(by_one, one, now=now),
        lambda: enter_absence(by_other, other, now=now),
    )

    assert sum(isinstance(outcome, Invalid) for outcome in outcomes) == 1, outcomes
    assert len(list(db.session.scalars(select(Absence.id)))) == 1


def test_the_deputy_does_what_the_absent_person_does_in_their_unit_for_those_days_only(world):
    number = world.ticket(State.PROCESSING)
    world.act("dept", number, "claim")
    enter(world, "dept", "dept", "d-pwr-lead")
    deputy = present(world, "d-pwr-lead")
    assert world.actor("dept").user_id in deputy.stands_in_for
    assert deputy.sits_in("C0/D-PWR", Role.HANDLER)
    with pytest.raises(NotPermitted):
        perform(present(world, "d-pwr-handler2"), number, SubmitReply(reply="已办好"), now=world.now)

    world.later(days=4)
    assert present(world, "d-pwr-lead").stands_in_for == frozenset()
    world.later(days=-4)
    perform(deputy, number, SubmitReply(reply="已办好"), now=world.later(minutes=1))

    assert world.row(number).status is State.REPLY_REVIEW
    assert world.row(number).handler_id == world.actor("dept").user_id


def test_messages_for_somebody_away_reach_the_deputy_as_well(world):
    number = world.ticket(State.PROCESSING)
    world.act("dept", number, "claim")
    enter(world, "dept", "dept", "d-pwr-lead")
    perform(world.actor("clerk"), number, Note(body="请尽快"), now=world.later(minutes=1))
    event = world.events(number)[-1]

    def heard(now) -> set[int]:
        return set(audience.told(audience.occasions([event.id]), now)[event.id])

    dept, deputy = world.actor("dept").user_id, world.actor("d-pwr-lead").user_id
    assert heard(world.now) == {dept, deputy}
    assert heard(world.now + timedelta(days=5)) == {dept}


def test_called_off_by_those_who_may_it_never_was(world):
    absence = enter(world, "dept", "dept", "d-pwr-handler")
    with pytest.raises(NotFound):
        cancel_absence(world.actor("dept2"), absence, now=world.now)

    cancel_absence(world.actor("deptlead"), absence, now=world.now)

    assert duty.away_on(local_date(world.now)) == {}
    with pytest.raises(NotFound):
        cancel_absence(world.actor("deptlead"), absence, now=world.now)
    enter(world, "dept", "dept")


def test_who_answers_is_the_officer_the_deputy_or_the_next_one_up(world):
    net, today = network(), local_date(world.now)
    station = net.by_code["S101"]

    def answers() -> str:
        people = duty.roster(today)
        return people.names[people.answers(station, net) or 0]

    assert answers() == world.actor("station").name
    enter(world, "station", "station")
    assert answers() == world.actor("area").name
    with transaction():
        area = net.by_code["A1"].id
        db.session.execute(update(Unit).where(Unit.id == area).values(duty_user_id=None))
    assert answers() == world.actor("dispatcher").name
    with transaction():
        db.session.execute(update(Unit).values(duty_user_id=None))
    assert answers() == world.actor("dispatcher").name


def test_only_whoever_leads_a_unit_chooses_how_its_tickets_find_a_handler(world):
    set_way(world.actor("deptlead"), "D-PWR", Way.TURN)
    set_way(world.actor("admin"), "S101", Way.LOAD)
    set_way(world.actor("station"), "S101", Way.NOBODY)

    for who, code in (("dept", "D-PWR"), ("deptlead", "D-HRS"), ("area", "S101"), ("deptlead", "NO")):
        with pytest.raises(NotFound):
            set_way(world.actor(who), code, Way.LOAD)
    net = network()
    assert duty.way_of(net.by_code["D-PWR"].id) is Way.TURN
    assert duty.way_of(net.by_code["S101"].id) is Way.NOBODY


def test_a_year_is_the_longest(world):
    too_long = replace(wish(world, "dept"), ends_on=date(2028, 12, 1))

    with pytest.raises(DomainError):
        enter_absence(world.actor("dept"), too_long, now=world.now)


def test_what_is_remembered_of_the_day_is_never_older_than_the_database(world):
    net, today = network(), local_date(world.now)
    station = net.by_code["S101"]

    def officer() -> str | None:
        return duty.on_ticket(station, net, None, today).officer

    def by_hand(statement: str) -> None:
        with db.engine.begin() as elsewhere:
            elsewhere.execute(text(statement))
        db.session.rollback()

    assert officer() == world.actor("station").name
    by_hand(f"UPDATE users SET name = 'renamed' WHERE id = {world.actor('station').user_id}")
    assert officer() == "renamed"
    by_hand("UPDATE users SET is_active = NOT is_active WHERE name = 'renamed'")
    assert officer() == world.actor("area").name
    enter(world, "area", "area")
    assert officer() != world.actor("area").name
    by_hand("UPDATE units SET duty_user_id = NULL")
    assert officer() is None


def test_a_page_names_the_handler_who_is_away_and_the_deputy_on_those_days_only(world):
    net, today = network(), local_date(world.now)
    dept, unit = world.actor("dept"), net.by_code["D-PWR"]

    def told(day) -> tuple[bool, str | None]:
        found = duty.on_ticket(unit, net, dept.user_id, day).handler_away
        return (found is not None, found.deputy if found else None)

    assert told(today) == (False, None)
    enter(world, "dept", "dept", deputy="deptlead")
    assert told(today) == (True, world.actor("deptlead").name)
    assert told(today - timedelta(days=1)) == (False, None)
