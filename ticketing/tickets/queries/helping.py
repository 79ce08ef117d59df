"""What units owe others: their open parts of tickets somebody else leads, the most pressing first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Select, bindparam, func, literal_column, select, tuple_

from ticketing.core.actor import WORKERS, Actor
from ticketing.core.db import UtcDateTime, db
from ticketing.core.paging import DEFAULT_LIMIT, Page, decode, encode
from ticketing.network.models import Unit
from ticketing.sla.models import Clock
from ticketing.sla.rules.lights import Light
from ticketing.sla.words import ClockState
from ticketing.tickets.models import Part, Ticket
from ticketing.tickets.queries.listing import COUNT_CAP

# In the words of the partial index.
_IS_OPEN: Any = literal_column("parts.finished_at IS NULL AND parts.cancelled_at IS NULL")
_AFTER = tuple_(bindparam("last_at", type_=UtcDateTime()), bindparam("last_id", type_=Integer()))


@dataclass(frozen=True, slots=True)
class PartRow:
    """One part a unit owes; ``lead`` is the unit that asked, ``light`` that of the part's own clock."""

    id: int
    number: str
    title: str
    message: str
    unit: str
    unit_en: str
    lead: str
    lead_en: str
    due_at: datetime
    is_handed_in: bool
    is_waiting: bool
    light: Light


def own_units(actor: Actor) -> list[int]:
    """Return the units whose parts are this person's to look after."""
    return sorted({grant.unit_id for grant in actor.grants if grant.role in WORKERS})


def owed(actor: Actor, *, cursor: str | None = None, now: datetime) -> Page[PartRow]:
    """Return one page of what the person's units owe, in one statement. Raises BadCursor.

    A unit that has part in a ticket reads it, so no further sight is needed.
    """
    helper, lead = Unit.__table__.alias("helper"), Unit.__table__.alias("lead")
    wanted: Any = (
        select(
            Part.id, Part.due_at, Part.message, Part.handed_in_at, Ticket.number, Ticket.title, helper.c.name,
            helper.c.name_en, lead.c.name.label("lead"), lead.c.name_en.label("lead_en"), Clock.warn_at,
            Clock.state,
        )
        .join(Ticket, Ticket.id == Part.ticket_id)
        .join(helper, helper.c.id == Part.unit_id)
        .join(lead, lead.c.id == Ticket.unit_id)
        .outerjoin(Clock, (Clock.ticket_id == Part.ticket_id) & (Clock.nth == Part.clock_nth))
        .where(_IS_OPEN, Part.unit_id.in_(own_units(actor)))
        .order_by(Part.due_at, Part.id)
        .limit(DEFAULT_LIMIT + 1)
    )  # fmt: skip
    last: dict[str, Any] = {}
    if cursor:
        last["last_at"], last["last_id"] = decode(cursor)
        wanted = wanted.where(tuple_(Part.due_at, Part.id) > _AFTER)
    rows = db.session.execute(wanted, last).all()
    shown = [_row(row, now) for row in rows[:DEFAULT_LIMIT]]
    more = encode(shown[-1].due_at, shown[-1].id) if len(rows) > DEFAULT_LIMIT else None
    return Page(shown, more)


def _row(row: Any, now: datetime) -> PartRow:
    is_waiting = row.state is ClockState.PAUSED
    return PartRow(
        id=row.id,
        number=row.number,
        title=row.title,
        message=row.message,
        unit=row.name,
        unit_en=row.name_en,
        lead=row.lead,
        lead_en=row.lead_en,
        due_at=row.due_at,
        is_handed_in=row.handed_in_at is not None,
        is_waiting=is_waiting,
        light=part_light(row.due_at, row.warn_at, now, is_waiting=is_waiting),
    )


def part_light(due_at: datetime, warn_at: datetime | None, now: datetime, *, is_waiting: bool) -> Light:
    """Return the light of an open part: grey while it stands still, red once it is late, yellow near it."""
    if is_waiting:
        return Light.GREY
    if now >= due_at:
        return Light.RED
    return Light.YELLOW if warn_at is not None and now >= warn_at else Light.GREEN


def owed_total(actor: Actor) -> Select[int]:
    """Return the statement of how many parts the person's units owe; COUNT_CAP + 1 means more."""
    some = select(Part.id).where(_IS_OPEN, Part.unit_id.in_(own_units(actor))).limit(COUNT_CAP + 1)
    return select(func.count()).select_from(some.subquery())


def count_owed(actor: Actor) -> int:
    """Return how many parts the person's units owe; COUNT_CAP + 1 means more."""
    return db.session.scalar(owed_total(actor)) or 0
