"""Lists of tickets: the queue, the search list, the company's list; one statement for a page of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from ticketing.accounts.models import Enterprise, User
from ticketing.core import local_day
from ticketing.core.actor import Actor
from ticketing.core.db import db
from ticketing.core.paging import DEFAULT_LIMIT, Page, decode, encode
from ticketing.core.text import mask_name
from ticketing.network.models import Category, Unit
from ticketing.sla.rules.lights import Light
from ticketing.tickets.models import Ticket
from ticketing.tickets.queries.search import matches
from ticketing.tickets.scope import is_theirs, may_see_contact
from ticketing.tickets.words import (
    ENDED,
    OPEN,
    SATISFIED_FROM,
    UNASSESSED,
    WAITING,
    Action,
    Channel,
    Kind,
    Level,
    State,
)

COUNT_CAP = 1000
CONFIDENTIAL_NAME = "***"


class Sort(StrEnum):
    """The orders a list can have."""

    RECEIVED = "-received_at"
    DUE = "due_at"


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
    extra: tuple[ColumnElement[bool], ...] = field(default=())


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


def _chosen_first(page: Select[Any]) -> ColumnElement[bool]:
    """The tickets of one page, chosen before names are joined to them.

    A search is planned anew each time: few tables at once are planned, and few columns sorted, sooner.
    """
    return Ticket.id.in_(select(page.subquery("chosen").c.id))


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


def conditions(wanted: Filters, actor: Actor, now: datetime, day_end: datetime) -> list[ColumnElement[bool]]:
    """Return the WHERE parts of ``wanted``; counters and lists share them, so that they agree."""
    found = [*wanted.extra, *_chosen(wanted), *_judged(wanted), *_moments(wanted)]
    if wanted.is_mine:
        found.append(_mine(actor))
    if wanted.is_overdue is not None:
        is_late = _is_overdue(now)
        found.append(is_late if wanted.is_overdue else ~is_late)
    if wanted.light is not None:
        found.append(_shows(wanted.light, now))
    if wanted.section is not None:
        found.append(_stands_in(wanted.section, now, day_end))
    if wanted.text:
        found.append(matches(wanted.text))
    return found


def _chosen(wanted: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for column, values in (
        (Ticket.status, wanted.statuses),
        (Ticket.category, wanted.categories),
        (Ticket.kind, wanted.kinds),
        (Ticket.level, wanted.levels),
        (Ticket.channel, wanted.channels),
    ):
        if values:
            found.append(column.in_(sorted(values)))
    if wanted.unit_ids is not None:
        found.append(Ticket.unit_id.in_(sorted(wanted.unit_ids)))
    if wanted.is_open is not None:
        found.append(is_open() if wanted.is_open else Ticket.status.in_(sorted(ENDED)))
    return found


def _mine(actor: Actor) -> ColumnElement[bool]:
    """What a staff member handles, or what a person of a company filed."""
    return (
        Ticket.filed_by == actor.user_id
        if actor.enterprise_id is not None
        else Ticket.handler_id == actor.user_id
    )


def _judged(wanted: Filters) -> list[ColumnElement[bool]]:
    """What the company said of the result; only of requests that count in the figures."""
    counts = Ticket.status.not_in(sorted(UNASSESSED))
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
    """The condition of the partial indexes: written as they are, so that the planner uses them."""
    return Ticket.status.not_in((State.DRAFT, State.CLOSED, State.REJECTED, State.WITHDRAWN, State.MERGED))


def _is_overdue(now: datetime) -> ColumnElement[bool]:
    return and_(is_open(), Ticket.due_at.is_not(None), Ticket.due_at <= now)


def _shows(light: Light, now: datetime) -> ColumnElement[bool]:
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


def _stands_in(section: Section, now: datetime, day_end: datetime) -> ColumnElement[bool]:
    late = func.coalesce(Ticket.due_at <= now, False)
    waiting = Ticket.status.in_(sorted(WAITING))
    today = func.coalesce(Ticket.due_at <= day_end, False)
    redo = Ticket.cycle > 1
    rest = {
        Section.OVERDUE: late,
        Section.WAITING: and_(~late, waiting),
        Section.TODAY: and_(~late, ~waiting, today),
        Section.REDO: and_(~late, ~waiting, ~today, redo),
        Section.LATER: and_(~late, ~waiting, ~today, ~redo),
    }
    return and_(is_open(), rest[section])


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

    By ``due_at`` the list holds open tickets only, the most pressing first. Raises BadCursor.
    """
    is_due = sort is Sort.DUE
    order = (Ticket.queue_at, Ticket.id) if is_due else (Ticket.received_at.desc(), Ticket.id.desc())
    until = local_day.day_end(now)
    held = [is_theirs(actor), *conditions(wanted, actor, now, until)]
    if is_due:
        held.append(is_open())
    if cursor:
        held.append(_after(is_due, *decode(cursor)))
    if wanted.text:
        held = [_chosen_first(select(Ticket.id).where(*held).order_by(*order).limit(limit + 1))]
    rows = db.session.execute(_selected().where(*held).order_by(*order).limit(limit + 1)).all()
    shown = [_row(actor, row, now, until) for row in rows[:limit]]
    if len(rows) <= limit or not shown:
        return Page(shown, None)
    last = shown[-1]
    return Page(shown, encode(last.queue_at if is_due else last.received_at, last.id))


def _after(is_due: bool, moment: datetime, row_id: int) -> ColumnElement[bool]:
    """The condition of standing behind the row where the page before ended."""
    if is_due:
        return or_(Ticket.queue_at > moment, and_(Ticket.queue_at == moment, Ticket.id > row_id))
    return or_(Ticket.received_at < moment, and_(Ticket.received_at == moment, Ticket.id < row_id))


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
    parts = [
        select(func.count()).select_from(
            select(Ticket.id)
            .where(is_theirs(actor), is_open(), *conditions(wanted, actor, now, local_day.day_end(now)))
            .limit(COUNT_CAP + 1)
            .subquery()
        ).scalar_subquery().label(name)
        for name, wanted in named.items()
    ]  # fmt: skip
    row = db.session.execute(select(*parts)).one()
    return dict(zip(named, row, strict=True))


def latest_first(rows: Sequence[TicketRow]) -> list[TicketRow]:
    """Return rows with the latest word first."""
    return sorted(rows, key=lambda row: row.last_at, reverse=True)
