"""Requests like a text that were solved to the company's satisfaction, and what a reader may know of them.

Staff learn from everybody's work: title, unit and how long it took are shown across the network,
with the company's name, people and numbers taken out. Number and answer are only for those in whose sight the
ticket is. Companies see none of it, and confidential requests take no part.

What is looked for are the rarest of the learnt words of the text, two at a time, through the search index: so
the cost does not depend on how many tickets there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Any

from sqlalchemy import Select, select

from ticketing.accounts.models import Enterprise
from ticketing.core.actor import SYSTEM, Actor
from ticketing.core.db import db
from ticketing.core.errors import NotFound
from ticketing.core.local_day import day_end, local_date
from ticketing.core.tokens import folded, read_query
from ticketing.learning import queries as learning
from ticketing.learning.rules.model import Model
from ticketing.learning.words import Target
from ticketing.network.models import Unit
from ticketing.tickets.gist import gist, neutral
from ticketing.tickets.models import Ticket
from ticketing.tickets.queries import ranking
from ticketing.tickets.queries.conditions import Filters
from ticketing.tickets.rules import read_number
from ticketing.tickets.scope import is_theirs
from ticketing.tickets.words import Solved, State

MOST_WORDS = 3
MOST_PER_SEARCH = 20
MOST_SHOWN = 5
_LEAST_SHARED = 2
_GOOD = 4
_CLOSED = frozenset({State.CLOSED})


@dataclass(frozen=True, slots=True)
class Case:
    """One solved request. ``number`` and ``reply`` are empty for whoever may not read the ticket."""

    number: str
    title: str
    unit: str
    unit_en: str
    days: int
    closed_at: datetime
    words: tuple[str, ...]
    reply: str

    def unit_label(self, locale: str) -> str:
        """Return the unit's name in the reader's language."""
        return (self.unit_en or self.unit) if locale == "en" else self.unit


def similar(actor: Actor, text: str, *, besides: int | None = None, now: datetime) -> list[Case]:
    """Return up to MOST_SHOWN solved requests like ``text``, the most alike first, ``besides`` left out.

    None for a company, and none as long as nothing was learnt.
    """
    known = learning.newest(Target.CATEGORY)
    if known is None or actor.enterprise_id is not None:
        return []
    words = known.model.known_in(text)
    ids = {one for pair in _pairs(words) for one in _found(pair, now)} - {besides}
    if not ids:
        return []
    rows = db.session.execute(_rows(actor).where(Ticket.id.in_(sorted(ids)))).all()
    return _best(rows, words, known.model)


def _pairs(words: list[str]) -> Iterable[str]:
    """The rarest words, two at a time: one word alone says too little."""
    return (" ".join(pair) for pair in combinations(words[:MOST_WORDS], 2))


def _found(words: str, now: datetime) -> list[int]:
    wanted = Filters(statuses=_CLOSED, is_satisfied=True)
    moments = {"now": now, "until": day_end(now)}
    asked = ranking.Asked(SYSTEM, wanted, read_query(words))
    places = ranking.places(asked, limit=MOST_PER_SEARCH, after=None, moments=moments)
    return [ranking.ticket_of(place) for place in places]


def _rows(actor: Actor) -> Select[Any]:
    columns: Any = (
        Ticket, Enterprise.name.label("company"), Unit.name.label("unit"), Unit.name_en.label("unit_en"),
        is_theirs(actor).label("is_read"),
    )  # fmt: skip
    found: Select[Any] = select(*columns).join(Enterprise, Enterprise.id == Ticket.enterprise_id)
    return found.join(Unit, Unit.id == Ticket.unit_id).where(
        Ticket.status == State.CLOSED,
        Ticket.solved == Solved.YES,
        Ticket.satisfaction >= _GOOD,
        Ticket.is_confidential.is_(False),
    )


def _best(rows: Iterable[Any], words: list[str], model: Model) -> list[Case]:
    """The cases that share most, a rare word counting for more; of those that read alike the latest."""
    scored: list[tuple[float, datetime, Case]] = []
    for row in rows:
        said = folded(f"{row.Ticket.title}\n{row.Ticket.description}")
        shared = tuple(word for word in words if word in said)
        if len(shared) >= _LEAST_SHARED:
            weight = sum(1 / max(model.rarity(word), 1) for word in shared)
            scored.append((weight, row.Ticket.closed_at, _case(row, shared)))
    scored.sort(key=lambda one: (one[0], one[1]), reverse=True)
    unlike: dict[str, Case] = {}
    for _weight, _at, case in scored:
        unlike.setdefault("".join(char for char in case.title if not char.isdigit()), case)
    return list(unlike.values())[:MOST_SHOWN]


def _case(row: Any, shared: tuple[str, ...]) -> Case:
    ticket: Ticket = row.Ticket
    people = (ticket.contact_name,)
    return Case(
        number=ticket.number if row.is_read else "",
        title=neutral(ticket.title, row.company, people),
        unit=row.unit,
        unit_en=row.unit_en,
        days=(local_date(ticket.closed_at or ticket.last_at) - local_date(ticket.received_at)).days,
        closed_at=ticket.closed_at or ticket.last_at,
        words=shared,
        reply=gist(ticket.reply or "", ticket.title, row.company, people) if row.is_read else "",
    )


def cited(actor: Actor, number: str) -> Case:
    """Return the solved request a person cites; raise NotFound unless it is in sight and may be cited."""
    wanted = _rows(actor).where(Ticket.number == read_number(number), is_theirs(actor))
    row = db.session.execute(wanted).one_or_none()
    if row is None or actor.enterprise_id is not None:
        raise NotFound(number=number)
    return _case(row, ())
