"""Lists of tickets: the queue, the search list, the company's list; one statement for a page of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    bindparam,
    func,
    literal_column,
    select,
    tuple_,
    union,
    union_all,
)

from ticketing.accounts.models import Enterprise, User
from ticketing.core import local_day
from ticketing.core.actor import Actor
from ticketing.core.db import UtcDateTime, db
from ticketing.core.paging import DEFAULT_LIMIT, BadCursor, Page, decode, decode_place, encode, encode_place
from ticketing.core.text import mask_name
from ticketing.core.tokens import Word, read_query
from ticketing.network.models import Category, Unit
from ticketing.sla.rules.lights import Light
from ticketing.tickets.models import Ticket
from ticketing.tickets.queries import ranking
from ticketing.tickets.queries.conditions import Duties, Filters, Section, conditions, duty, is_open, sight
from ticketing.tickets.queries.search import whole_number
from ticketing.tickets.scope import may_see_contact
from ticketing.tickets.searchable import LEVELS
from ticketing.tickets.words import (
    OPEN,
    WAITING,
    Action,
    Channel,
    Kind,
    Level,
    State,
)

COUNT_CAP = 100
_MOST_COUNTED: ColumnElement[int] = literal_column(str(COUNT_CAP + 1), Integer)
_REMEMBERED = 512
_NOW: BindParameter[datetime] = bindparam("now", type_=UtcDateTime())
_UNTIL: BindParameter[datetime] = bindparam("until", type_=UtcDateTime())
CONFIDENTIAL_NAME = "***"


class Sort(StrEnum):
    """The orders a list can have."""

    RECEIVED = "-received_at"
    DUE = "due_at"
    BEST = "relevance"


@dataclass(frozen=True, slots=True)
class TicketRow:
    """One line of a list. Names of confidential companies are masked for those who may not read them."""

    id: int
    number: str
    status: State
    cycle: int
    version: int
    kind: Kind
    level: Level
    category: str
    category_name: str
    category_name_en: str
    channel: Channel
    title: str
    enterprise: str
    is_confidential: bool
    unit_code: str
    unit_name: str
    unit_name_en: str
    handler: str | None
    received_at: datetime
    due_at: datetime | None
    due_metric: str | None
    closed_at: datetime | None
    last_action: Action
    last_at: datetime
    urge_count: int
    light: Light
    section: Section
    queue_at: datetime


_COLUMNS = (
    Ticket.id, Ticket.number, Ticket.status, Ticket.cycle, Ticket.version, Ticket.kind, Ticket.level,
    Ticket.category, Category.name.label("category_name"), Category.name_en.label("category_name_en"),
    Ticket.channel, Ticket.title, Ticket.received_at, Ticket.due_at, Ticket.due_metric, Ticket.closed_at,
    Ticket.last_action, Ticket.last_at, Ticket.urge_count, Ticket.warn_at, Ticket.late_at, Ticket.queue_at,
    Ticket.enterprise_id, Ticket.is_confidential, Ticket.handler_id, Enterprise.name.label("enterprise_name"),
    Unit.code.label("unit_code"), Unit.name.label("unit_name"), Unit.name_en.label("unit_name_en"),
    Unit.path.label("unit_path"), User.name.label("handler_name"),
)  # fmt: skip


def _selected() -> Select[Any]:
    rows: Any = select(*_COLUMNS)
    found: Select[Any] = (
        rows.join(Unit, Unit.id == Ticket.unit_id)
        .join(Category, Category.code == Ticket.category)
        .join(Enterprise, Enterprise.id == Ticket.enterprise_id)
        .outerjoin(User, User.id == Ticket.handler_id)
    )
    return found


def light_of(row: Any, now: datetime) -> Light:
    """Return the light of a ticket, or of a row with its queue columns.

    Red past the promised solution, yellow near it or when a step before it is late, grey while suspended,
    else green.
    """
    if row.status is State.SUSPENDED:
        return Light.GREY
    if row.status not in OPEN:
        return Light.GREEN
    if row.late_at is not None and now >= row.late_at:
        return Light.RED
    is_late_step = row.due_at is not None and now >= row.due_at
    is_near = row.warn_at is not None and now >= row.warn_at
    return Light.YELLOW if is_late_step or is_near else Light.GREEN


def section_of(row: Any, now: datetime, day_end: datetime) -> Section:
    """Return where in the queue a ticket stands; what is late comes first, whatever it waits for."""
    if row.due_at is not None and row.due_at <= now:
        return Section.OVERDUE
    if row.status in WAITING:
        return Section.WAITING
    if row.due_at is not None and row.due_at <= day_end:
        return Section.TODAY
    return Section.REDO if row.cycle > 1 else Section.LATER


def listing(
    actor: Actor,
    wanted: Filters,
    *,
    sort: Sort = Sort.RECEIVED,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
    now: datetime,
) -> Page[TicketRow]:
    """Return one page of the tickets in the actor's sight.

    By ``due_at`` the list holds open tickets only, the most pressing first. By ``relevance`` what words were
    searched for comes first where it weighs most; without words the latest. Raises BadCursor.
    """
    until = local_day.day_end(now)
    if sort is Sort.BEST:
        words = () if whole_number(wanted.text) else read_query(wanted.text)
        if words:
            moments = {"now": now, "until": until}
            return _best(actor, wanted, words, cursor=cursor, limit=limit, moments=moments)
        sort = Sort.RECEIVED
    given: dict[str, object] = {"now": now, "until": until}
    if cursor:
        given["last_at"], given["last_id"] = decode(cursor)
    rows = _rows(actor, wanted, sort, limit, given)
    shown = [_row(actor, row, now, until) for row in rows[:limit]]
    if len(rows) <= limit or not shown:
        return Page(shown, None)
    last = shown[-1]
    return Page(shown, encode(last.queue_at if sort is Sort.DUE else last.received_at, last.id))


def _best(
    actor: Actor,
    wanted: Filters,
    words: Sequence[Word],
    *,
    cursor: str | None,
    limit: int,
    moments: dict[str, datetime],
) -> Page[TicketRow]:
    """One page of what was searched for, best first; the cursor names level and freshness of its last row."""
    level, fresh = decode_place(cursor, 2) if cursor else (0, 0)
    if cursor and level not in LEVELS:
        raise BadCursor
    after = (level, fresh) if cursor else None
    found = ranking.places(actor, wanted, words, limit=limit + 1, after=after, moments=moments)
    shown = {ranking.ticket_of(place): place for place in found[:limit]}
    rows = db.session.execute(_named(Sort.RECEIVED), {"ids": list(shown)}).all() if shown else []
    by_id = {row.id: _row(actor, row, *moments.values()) for row in rows}
    page = [by_id[ticket_id] for ticket_id in shown if ticket_id in by_id]
    return Page(page, encode_place(*found[limit - 1]) if len(found) > limit else None)


def _rows(actor: Actor, wanted: Filters, sort: Sort, limit: int, moments: dict[str, object]) -> Sequence[Any]:
    """The rows of a page and one more, in order.

    What people type is not worth remembering and is planned anew each time: first the ids, of few tables.
    """
    has_cursor = "last_id" in moments
    if not wanted.text:
        return db.session.execute(_page(actor, wanted, sort, limit, has_cursor), moments).all()
    ids = db.session.scalars(_chosen(actor, wanted, sort, limit, has_cursor), moments).all()
    return db.session.execute(_named(sort), {"ids": ids}).all() if ids else []


@lru_cache(maxsize=_REMEMBERED)
def _page(actor: Actor, wanted: Filters, sort: Sort, limit: int, has_cursor: bool) -> Select[Any]:
    """The statement of one page. Building it costs more than running it, so each process remembers it."""
    chosen = _chosen(actor, wanted, sort, limit, has_cursor).subquery("chosen")
    return _selected().where(Ticket.id.in_(select(chosen.c.id))).order_by(*_order(sort))


@cache
def _named(sort: Sort) -> Select[Any]:
    """The rows of some tickets, with the names that belong to them."""
    return _selected().where(Ticket.id.in_(bindparam("ids", expanding=True))).order_by(*_order(sort))


def _order(sort: Sort) -> tuple[ColumnElement[Any], ...]:
    if sort is Sort.DUE:
        return Ticket.queue_at.asc(), Ticket.id.asc()
    return Ticket.received_at.desc(), Ticket.id.desc()


def _chosen(actor: Actor, wanted: Filters, sort: Sort, limit: int, has_cursor: bool) -> Select[Any]:
    """Which tickets stand on one page, and the one behind them."""
    is_due, order = sort is Sort.DUE, _order(sort)
    duties, rest = (wanted.any_of, replace(wanted, any_of=())) if is_due else ((), wanted)
    held = [sight(actor, wanted, is_open=is_due), *conditions(rest, actor, _NOW, _UNTIL)]
    if is_due:
        held.append(is_open())
    if has_cursor:
        held.append(_after(is_due))
    most = literal_column(str(limit + 1), Integer)
    if duties:
        held = [_first_of_each(duties, select(Ticket.id).where(*held).order_by(*order).limit(most))]
    return select(Ticket.id).where(*held).order_by(*order).limit(most)


def _first_of_each(duties: Duties, page: Select[Any]) -> ColumnElement[bool]:
    """A page's worth of each duty, and of each state everywhere: read off an index in its order.

    The page is among them, whatever the planner makes of all duties at once.
    """
    parts = [duty(states, units) for states, units in duties if units is not None]
    parts += [
        duty(frozenset({one}), None) for states, units in duties if units is None for one in sorted(states)
    ]
    firsts = (page.where(part).subquery() for part in parts)
    return Ticket.id.in_(union_all(*(select(first.c.id) for first in firsts)))


def _after(is_due: bool) -> ColumnElement[bool]:
    """The condition of standing behind the row where the page before ended."""
    last = tuple_(bindparam("last_at", type_=UtcDateTime()), bindparam("last_id", type_=Integer()))
    if is_due:
        return tuple_(Ticket.queue_at, Ticket.id) > last
    return tuple_(Ticket.received_at, Ticket.id) < last


def _row(actor: Actor, row: Any, now: datetime, day_end: datetime) -> TicketRow:
    return TicketRow(
        id=row.id,
        number=row.number,
        status=row.status,
        cycle=row.cycle,
        version=row.version,
        kind=row.kind,
        level=row.level,
        category=row.category,
        category_name=row.category_name,
        category_name_en=row.category_name_en,
        channel=row.channel,
        title=row.title,
        enterprise=enterprise_name(actor, row, row.enterprise_name, row.unit_path),
        is_confidential=row.is_confidential,
        unit_code=row.unit_code,
        unit_name=row.unit_name,
        unit_name_en=row.unit_name_en,
        handler=row.handler_name,
        received_at=row.received_at,
        due_at=row.due_at,
        due_metric=row.due_metric,
        closed_at=row.closed_at,
        last_action=row.last_action,
        last_at=row.last_at,
        urge_count=row.urge_count,
        light=light_of(row, now),
        section=section_of(row, now, day_end),
        queue_at=row.queue_at,
    )


def enterprise_name(actor: Actor, ticket: Any, name: str, unit_path: str) -> str:
    """Return the company's name, masked when the request is confidential and not this person's to unmask."""
    if ticket.is_confidential and not may_see_contact(actor, ticket, unit_path):
        return mask_name(name)[:1] + CONFIDENTIAL_NAME
    return name


def counts(actor: Actor, named: dict[str, Filters], *, now: datetime) -> dict[str, int]:
    """Return how many open tickets each of ``named`` holds, in one statement; COUNT_CAP + 1 means "more".

    The same conditions as the lists, so a counter equals its list.
    """
    moments = {"now": now, "until": local_day.day_end(now)}
    row = db.session.execute(_counting(actor, tuple(named.items())), moments).one()
    return dict(zip(named, row, strict=True))


@lru_cache(maxsize=_REMEMBERED)
def _counting(actor: Actor, named: tuple[tuple[str, Filters], ...]) -> Select[Any]:
    parts = (
        select(func.count()).select_from(_counted(actor, wanted).subquery()).scalar_subquery().label(name)
        for name, wanted in named
    )
    return select(*parts)


def _counted(actor: Actor, wanted: Filters) -> Select[Any]:
    """The ids a counter counts, as many as it can say; of several duties each is read off its own index."""
    rest = replace(wanted, any_of=())
    held = (sight(actor, wanted, is_open=True), is_open(), *conditions(rest, actor, _NOW, _UNTIL))
    one = select(Ticket.id).where(*held).limit(_MOST_COUNTED)
    if not wanted.any_of:
        return one
    each = (select(one.where(duty(*part)).subquery().c.id) for part in wanted.any_of)
    together: Any = union(*each).subquery()
    return select(together.c.id).limit(_MOST_COUNTED)
