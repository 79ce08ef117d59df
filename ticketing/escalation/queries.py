"""Reads of what fired, and of what supervision looks after: the actor first, within the actor's own units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Select, and_, bindparam, case, func, literal_column, or_, select, tuple_

from ticketing.accounts.models import User
from ticketing.core.actor import Actor, Role
from ticketing.core.db import UtcDateTime, db
from ticketing.core.paging import Page, decode, encode
from ticketing.escalation.models import Escalation
from ticketing.escalation.rules import NOTICE
from ticketing.network.queries import Network
from ticketing.sla.models import Clock
from ticketing.sla.rules.steps import LADDER, Audience
from ticketing.sla.words import Metric
from ticketing.tickets.models import Supervision, Ticket
from ticketing.tickets.queries.conditions import is_open
from ticketing.tickets.rules import read_number
from ticketing.tickets.scope import is_theirs
from ticketing.tickets.words import Card

OVERSEERS = (Role.SUPERVISOR, Role.LEADER, Role.UNIT_LEADER, Role.STATION_HEAD)
_LAST = tuple_(bindparam("last_at", type_=UtcDateTime()), bindparam("last_id", type_=Integer()))


@dataclass(frozen=True, slots=True)
class Told:
    """One person who was told."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class FiredRow:
    """One step that fired; moments in UTC."""

    id: int
    ticket: str
    metric: Metric | None
    step: str
    cycle: int
    level: Audience
    due_moment: datetime
    fired_at: datetime
    is_late: bool
    notified: tuple[Told, ...]


def listing(
    actor: Actor, since: datetime | None, until: datetime | None, *, cursor: str | None, limit: int
) -> Page[FiredRow]:
    """Return one page of what fired on tickets in the actor's sight, the latest first. Raises BadCursor."""
    every: Any = select(Escalation, Ticket.number).join(Ticket, Ticket.id == Escalation.ticket_id)
    wanted: Select[Any] = every.where(is_theirs(actor))
    if since is not None:
        wanted = wanted.where(Escalation.fired_at >= since)
    if until is not None:
        wanted = wanted.where(Escalation.fired_at < until)
    last: dict[str, Any] = {}
    if cursor:
        last["last_at"], last["last_id"] = decode(cursor)
        wanted = wanted.where(tuple_(Escalation.fired_at, Escalation.id) < _LAST)
    ordered = wanted.order_by(Escalation.fired_at.desc(), Escalation.id.desc()).limit(limit + 1)
    rows = db.session.execute(ordered, last).all()
    names = _names({user_id for row, _number in rows for user_id in row.notified})
    shown = [_fired(row, number, names) for row, number in rows[:limit]]
    more = encode(shown[-1].fired_at, shown[-1].id) if len(rows) > limit else None
    return Page(shown, more)


def _names(ids: set[int]) -> dict[int, str]:
    if not ids:
        return {}
    return {row[0]: row[1] for row in db.session.execute(select(User.id, User.name).where(User.id.in_(ids)))}


def _fired(row: Escalation, number: str, names: dict[int, str]) -> FiredRow:
    return FiredRow(
        id=row.id,
        ticket=number,
        metric=row.metric,
        step=row.step,
        cycle=row.cycle,
        level=row.level,
        due_moment=row.due_moment,
        fired_at=row.fired_at,
        is_late=row.is_late,
        notified=tuple(Told(user_id, names.get(user_id, "")) for user_id in row.notified),
    )


# What supervision looks after


@dataclass(frozen=True, slots=True)
class Watch:
    """Whose tickets somebody oversees: unit ids, or None for all of the district."""

    unit_ids: frozenset[int] | None

    def sees(self) -> Any:
        """The condition of a ticket being overseen."""
        if self.unit_ids is None:
            return Ticket.id.is_not(None)
        return Ticket.unit_id.in_(sorted(self.unit_ids))


def watch(actor: Actor, net: Network) -> Watch:
    """Return what the person oversees: units headed, with those below; the district's own people all."""
    paths = tuple({grant.path for grant in actor.grants if grant.role in OVERSEERS})
    if any("/" not in path for path in paths):
        return Watch(None)
    return Watch(net.within(paths))


@dataclass(frozen=True, slots=True)
class Raised:
    """One open ticket that has been escalated in its present round and is not settled yet.

    ``metric`` and ``step`` say what last raised it to the level asked for.
    """

    ticket_id: int
    number: str
    title: str
    unit_id: int
    fired_at: datetime
    late_at: datetime | None
    metric: Metric | None
    step: str
    has_notice: bool


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One supervision case."""

    id: int
    number: str
    title: str
    unit_id: int
    demand: str
    opened_at: datetime
    due_at: datetime
    answered_at: datetime | None
    card: Card | None


_RANK = case(*[(Escalation.level == word, place) for place, word in enumerate(LADDER)], else_=0)


def _standing(watched: Watch) -> Any:
    """The highest level each open ticket has risen to, of causes that still hold."""
    return (
        select(
            Escalation.ticket_id,
            func.max(_RANK).label("rank"),
            func.max(Escalation.fired_at, type_=UtcDateTime()).label("fired_at"),
        )
        .join(Ticket, Ticket.id == Escalation.ticket_id)
        .outerjoin(Clock, Clock.id == Escalation.clock_id)
        .where(
            is_open(),
            watched.sees(),
            Escalation.cycle == Ticket.cycle,
            or_(Escalation.clock_id.is_(None), literal_column("clocks.state = 'running'")),
        )
        .group_by(Escalation.ticket_id)
        .subquery("standing")
    )


def levels(watched: Watch) -> dict[Audience, int]:
    """Return how many open tickets have risen to each level, the highest first."""
    standing = _standing(watched)
    counted = select(standing.c.rank, func.count()).group_by(standing.c.rank)
    found: dict[int, int] = {row[0]: row[1] for row in db.session.execute(counted)}
    return {word: found.get(place, 0) for place, word in reversed(list(enumerate(LADDER)))}


def raised(watched: Watch, level: Audience, limit: int) -> list[Raised]:
    """Return the open tickets that have risen to ``level``, the latest first."""
    standing = _standing(watched)
    rows: Any = db.session.execute(
        select(Ticket.id, Ticket.number, Ticket.title, Ticket.unit_id, Ticket.late_at, standing.c.fired_at)
        .join(standing, standing.c.ticket_id == Ticket.id)
        .where(standing.c.rank == LADDER.index(level))
        .order_by(standing.c.fired_at.desc(), Ticket.id.desc())
        .limit(limit)
    ).all()
    why, noticed = _reasons([row.id for row in rows], level)
    return [
        Raised(
            ticket_id=row.id,
            number=row.number,
            title=row.title,
            unit_id=row.unit_id,
            fired_at=row.fired_at,
            late_at=row.late_at,
            metric=why[row.id][0],
            step=why[row.id][1],
            has_notice=row.id in noticed,
        )
        for row in rows
    ]


def _reasons(ticket_ids: list[int], level: Audience) -> tuple[dict[int, tuple[Metric | None, str]], set[int]]:
    """What last raised each ticket to ``level``, and which tickets have had a written notice."""
    wanted = select(Escalation.ticket_id, Escalation.metric, Escalation.step, Escalation.level).where(
        Escalation.ticket_id.in_(ticket_ids)
    )
    why: dict[int, tuple[Metric | None, str]] = {}
    noticed = set()
    for ticket_id, metric, step, reached in db.session.execute(wanted.order_by(Escalation.id)):
        if reached is level:
            why[ticket_id] = (metric, step)
        if step == NOTICE:
            noticed.add(ticket_id)
    return why, noticed


def _open_case() -> Any:
    return and_(Supervision.answered_at.is_(None), is_open())


def _held_card(card: Card) -> Any:
    return and_(Supervision.card == card, Supervision.revoked_at.is_(None))


def case_counts(watched: Watch, now: datetime) -> tuple[int, int, int, int]:
    """Return how many cases are open, how many of these are late, and the yellow and red cards held."""
    is_open_case = _open_case()
    counted = (
        select(
            func.count().filter(is_open_case),
            func.count().filter(and_(is_open_case, Supervision.due_at <= now)),
            func.count().filter(_held_card(Card.YELLOW)),
            func.count().filter(_held_card(Card.RED)),
        )
        .join(Ticket, Ticket.id == Supervision.ticket_id)
        .where(watched.sees(), or_(Supervision.answered_at.is_(None), Supervision.card.is_not(None)))
    )
    row: Any = db.session.execute(counted).one()
    return row[0], row[1], row[2], row[3]


def cases(
    watched: Watch, now: datetime, *, card: Card | None = None, is_late: bool = False, limit: int
) -> list[CaseRow]:
    """Return open cases, the most pressing first; or those with a ``card`` that is held, the latest first."""
    wanted = (
        select(
            Supervision.id, Ticket.number, Ticket.title, Supervision.unit_id, Supervision.demand,
            Supervision.opened_at, Supervision.due_at, Supervision.answered_at, Supervision.card,
        )
        .join(Ticket, Ticket.id == Supervision.ticket_id)
        .where(watched.sees(), _open_case() if card is None else _held_card(card))
    )  # fmt: skip
    if is_late:
        wanted = wanted.where(Supervision.due_at <= now)
    order = Supervision.due_at.asc() if card is None else Supervision.opened_at.desc()
    return [CaseRow(*row) for row in db.session.execute(wanted.order_by(order, Supervision.id).limit(limit))]


def overdue(watched: Watch, now: datetime) -> int:
    """Return how many open tickets are past a due moment."""
    wanted = select(func.count()).select_from(Ticket).where(is_open(), watched.sees(), Ticket.due_at <= now)
    return db.session.scalar(wanted) or 0


@dataclass(frozen=True, slots=True)
class Notice:
    """What the written notice says of a ticket; moments in UTC."""

    number: str
    title: str
    unit_id: int
    received_at: datetime
    due_at: datetime
    fired_at: datetime


def notice(actor: Actor, watched: Watch, number: str) -> Notice | None:
    """Return the latest written notice about a ticket that the person reads and oversees, if there is one."""
    wanted = (
        select(
            Ticket.number, Ticket.title, Ticket.unit_id, Ticket.received_at, Clock.due_at, Escalation.fired_at
        )
        .join(Ticket, Ticket.id == Escalation.ticket_id)
        .join(Clock, Clock.id == Escalation.clock_id)
        .where(
            Ticket.number == read_number(number), Escalation.step == NOTICE, is_theirs(actor), watched.sees()
        )
        .order_by(Escalation.id.desc())
        .limit(1)
    )  # fmt: skip
    row = db.session.execute(wanted).first()
    return None if row is None else Notice(*row)
