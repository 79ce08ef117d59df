"""What a list can be narrowed to, and the conditions that say so; counters and lists share them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    ScalarSelect,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    true,
)

from ticketing.core.actor import Actor
from ticketing.core.db import UtcDateTime, among
from ticketing.sla.rules.lights import Light
from ticketing.tickets.models import IS_OPEN, Ticket
from ticketing.tickets.queries import going
from ticketing.tickets.queries.search import matches
from ticketing.tickets.scope import is_sent, is_theirs
from ticketing.tickets.words import (
    ENDED,
    SATISFIED_FROM,
    WAITING,
    Channel,
    Kind,
    Level,
    State,
)

# A moment that stands in a statement, or a place for one that is filled when the statement runs.
Moment = datetime | ScalarSelect[datetime]
# States, and units (None: all of them), that are somebody's to look after.
Duties = tuple[tuple[frozenset[State], frozenset[int] | None], ...]
_FIRST: ColumnElement[int] = literal_column("1", Integer)


def moment_given(name: str) -> ScalarSelect[datetime]:
    """Return the place of a moment that is given when the statement runs.

    Out of the planner's sight, which would plan each page anew for what it gains by knowing it.
    """
    given: BindParameter[datetime] = bindparam(name, type_=UtcDateTime())
    return select(given).scalar_subquery()


class Section(StrEnum):
    """The parts of the queue, told apart by word and colour."""

    OVERDUE = "overdue"
    TODAY = "today"
    REDO = "redo"
    WAITING = "waiting"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; empty fields do not narrow. Unit ids include those of units below."""

    statuses: frozenset[State] = frozenset()
    unit_ids: frozenset[int] | None = None
    categories: frozenset[str] = frozenset()
    kinds: frozenset[Kind] = frozenset()
    levels: frozenset[Level] = frozenset()
    channels: frozenset[Channel] = frozenset()
    light: Light | None = None
    section: Section | None = None
    is_open: bool | None = None
    is_overdue: bool | None = None
    is_mine: bool = False
    is_rated: bool | None = None
    is_satisfied: bool | None = None
    text: str = ""
    received_from: datetime | None = None
    received_to: datetime | None = None
    closed_from: datetime | None = None
    closed_to: datetime | None = None
    # Units that lead it after a dispatch or sent it back; units that asked to send it back.
    sent_to: frozenset[int] = frozenset()
    returned_by: frozenset[int] = frozenset()
    # Any of these will do: states, and units (None: all of them).
    any_of: Duties = ()
    # The units are the reader's own or below them: whoever reads there reads all of it, no further check.
    is_own: bool = False
    # These tickets and no others, by number.
    numbers: frozenset[str] = frozenset()
    # All of this as well: how somebody narrows a view that is made of duties.
    also: Filters | None = None


def sight(actor: Actor, wanted: Filters, *, is_open: bool) -> ColumnElement[bool]:
    """The reader's scope; of the reader's own units only what was never sent is left out, if that can be."""
    if wanted.is_own:
        return true() if is_open else is_sent()
    return is_theirs(actor, is_open=is_open)


def conditions(wanted: Filters, actor: Actor, now: Moment, day_end: Moment) -> list[ColumnElement[bool]]:
    """Return the WHERE parts of ``wanted``; counters and lists share them, so that they agree."""
    found = [*_chosen(wanted), *_judged(wanted), *_moments(wanted)]
    if actor.enterprise_id is None:  # who sent it back is not told to companies
        found += going.conditions(wanted.sent_to, wanted.returned_by)
    if wanted.is_mine:
        found.append(_mine(actor))
    if wanted.is_overdue is not None:
        is_late = _is_overdue(now)
        found.append(is_late if wanted.is_overdue else ~is_late)
    if wanted.light is not None:
        found.append(_shows(wanted.light, now))
    if wanted.section is not None:
        found += [is_open(), stands_in(wanted.section, now, day_end)]
    if wanted.text:
        found.append(matches(wanted.text, actor))
    if wanted.also is not None:
        found += conditions(wanted.also, actor, now, day_end)
    return found


def duty(states: frozenset[State], units: frozenset[int] | None) -> ColumnElement[bool]:
    """Return the condition of being in one of the states, in one of the units if any are named."""
    in_state = among(Ticket.status, states)
    return in_state if units is None else and_(in_state, _in_units(units))


def _in_units(units: frozenset[int]) -> ColumnElement[bool]:
    """The condition of being in one of the units; a place for each, or the text is made anew at each call."""
    return Ticket.unit_id.in_([bindparam("unit", unit, unique=True) for unit in sorted(units)])


def _chosen(wanted: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.any_of:
        found.append(or_(*(duty(states, units) for states, units in wanted.any_of)))
    words: tuple[tuple[Any, frozenset[Any]], ...] = (
        (Ticket.status, wanted.statuses),
        (Ticket.kind, wanted.kinds),
        (Ticket.level, wanted.levels),
        (Ticket.channel, wanted.channels),
    )
    found += [among(column, values) for column, values in words if values]
    if wanted.numbers:
        found.append(Ticket.number.in_(sorted(wanted.numbers)))
    if wanted.categories:
        found.append(Ticket.category.in_(sorted(wanted.categories)))
    if wanted.unit_ids is not None:
        found.append(_in_units(wanted.unit_ids))
    if wanted.is_open is not None:
        found.append(is_open() if wanted.is_open else among(Ticket.status, ENDED))
    return found


def _mine(actor: Actor) -> ColumnElement[bool]:
    """What a staff member handles, or what a person of a company filed."""
    return (
        Ticket.filed_by == actor.user_id
        if actor.enterprise_id is not None
        else Ticket.handler_id.in_(sorted({actor.user_id or 0, *actor.stands_in_for}))
        if actor.stands_in_for
        else Ticket.handler_id == actor.user_id
    )


def _judged(wanted: Filters) -> list[ColumnElement[bool]]:
    """What the company said of the result; only of requests that count in the figures."""
    counts = going.counts_in_figures()
    found: list[ColumnElement[bool]] = []
    if wanted.is_rated is not None:
        is_rated = Ticket.satisfaction.is_not(None)
        found.append(and_(counts, is_rated if wanted.is_rated else ~is_rated))
    if wanted.is_satisfied is not None:
        is_good = Ticket.satisfaction >= SATISFIED_FROM
        found.append(and_(counts, is_good if wanted.is_satisfied else ~is_good))
    return found


def _moments(wanted: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.received_from:
        found.append(Ticket.received_at >= wanted.received_from)
    if wanted.received_to:
        found.append(Ticket.received_at < wanted.received_to)
    if wanted.closed_from:
        found.append(Ticket.closed_at >= wanted.closed_from)
    if wanted.closed_to:
        found.append(Ticket.closed_at < wanted.closed_to)
    return found


def is_open() -> ColumnElement[bool]:
    """The condition of the partial indexes, letter by letter: only so does the planner use them.

    Not typed as a Boolean, of which SQLAlchemy makes ``= 1`` on SQLite: that is another condition.
    """
    return literal_column(f"tickets.{IS_OPEN}")


def _is_overdue(now: Moment) -> ColumnElement[bool]:
    return and_(is_open(), Ticket.due_at.is_not(None), Ticket.due_at <= now)


def _shows(light: Light, now: Moment) -> ColumnElement[bool]:
    suspended = Ticket.status == State.SUSPENDED
    red = func.coalesce(Ticket.late_at <= now, False)
    yellow = or_(func.coalesce(Ticket.due_at <= now, False), func.coalesce(Ticket.warn_at <= now, False))
    match light:
        case Light.GREY:
            return suspended
        case Light.RED:
            return and_(is_open(), ~suspended, red)
        case Light.YELLOW:
            return and_(is_open(), ~suspended, ~red, yellow)
        case Light.GREEN:
            return or_(~is_open(), and_(~suspended, ~red, ~yellow))


def stands_in(section: Section, now: Moment, day_end: Moment, of: Any = Ticket) -> ColumnElement[bool]:
    """Return what ``section_of`` says of an open ticket, as a condition on the columns of ``of``.

    ``queue_at`` is the due moment of all that run; it is named because the indexes are in its order.
    """
    runs = of.due_at.is_not(None)
    late = and_(of.queue_at <= now, runs, of.due_at <= now)
    today = and_(of.queue_at <= day_end, runs, of.due_at <= day_end)
    waiting = among(of.status, WAITING)
    at_hand = ~waiting
    rest = {
        Section.OVERDUE: late,
        Section.WAITING: and_(waiting, ~late),
        Section.TODAY: and_(of.queue_at > now, at_hand, today),
        Section.REDO: and_(of.cycle > _FIRST, at_hand, ~late, ~today),
        Section.LATER: and_(of.cycle == _FIRST, at_hand, ~late, ~today),
    }
    return rest[section]
