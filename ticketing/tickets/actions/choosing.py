"""Who handles a ticket its unit has just signed for, where the unit lets that be decided.

At signing, not at arrival: until then the unit may still return it, and a turn would be spent on what was
never its work. In the transaction of signing, under a lock of the unit's own row: of two tickets signed for
at the same moment the second sees whom the first one got.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import func, select

from ticketing.core.actor import WORKERS
from ticketing.core.db import db
from ticketing.duty import queries as duty
from ticketing.duty import rules
from ticketing.duty.models import UnitDesk
from ticketing.duty.words import Way
from ticketing.network.queries import UnitInfo
from ticketing.tickets.actions.step import Step
from ticketing.tickets.facts import HANDLING_ROLES
from ticketing.tickets.models import Ticket
from ticketing.tickets.queries.conditions import is_open

_DESK = select(UnitDesk).with_for_update()


def choose_handler(step: Step) -> None:
    """Name the handler by the unit's way, unless somebody is named already.

    Whoever is away gets nothing; where nobody who handles is there, the unit's duty officer does.
    """
    unit = step.unit
    if step.ticket.handler_id is not None:
        return
    desk = db.session.scalar(
        _DESK.where(UnitDesk.unit_id == unit.id), execution_options={"populate_existing": True}
    )
    if desk is None or desk.way is Way.NOBODY:
        return
    chosen = _chosen(desk, unit, step.today)
    if chosen is not None:
        desk.last_user_id = step.ticket.handler_id = chosen
        step.said |= {"handler_id": chosen, "way": desk.way}


def _chosen(desk: UnitDesk, unit: UnitInfo, today: date) -> int | None:
    roster = duty.roster(today, [unit.id])
    people = roster.there(unit.id, HANDLING_ROLES)
    if not people:
        officer = roster.duty.get(unit.id)
        return None if officer is None else roster.acting(officer, unit.id, WORKERS)
    if desk.way is Way.LOAD:
        return rules.least_busy(people, _loads(people), desk.last_user_id)
    return rules.in_turn(people, desk.last_user_id)[0]


def _loads(people: Collection[int]) -> dict[int, int]:
    """How many open tickets each of some people has."""
    counted = (
        select(Ticket.handler_id, func.count())
        .where(Ticket.handler_id.in_(people), is_open())
        .group_by(Ticket.handler_id)
    )
    return {row[0]: row[1] for row in db.session.execute(counted) if row[0] is not None}
