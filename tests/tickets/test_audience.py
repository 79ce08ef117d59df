"""Who is what: the lookup of people must find exactly those the rules say, over everybody in the district."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.world import World
from ticketing.accounts.models import User
from ticketing.accounts.queries import identity
from ticketing.core.actor import Actor
from ticketing.core.db import db
from ticketing.network.queries import network
from ticketing.network.words import UnitKind
from ticketing.tickets.flow import FLOW, Party, Stake, parties
from ticketing.tickets.models import Ticket, TicketUnit
from ticketing.tickets.queries import audience
from ticketing.tickets.scope import visible
from ticketing.tickets.words import State


def everybody() -> list[Actor]:
    ids = db.session.scalars(select(User.id).where(User.is_active)).all()
    return [identity.person(user_id).actor for user_id in ids]


def stakes(world: World) -> list[Stake]:
    """Stakes in every kind of unit: with and without a handler, with and without co-units."""
    net = network()
    company = world.actor("enterprise").enterprise_id
    assert company is not None
    dept, station = world.actor("dept").user_id, world.actor("station").user_id
    return [
        Stake(State.PROCESSING, unit.path, unit.kind, company, handler, frozenset(co))
        for unit in (net.by_code[code] for code in ("C0", "A1", "S101", "S201", "D-PWR"))
        for handler in (None, dept, station)
        for co in ((), (net.by_code["D-HRS"].path, net.by_code["S301"].path))
    ]


def test_the_audience_is_everybody_the_rules_name(world):
    people = everybody()
    assert len(people) > 100

    for stake in stakes(world):
        around = audience.crowd([stake])
        held = {actor.user_id: parties(actor, stake) for actor in people}
        for party in Party:
            wanted = {user_id for user_id, what in held.items() if party in what}
            assert {actor.user_id for actor in around.holding(stake, {party})} == wanted, (party, stake)


def test_one_crowd_answers_for_many_tickets(world):
    all_stakes = stakes(world)

    together = audience.crowd(all_stakes)

    for stake in all_stakes:
        told = {actor.user_id for actor in together.holding(stake, set(Party))}
        assert told == set(audience.audience(stake, *Party))


def test_an_area_s_dispatcher_is_told_and_another_area_s_is_not(world):
    net = network()
    stake = Stake(State.ACCEPTED, net.by_code["S101"].path, UnitKind.STATION, 1)

    told = audience.audience(stake, Party.AREA)

    assert world.actor("area").user_id in told
    assert world.actor("dispatcher").user_id not in told
    assert all(
        "/A1" in grant.path for actor in everybody() if actor.user_id in told for grant in actor.grants
    )


@pytest.mark.parametrize("state", [State.SUBMITTED, State.PROCESSING, State.CLOSED])
def test_reading_in_memory_agrees_with_reading_in_the_database(world, state):
    number = world.ticket(state)
    if state is State.PROCESSING:
        world.act("dept", number, "invite", unit="S301", due_limit="2wd", message="请协助")
    ticket = world.row(number)
    net = network()
    units = db.session.scalars(select(TicketUnit.unit_id).where(TicketUnit.ticket_id == ticket.id))
    parts = {net.by_id[unit_id].path for unit_id in units}

    for actor in everybody():
        in_sight = db.session.scalar(visible(actor).where(Ticket.id == ticket.id)) is not None
        assert audience.reads(actor, ticket.enterprise_id, parts) == in_sight, actor


def test_what_the_company_never_sees_it_is_never_told():
    for move in FLOW.values():
        assert move.seen is not None or Party.REQUESTER not in move.told, move.action
