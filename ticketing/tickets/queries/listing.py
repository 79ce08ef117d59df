"""Lists of tickets: the queue, the search list, the company's list; one statement for a page of rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Select,
    Subquery,
    bindparam,
    func,
    literal_column,
    select,
    tuple_,
    union,
    union_all,
)

from ticketing.accounts.models import Enterprise, User
from ticketing.core import local_day, many
from ticketing.core.actor import Actor
from ticketing.core.db import UtcDateTime, db, read
from ticketing.core.paging import DEFAULT_LIMIT, BadCursor, Page, decode, decode_place, encode, encode_place
from ticketing.core.text import mask_name
from ticketing.core.tokens import read_query
from ticketing.network.models import Category, Unit
from ticketing.sla.rules.lights import Light
from ticketing.tickets.models import Ticket
from ticketing.tickets.queries import ranking
from ticketing.tickets.queries.conditions import (
    Duties,
    Filters,
    Section,
    conditions,
    duty,
    is_open,
    moment_given,
    sight,
    stands_in,
)
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
_NOW, _UNTIL = moment_given("now"), moment_given("until")
CONFIDENTIAL_NAME = "***"
Counter = Callable[[Actor], Select[int]]
"""Gives the statement of a number one person is shown; the same one each time."""


class Sort(StrEnum):
    """The orders a list can have."""

    RECEIVED = "-received_at"
    DUE = "due_at"
    BEST = "relevance"


class TicketRow(NamedTuple):
    """One line of a list. Names of confidential companies are masked for those who may not read them.

    A plain tuple: made, compared and hashed fifty times a page. First what is read, in the statement's order.
    """

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
    queue_at: datetime
    enterprise: str
    light: Light
    section: Section


_SHOWN = (
    Ticket.id, Ticket.number, Ticket.status, Ticket.cycle, Ticket.version, Ticket.kind, Ticket.level,
    Ticket.category, Category.name.label("category_name"), Category.name_en.label("category_name_en"),
    Ticket.channel, Ticket.title, Ticket.is_confidential, Unit.code.label("unit_code"),
    Unit.name.label("unit_name"), Unit.name_en.label("unit_name_en"), User.name.label("handler_name"),
    Ticket.received_at, Ticket.due_at, Ticket.due_metric, Ticket.closed_at, Ticket.last_action,
    Ticket.last_at, Ticket.urge_count, Ticket.queue_at,
)  # fmt: skip
_JUDGED = (
    Ticket.warn_at, Ticket.late_at, Ticket.enterprise_id, Ticket.handler_id,
    Enterprise.name.label("enterprise_name"), Unit.path.label("unit_path"),
)  # fmt: skip


def _selected() -> Select[Any]:
    rows: Any = select(*_SHOWN, *_JUDGED)
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
    words = () if sort is Sort.DUE or whole_number(wanted.text) else read_query(wanted.text)
    if words:
        asked = ranking.Asked(actor, wanted, words, is_ranked=sort is Sort.BEST)
        return _found(asked, cursor=cursor, limit=limit, moments={"now": now, "until": until})
    if sort is Sort.BEST:
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


def _found(
    asked: ranking.Asked, *, cursor: str | None, limit: int, moments: dict[str, datetime]
) -> Page[TicketRow]:
    """One page of what was searched for; the cursor names level and freshness of its last row."""
    level, fresh = decode_place(cursor, 2) if cursor else (0, 0)
    if cursor and level not in LEVELS:
        raise BadCursor
    after = (level, fresh) if cursor else None
    found = ranking.places(asked, limit=limit + 1, after=after, moments=moments)
    shown = {ranking.ticket_of(place): place for place in found[:limit]}
    by_id = {row.id: _row(asked.actor, row, *moments.values()) for row in _named(Sort.RECEIVED, list(shown))}
    page = [by_id[ticket_id] for ticket_id in shown if ticket_id in by_id]
    return Page(page, encode_place(*found[limit - 1]) if len(found) > limit else None)


def _rows(actor: Actor, wanted: Filters, sort: Sort, limit: int, moments: dict[str, object]) -> Sequence[Any]:
    """The rows of a page and one more, in order.

    What people type, or name, is not worth remembering and is planned anew each time: first the ids, of few
    tables.
    """
    has_cursor = "last_id" in moments
    if not (wanted.text or wanted.numbers):
        return read(_page(actor, wanted, sort, limit, has_cursor), moments).all()
    ids = read(_chosen(actor, wanted, sort, limit, has_cursor), moments).scalars().all()
    return _named(sort, ids)


@lru_cache(maxsize=_REMEMBERED)
def _page(actor: Actor, wanted: Filters, sort: Sort, limit: int, has_cursor: bool) -> Select[Any]:
    """The statement of one page. Building it costs more than running it, so each process remembers it."""
    chosen = _chosen(actor, wanted, sort, limit, has_cursor).subquery("chosen")
    return _selected().where(Ticket.id.in_(select(chosen.c.id))).order_by(*_order(sort))


def _named(sort: Sort, ids: Sequence[int]) -> Sequence[Any]:
    """The rows of some tickets, with the names that belong to them."""
    return read(_by_ids(sort, db.engine.dialect.name), {"ids": list(ids)}).all() if ids else []


@cache
def _by_ids(sort: Sort, _dialect: str) -> Select[Any]:
    return _selected().where(many.is_among_given(Ticket.id, "ids")).order_by(*_order(sort))


def _order(sort: Sort) -> tuple[ColumnElement[Any], ...]:
    if sort is Sort.DUE:
        return Ticket.queue_at.asc(), Ticket.id.asc()
    return Ticket.received_at.desc(), Ticket.id.desc()


def _chosen(actor: Actor, wanted: Filters, sort: Sort, limit: int, has_cursor: bool) -> Select[Any]:
    """Which tickets stand on one page, and the one behind them."""
    is_due, order = sort is Sort.DUE, _order(sort)
    only_open = is_due or _are_open(wanted)
    duties, rest = (wanted.any_of, replace(wanted, any_of=())) if is_due else ((), wanted)
    held = [sight(actor, wanted, is_open=only_open), *conditions(rest, actor, _NOW, _UNTIL)]
    if only_open:
        held.append(is_open())
    if has_cursor:
        held.append(_after(is_due))
    most = literal_column(str(limit + 1), Integer)
    if duties:
        return _first_of_each(duties, held, most)
    return select(Ticket.id).where(*held).order_by(*order).limit(most)


def _are_open(wanted: Filters) -> bool:
    """Whether only open tickets can be meant: they have indexes of their own, a twentieth of the size."""
    by_state = bool(wanted.statuses) and wanted.statuses <= OPEN
    by_light = wanted.light in {Light.YELLOW, Light.RED, Light.GREY}
    return by_state or by_light or wanted.section is not None or True in {wanted.is_open, wanted.is_overdue}


def _first_of_each(duties: Duties, held: list[ColumnElement[bool]], most: ColumnElement[int]) -> Select[Any]:
    """A page of all duties, merged from lists that an index has in order: of one unit, or of one state.

    Each ticket is in the first of them alone, so that none has to be told from its twin.
    """
    lists: list[Select[Any]] = []
    for nth, (whole, units) in enumerate(duties):
        for states in _read_in_order(whole, units):
            others = [duty(states & before, of) for before, of in duties[:nth] if states & before]
            mine = (duty(states, units), *(~other for other in others))
            one: Any = select(Ticket.id, Ticket.queue_at).where(*held, *mine)
            lists.append(select(one.order_by(*_order(Sort.DUE)).limit(most).subquery()))
    together = union_all(*lists).subquery("together")
    return select(together.c.id).order_by(together.c.queue_at, together.c.id).limit(most)


def _read_in_order(states: frozenset[State], units: frozenset[int] | None) -> list[frozenset[State]]:
    """The states of a duty, each apart where an index has its tickets in order: of one unit, or of all."""
    is_apart = units is None or (len(units) == 1 and states != OPEN)
    return [frozenset({one}) for one in sorted(states)] if is_apart else [states]


def _after(is_due: bool) -> ColumnElement[bool]:
    """The condition of standing behind the row where the page before ended."""
    last = tuple_(bindparam("last_at", type_=UtcDateTime()), bindparam("last_id", type_=Integer()))
    if is_due:
        return tuple_(Ticket.queue_at, Ticket.id) > last
    return tuple_(Ticket.received_at, Ticket.id) < last


def _row(actor: Actor, row: Any, now: datetime, day_end: datetime) -> TicketRow:
    judged = (
        enterprise_name(actor, row, row.enterprise_name, row.unit_path),
        light_of(row, now),
        section_of(row, now, day_end),
    )
    return TicketRow._make(row[: len(_SHOWN)] + judged)


def enterprise_name(actor: Actor, ticket: Any, name: str, unit_path: str) -> str:
    """Return the company's name, masked when the request is confidential and not this person's to unmask."""
    if ticket.is_confidential and not may_see_contact(actor, ticket, unit_path):
        return mask_name(name)[:1] + CONFIDENTIAL_NAME
    return name


def counts(
    actor: Actor, named: dict[str, Filters], also: Mapping[str, Counter] | None = None, *, now: datetime
) -> dict[str, int]:
    """Return how many open tickets each of ``named`` holds, in one statement; COUNT_CAP + 1 means "more".

    The same conditions as the lists, so a counter equals its list. ``also``: counters of other things.
    """
    moments = {"now": now, "until": local_day.day_end(now)}
    others = also or {}
    row = read(_counting(actor, tuple(named.items()), tuple(others.items())), moments).one()
    return dict(zip((*named, *others), row, strict=True))


@lru_cache(maxsize=_REMEMBERED)
def _counting(
    actor: Actor, named: tuple[tuple[str, Filters], ...], also: tuple[tuple[str, Counter], ...]
) -> Select[Any]:
    """The statement of all counters; what is counted by section is written once, or it grows too long."""
    shared: dict[Filters, list[CTE]] = {}
    counters = []
    for name, wanted in named:
        whole = replace(wanted, section=None)
        if wanted.section is None:
            ids = _held(actor, whole, Ticket.id)
        else:
            if whole not in shared:
                held = _held(actor, whole, *_SECTIONED)
                # Plain text to the planner, each time it is used.
                shared[whole] = [one.cte().prefix_with("NOT MATERIALIZED") for one in held]
            is_there = [stands_in(wanted.section, _NOW, _UNTIL, part.c) for part in shared[whole]]
            ids = [select(part.c.id).where(it) for part, it in zip(shared[whole], is_there, strict=True)]
        counters.append(select(func.count()).select_from(_capped(ids)).scalar_subquery().label(name))
    return select(*counters, *(count(actor).scalar_subquery().label(name) for name, count in also))


_SECTIONED = (Ticket.id, Ticket.status, Ticket.queue_at, Ticket.due_at, Ticket.cycle)


def _held(actor: Actor, wanted: Filters, *columns: Any) -> list[Select[Any]]:
    """What a counter chooses from; of several duties each apart, so that it is read off its own index."""
    rest = replace(wanted, any_of=())
    held = (sight(actor, wanted, is_open=True), is_open(), *conditions(rest, actor, _NOW, _UNTIL))
    of_all: Select[Any] = select(*columns).where(*held)
    return [of_all.where(duty(*part)) for part in wanted.any_of] or [of_all]


def _capped(ids: list[Select[Any]]) -> Subquery:
    """The ids a counter counts, as many as it can say, each once."""
    capped = [one.limit(_MOST_COUNTED) for one in ids]
    if len(capped) == 1:
        return capped[0].subquery()
    together: Any = union(*(select(one.subquery().c.id) for one in capped)).subquery()
    every: Select[Any] = select(together.c.id).limit(_MOST_COUNTED)
    return every.subquery()
