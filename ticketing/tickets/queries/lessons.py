"""What may be learnt from: requests whose category and lead were confirmed by somebody's work.

Confirmed means that the lead took it on and nobody ever returned it. Confidential requests take no part at
all, of the others only title and description do: no name, no phone, no company.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, func, select

from ticketing.core.db import among, db
from ticketing.learning.rules.measuring import MIN_HISTORY
from ticketing.learning.rules.model import Lesson
from ticketing.learning.words import Target
from ticketing.network import queries as network
from ticketing.network.models import Unit
from ticketing.network.words import UnitKind
from ticketing.tickets.models import Ticket
from ticketing.tickets.words import State

MOST_LESSONS = 50_000
_TAKEN_ON = (State.PROCESSING, State.SUSPENDED, State.REPLY_REVIEW, State.REPLIED, State.CLOSED)
_CONFIRMED = (
    among(Ticket.status, _TAKEN_ON),
    Ticket.return_count == 0,
    Ticket.is_confidential.is_(False),
)


def lessons(target: Target, *, most: int = MOST_LESSONS) -> list[Lesson]:
    """Return up to ``most`` confirmed requests, the newest first, labelled with what is to be suggested."""
    rows = db.session.execute(_WANTED[target]().order_by(Ticket.id.desc()).limit(most))
    if target is Target.CATEGORY:
        return [Lesson(f"{title}\n{text}", label, company) for title, text, company, label in rows]
    return [
        Lesson(f"{title}\n{text}", label, company, marks(category))
        for title, text, company, label, category in rows
    ]


def marks(category: str) -> tuple[str, ...]:
    """Return what decides about the department besides the words: the category."""
    return (f"={category}",)


def _categories() -> Select[Any]:
    columns: Any = (Ticket.title, Ticket.description, Ticket.enterprise_id, Ticket.category)
    wanted: Select[Any] = select(*columns)
    return wanted.where(*_CONFIRMED)


def _departments() -> Select[Any]:
    """Only departments: a station takes what lies in its territory, which no word tells."""
    columns: Any = (Ticket.title, Ticket.description, Ticket.enterprise_id, Unit.code, Ticket.category)
    wanted: Select[Any] = select(*columns).join(Unit, Unit.id == Ticket.unit_id)
    return wanted.where(*_CONFIRMED, Unit.kind == UnitKind.DEPARTMENT, Unit.is_active)


_WANTED = {Target.CATEGORY: _categories, Target.DEPARTMENT: _departments}


def has_enough() -> bool:
    """Return whether there are requests enough to learn from: costs as much as MIN_HISTORY rows."""
    some = select(Ticket.id).where(*_CONFIRMED).limit(MIN_HISTORY).subquery()
    return (db.session.scalar(select(func.count()).select_from(some)) or 0) >= MIN_HISTORY


def glossary(target: Target) -> Mapping[str, str]:
    """Return what the district's own catalogue says of each label: the categories' names and examples."""
    if target is not Target.CATEGORY:
        return {}
    return {one.code: f"{one.name}\n{one.examples}" for one in network.categories()}
