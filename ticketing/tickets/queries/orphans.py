"""Open tickets with nobody to act: whose handler is gone, or whose unit has nobody for the next step.

What is looked at is who handles for whom (pairs of handler and unit, skipped through along an index) and
which units lack whom; so a look costs by the people and units there are, not by the tickets that are open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, text, union_all

from ticketing.accounts.models import User
from ticketing.core.actor import WORKERS, Actor, Role
from ticketing.core.db import among, db
from ticketing.duty.queries import Roster, led_units, roster
from ticketing.network.queries import Network, UnitInfo, network
from ticketing.tickets.flow import LEADERS
from ticketing.tickets.models import IS_OPEN, OrphanLook, Ticket
from ticketing.tickets.queries.conditions import is_open
from ticketing.tickets.queries.listing import COUNT_CAP
from ticketing.tickets.words import Orphaned, State

MOST = 200
_AT_ONCE = 100
_MOST_READ = 2 * MOST  # a ticket may be found by its handler and by its unit
OVERSEERS = (Role.DISPATCHER, Role.SUPERVISOR, Role.ADMIN)
# Whose hand a ticket in a unit waits for, by where it stands.
_NEEDS: tuple[tuple[frozenset[State], tuple[Role, ...]], ...] = (
    (frozenset({State.DISPATCHED}), (Role.LIAISON, Role.STATION_HEAD)),
    (frozenset({State.PROCESSING, State.SUSPENDED}), WORKERS),
    (frozenset({State.REPLY_REVIEW}), LEADERS),
)
IN_A_UNIT = frozenset(state for states, _roles in _NEEDS for state in states)
_NEXT_UNIT = f"""(SELECT min(unit_id) FROM tickets
    WHERE {IS_OPEN} AND handler_id = held.handler_id AND unit_id > held.unit_id)"""  # noqa: S608 - our own words
_NEXT_HANDLER = f"(SELECT min(handler_id) FROM tickets WHERE {IS_OPEN} AND handler_id > held.handler_id)"  # noqa: S608 - our own words
# Pair after pair by one look into the index each: the next unit of the same handler, else the next handler.
_HELD = text(
    f"""
    WITH RECURSIVE held(handler_id, unit_id) AS (
        SELECT (SELECT min(handler_id) FROM tickets WHERE {IS_OPEN}), 0
        UNION ALL
        SELECT CASE WHEN {_NEXT_UNIT} IS NULL THEN {_NEXT_HANDLER} ELSE held.handler_id END,
               coalesce({_NEXT_UNIT}, 0)
        FROM held WHERE held.handler_id IS NOT NULL
    )
    SELECT handler_id, unit_id FROM held WHERE handler_id IS NOT NULL AND unit_id > 0
    """  # noqa: S608 - our own words
)


@dataclass(frozen=True, slots=True)
class Orphans:
    """Some tickets that nobody can act on, for one reason, and who takes them (None: nobody was found).

    ``condition`` finds them.
    """

    why: Orphaned
    unit: UnitInfo
    handler_id: int | None
    officer_id: int | None
    condition: ColumnElement[bool]


def find(today: date, net: Network) -> list[Orphans]:
    """Return where orphans may be, in the order of the units; a condition may find many tickets or none."""
    people = roster(today)
    found = [*_by_handler(people, net), *_by_unit(people, net)]
    return sorted(found, key=lambda one: one.unit.path)


def _by_handler(people: Roster, net: Network) -> Iterable[Orphans]:
    pairs = [(row.handler_id, row.unit_id) for row in db.session.execute(_HELD)]
    active = _active({handler_id for handler_id, _unit_id in pairs})
    for handler_id, unit_id in pairs:
        unit = net.by_id[unit_id]
        why = _why(handler_id, unit, people, net, active)
        if why is None:
            continue
        officer = people.answers(unit, net, WORKERS)
        if officer != handler_id:
            held = and_(is_open(), Ticket.handler_id == handler_id, Ticket.unit_id == unit_id)
            yield Orphans(why, unit, handler_id, officer, held)


def _why(
    handler_id: int, unit: UnitInfo, people: Roster, net: Network, active: frozenset[int]
) -> Orphaned | None:
    """Why a named handler cannot act for the unit today; None when the person or the deputy can."""
    if handler_id not in active:
        return Orphaned.DISABLED
    if people.holds(handler_id, unit.id, WORKERS):
        is_there = people.acting(handler_id, unit.id, WORKERS) is not None
        return None if is_there else Orphaned.ABSENT
    return None if handler_id in _officers_above(unit, people, net) else Orphaned.ELSEWHERE


def _officers_above(unit: UnitInfo, people: Roster, net: Network) -> set[int | None]:
    """Who answers for the unit from above: such a person is a handler although of another unit."""
    found = {people.above(unit, net)}
    while unit.parent_id is not None:
        unit = net.by_id[unit.parent_id]
        found.add(people.answers(unit, net))
    return found


def _by_unit(people: Roster, net: Network) -> Iterable[Orphans]:
    for unit in net.by_id.values():
        for states, roles in _NEEDS:
            if unit.is_active and people.present(unit.id, roles):
                continue
            officer = people.answers(unit, net, roles)
            here = and_(is_open(), among(Ticket.status, states), Ticket.unit_id == unit.id)
            named = _able_as_named(unit, states, people)
            without: list[ColumnElement[bool]] = [Ticket.handler_id.is_(None)]
            if officer is not None and not named:
                without.append(Ticket.handler_id != officer)
            why = Orphaned.NOBODY if unit.is_active else Orphaned.CLOSED
            yield Orphans(why, unit, None, officer, and_(here, or_(*without)))


def _able_as_named(unit: UnitInfo, states: frozenset[State], people: Roster) -> bool:
    """Whether a named handler of the unit is enough there: who works on it, but not who signs or approves."""
    return unit.is_active and State.PROCESSING in states and bool(people.roles.get(unit.id))


def _active(user_ids: set[int]) -> frozenset[int]:
    return frozenset(db.session.scalars(select(User.id).where(User.id.in_(user_ids), User.is_active)))


@dataclass(frozen=True, slots=True)
class OrphanRow:
    """One open ticket that nobody can act on."""

    number: str
    title: str
    status: State
    unit: UnitInfo
    why: Orphaned
    handler: str | None
    officer: str | None
    due_at: datetime | None


def listed(actor: Actor, today: date) -> list[OrphanRow]:
    """Return the orphans the person looks after, at most MOST: the district's desk all, heads their own.

    What is due first comes first, what has no clock last.
    """
    net = network()
    units = _looked_after(actor, net)
    places = [one for one in find(today, net) if units is None or one.unit.id in units]
    found = list(islice(_tickets_at(places), MOST))
    names = _names({row.handler_id for _one, row in found} | {one.officer_id for one, _row in found})
    found.sort(key=lambda pair: (pair[1].due_at is None, pair[1].due_at))
    return [
        OrphanRow(
            row.number, row.title, row.status, one.unit, one.why, names.get(row.handler_id or 0),
            names.get(one.officer_id or 0), row.due_at,
        )
        for one, row in found
    ]  # fmt: skip


def _tickets_at(places: Sequence[Orphans]) -> Iterator[tuple[Orphans, Any]]:
    """Yield the tickets of some places, each once; many places are looked at in one statement."""
    seen: set[str] = set()
    for start in range(0, len(places), _AT_ONCE):
        some = places[start : start + _AT_ONCE]
        each = (_at(nth, one).subquery() for nth, one in enumerate(some))
        wanted = union_all(*(select(one) for one in each)).order_by("nth", "id").limit(_MOST_READ)
        for row in db.session.execute(wanted):
            if row.number not in seen:
                seen.add(row.number)
                yield some[row.nth], row


def _at(nth: int, place: Orphans) -> Select[Any]:
    named: tuple[Any, ...] = (
        Ticket.id,
        Ticket.number,
        Ticket.title,
        Ticket.status,
        Ticket.handler_id,
        Ticket.due_at,
    )
    return select(literal(nth).label("nth"), *named).where(place.condition).order_by(Ticket.id).limit(MOST)


def count(today: date) -> int:
    """Return how many open tickets nobody can act on; COUNT_CAP + 1 means more."""
    places = [one.condition for one in find(today, network())]
    if not places:
        return 0
    some = select(Ticket.id).where(or_(*places)).limit(COUNT_CAP + 1)
    return db.session.scalar(select(func.count()).select_from(some.subquery())) or 0


def last_look() -> OrphanLook | None:
    """Return when the worker looked last and how many were left; None before its first look."""
    return db.session.get(OrphanLook, 1)


def _looked_after(actor: Actor, net: Network) -> frozenset[int] | None:
    """The units whose orphans are the person's business; None for all of them."""
    if actor.is_system or any(g.role in OVERSEERS and "/" not in g.path for g in actor.grants):
        return None
    wide = net.within(tuple(g.path for g in actor.grants if g.role in OVERSEERS))
    return wide | {unit.id for unit in led_units(actor, net)}


def _names(ids: set[int | None]) -> dict[int, str]:
    wanted = select(User.id, User.name).where(User.id.in_([one for one in ids if one is not None]))
    return {row.id: row.name for row in db.session.execute(wanted)}
