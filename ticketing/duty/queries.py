"""Reads of duty: who is there today, who stands in for whom, and who answers for a unit."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Date, and_, bindparam, or_, select
from sqlalchemy.orm import aliased

from ticketing.accounts.models import Membership, User
from ticketing.core import marks
from ticketing.core.actor import WORKERS, Actor, Role
from ticketing.core.db import db, read
from ticketing.duty.models import Absence, UnitDesk
from ticketing.duty.rules import Away
from ticketing.duty.words import Way
from ticketing.network.models import Unit
from ticketing.network.queries import Network, UnitInfo

# Who can answer for a unit when its own people cannot.
ANSWERING = (*WORKERS, Role.DISPATCHER)


def is_now(today: date | BindParameter[date]) -> Any:
    """The condition of an absence that holds on ``today``."""
    return and_(Absence.starts_on <= today, Absence.ends_on >= today, Absence.cancelled_at.is_(None))


def away_on(today: date) -> dict[int, int | None]:
    """Return who is away today, and the deputy of each."""
    wanted = select(Absence.user_id, Absence.deputy_id).where(is_now(today))
    return {row.user_id: row.deputy_id for row in db.session.execute(wanted)}


@dataclass(frozen=True, slots=True)
class Roster:
    """The people of some units as they are there today.

    ``duty``: who is on duty, by unit; ``roles``: the roles of active people, by unit and person; ``away``:
    who is away, with the deputy; ``names``: of everybody who occurs.
    """

    duty: dict[int, int] = field(default_factory=dict)
    roles: dict[int, dict[int, frozenset[Role]]] = field(default_factory=dict)
    away: dict[int, int | None] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)

    def holds(self, user_id: int, unit_id: int, roles: Collection[Role]) -> bool:
        """Return whether an active person holds one of ``roles`` in exactly that unit."""
        return not self.roles.get(unit_id, {}).get(user_id, frozenset()).isdisjoint(roles)

    def acting(self, user_id: int, unit_id: int, roles: Collection[Role]) -> int | None:
        """Return who does today what the person does in the unit: the person, the deputy, or nobody."""
        if not self.holds(user_id, unit_id, roles):
            return None
        if user_id not in self.away:
            return user_id
        deputy = self.away[user_id]
        is_there = deputy is not None and deputy not in self.away and deputy in self.roles.get(unit_id, {})
        return deputy if is_there else None

    def present(self, unit_id: int, roles: Collection[Role]) -> list[int]:
        """Return who of the unit can do today what ``roles`` do, deputies in place of those away."""
        people = self.roles.get(unit_id, {})
        found = {self.acting(user_id, unit_id, roles) for user_id in people}
        return sorted(one for one in found if one is not None)

    def there(self, unit_id: int, roles: Collection[Role]) -> list[int]:
        """Return who of the unit holds one of ``roles`` and is there today."""
        people = self.roles.get(unit_id, {})
        return sorted(one for one, held in people.items() if one not in self.away and held & set(roles))

    def answers(self, unit: UnitInfo, net: Network, needs: Collection[Role] = ANSWERING) -> int | None:
        """Return who answers for the unit today: its duty officer, else that of the nearest unit above.

        An officer who is away is represented by the deputy. ``needs``: what somebody of the unit itself must
        be. At the top, where nobody was named, a dispatcher of the centre.
        """
        own = self._officer(unit, needs) if unit.is_active else None
        return own if own is not None else self.above(unit, net)

    def above(self, unit: UnitInfo, net: Network) -> int | None:
        """Return who answers for the unit from above."""
        while unit.parent_id is not None:
            unit = net.by_id[unit.parent_id]
            officer = self._officer(unit, ANSWERING) if unit.is_active else None
            if officer is not None:
                return officer
        return next(iter(self.there(unit.id, (Role.DISPATCHER,))), None)

    def _officer(self, unit: UnitInfo, needs: Collection[Role]) -> int | None:
        officer = self.duty.get(unit.id)
        return None if officer is None else self.acting(officer, unit.id, needs)


def roster(today: date, unit_ids: Collection[int] | None = None) -> Roster:
    """Return who is there in some units, or in all, in three statements."""
    people = (
        select(Membership.unit_id, Membership.user_id, Membership.role, User.name)
        .join(User, User.id == Membership.user_id)
        .where(User.is_active, Membership.role.in_(ANSWERING))
    )
    officers = select(Unit.id, Unit.duty_user_id).where(Unit.duty_user_id.is_not(None))
    if unit_ids is not None:
        people = people.where(Membership.unit_id.in_(unit_ids))
        officers = officers.where(Unit.id.in_(unit_ids))
    held: dict[int, dict[int, frozenset[Role]]] = {}
    names: dict[int, str] = {}
    for unit_id, user_id, role, name in db.session.execute(people):
        own = held.setdefault(unit_id, {})
        own[user_id] = own.get(user_id, frozenset()) | {role}
        names[user_id] = name
    duty = {row.id: row.duty_user_id for row in db.session.execute(officers) if row.duty_user_id}
    return Roster(duty, held, away_on(today), names)


def chain(unit: UnitInfo, net: Network) -> list[int]:
    """Return the ids of a unit and of all above it."""
    return [net.by_code[code].id for code in unit.path.split("/")]


@dataclass(frozen=True, slots=True)
class AwayToday:
    """That somebody is away today: the last day, and the name of who stands in."""

    until: date
    deputy: str | None = None


@dataclass(frozen=True, slots=True)
class OnTicket:
    """Who answers for one ticket today: the unit's duty officer, and who stands in for an absent handler."""

    officer: str | None
    handler_away: AwayToday | None = None


def on_ticket(unit: UnitInfo, net: Network, handler_id: int | None, today: date) -> OnTicket:
    """Return who answers for a ticket in the unit today.

    The officer is that of the unit or of the nearest one above whose officer, or the officer's deputy, is
    there.
    """
    board = _board(today)
    officer = next((board.there[one] for one in reversed(chain(unit, net)) if board.there.get(one)), None)
    return OnTicket(officer, board.away.get(handler_id))


def away_today(user_id: int, today: date) -> AwayToday | None:
    """Return until when a person is away, if that is so today; read off the day's board."""
    return _board(today).away.get(user_id)


class _Board(NamedTuple):
    """Who is there on one day: the officer of each unit or who stands in; who is away."""

    there: dict[int, str | None]
    away: dict[int | None, AwayToday]


# What this process read last, by the mark of that moment and the day.
_boards: dict[tuple[str, date], _Board] = {}


def _board(today: date) -> _Board:
    """Return the day's board; read again when its mark has changed."""
    key = marks.of(marks.DUTY) or "", today
    found = _boards.get(key)
    if found is None:
        # Read after the mark: never older than it.
        away: dict[int | None, AwayToday] = {
            row.user_id: AwayToday(row.ends_on, row.name) for row in read(_AWAY, {"today": today})
        }
        there = {
            unit_id: away[user_id].deputy if user_id in away else name
            for unit_id, user_id, name in read(_OFFICERS)
        }
        found = _Board(there, away)
        _boards.clear()
        _boards[key] = found
    return found


_Deputy = aliased(User)
_AWAY = (
    select(Absence.user_id, Absence.ends_on, _Deputy.name)
    .outerjoin(_Deputy, and_(_Deputy.id == Absence.deputy_id, _Deputy.is_active))
    .where(is_now(bindparam("today", type_=Date())))
)
_OFFICERS = (
    select(Unit.id, User.id, User.name)
    .join(User, User.id == Unit.duty_user_id)
    .where(Unit.is_active, User.is_active)
)


def way_of(unit_id: int) -> Way:
    """Return how the unit's tickets find a handler."""
    return db.session.scalar(select(UnitDesk.way).where(UnitDesk.unit_id == unit_id)) or Way.NOBODY


def known_absences(people: Collection[int], since: date) -> list[Away]:
    """Return the absences from ``since`` on in which any of ``people`` is away or stands in."""
    wanted = select(Absence.user_id, Absence.starts_on, Absence.ends_on, Absence.deputy_id).where(
        Absence.cancelled_at.is_(None),
        Absence.ends_on >= since,
        or_(Absence.user_id.in_(people), Absence.deputy_id.in_(people)),
    )
    return [Away(*row) for row in db.session.execute(wanted)]


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody whose absence a person may enter, or who can stand in."""

    id: int
    name: str
    unit_id: int


def colleagues(unit_ids: Collection[int]) -> list[Colleague]:
    """Return the active people who work with tickets in exactly these units, once for each unit."""
    rows = db.session.execute(
        select(User.id, User.name, Membership.unit_id)
        .join(Membership, Membership.user_id == User.id)
        .where(User.is_active, Membership.unit_id.in_(unit_ids), Membership.role.in_(ANSWERING))
        .distinct()
        .order_by(User.name, User.id)
    )
    return [Colleague(*row) for row in rows]


def units_of(user_id: int) -> list[int]:
    """Return the units in which a person works with tickets."""
    wanted = select(Membership.unit_id).where(Membership.user_id == user_id, Membership.role.in_(ANSWERING))
    return sorted(set(db.session.scalars(wanted)))


def led_units(actor: Actor, net: Network) -> list[UnitInfo]:
    """Return the units whose duty a person arranges: those headed, for an administrator all looked after."""
    return [
        unit
        for unit in net.by_id.values()
        if unit.is_active
        and (
            actor.sits_in(unit.path, Role.UNIT_LEADER, Role.STATION_HEAD)
            or actor.covers(unit.path, Role.ADMIN)
        )
    ]


@dataclass(frozen=True, slots=True)
class AbsenceRow:
    """One absence as lists show it."""

    id: int
    user_id: int
    name: str
    deputy: str | None
    starts_on: date
    ends_on: date


def coming(people: Collection[int], today: date) -> list[AbsenceRow]:
    """Return the absences of some people that are not over, the earliest first."""
    person, deputy = aliased(User), aliased(User)
    rows = db.session.execute(
        select(
            Absence.id, Absence.user_id, person.name, deputy.name, Absence.starts_on, Absence.ends_on
        )
        .join(person, person.id == Absence.user_id)
        .outerjoin(deputy, deputy.id == Absence.deputy_id)
        .where(Absence.user_id.in_(people), Absence.ends_on >= today, Absence.cancelled_at.is_(None))
        .order_by(Absence.starts_on, Absence.id)
        .limit(200)
    )  # fmt: skip
    return [AbsenceRow(*row) for row in rows]
