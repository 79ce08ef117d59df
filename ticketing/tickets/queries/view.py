"""One ticket, as one person may read it: its facts, clocks, history, parts and files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, select

from ticketing.accounts.models import Enterprise, User
from ticketing.core.actor import Actor
from ticketing.core.db import db, read
from ticketing.core.errors import NotFound
from ticketing.core.text import mask_email, mask_name, mask_phone
from ticketing.network.models import Site
from ticketing.network.queries import CategoryInfo, Network, UnitInfo, category, network
from ticketing.sla.models import Clock
from ticketing.sla.rules.lights import Light
from ticketing.sla.words import ClockState, Metric
from ticketing.tickets import flow
from ticketing.tickets.facts import Standing, actions_now, standing
from ticketing.tickets.models import Attachment, Event, Extension, Part, Supervision, Ticket
from ticketing.tickets.queries.files import files_of
from ticketing.tickets.queries.listing import enterprise_name, light_of
from ticketing.tickets.rules import read_number
from ticketing.tickets.scope import may_see_contact, visible
from ticketing.tickets.words import Action

REMEMBERED = 512


@dataclass(frozen=True, slots=True)
class ContactView:
    """Whom to call, in full or masked."""

    name: str
    phone: str
    email: str
    is_masked: bool


@dataclass(frozen=True, slots=True)
class ClockView:
    """One promise. ``state`` reads "breached" from the due moment on."""

    metric: Metric
    state: ClockState
    cycle: int
    limit: str
    started_at: datetime
    due_at: datetime
    original_due_at: datetime
    warn_at: datetime
    met_at: datetime | None
    is_provisional: bool
    calendar_id: int


@dataclass(frozen=True, slots=True)
class EventView:
    """One thing that happened, with only what this reader may know of it."""

    id: int
    seq: int
    at: datetime
    actor: str | None
    actor_id: int | None
    unit: UnitInfo | None
    action: Action
    from_status: str | None
    to_status: str
    said: dict[str, Any]
    is_internal: bool
    hash: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What must be known of a ticket and its reader to show what happened to it.

    ``is_requester``: the reader belongs to the company that asked.
    """

    ticket: Ticket
    enterprise: str
    contact: ContactView
    net: Network
    is_requester: bool


@dataclass(frozen=True, slots=True)
class TicketView(Reading):
    """Everything a ticket page or the API shows. Rows hang on as they are stored, for reading only."""

    unit: UnitInfo
    origin: UnitInfo
    category: CategoryInfo
    site: Site | None
    uscc: str | None
    handler: str | None
    handler_id: int | None
    light: Light
    clocks: list[ClockView]
    clock_rows: list[Clock]
    part_clocks: dict[int, Clock]
    parts: list[tuple[Part, UnitInfo]]
    extensions: list[Extension]
    supervisions: list[tuple[Supervision, UnitInfo]]
    attachments: list[Attachment]
    merged_into: str | None
    merged_here: list[str]
    actions: list[Action]
    place: Standing

    def clock(self, metric: Metric) -> ClockView | None:
        """Return the latest clock of ``metric``."""
        return next((clock for clock in reversed(self.clocks) if clock.metric is metric), None)


def ticket(actor: Actor, number: str) -> Ticket:
    """Return the ticket; raise NotFound when absent or out of this person's sight."""
    found = db.session.scalar(visible(actor).where(Ticket.number == read_number(number)))
    if found is None:
        raise NotFound(number=number)
    return found


def view(actor: Actor, number: str, *, now: datetime, today: date) -> TicketView:
    """Return everything this person may read of the ticket, in a fixed number of statements.

    Raises NotFound.
    """
    found = db.session.execute(_one(actor), {"number": read_number(number)}).one_or_none()
    if found is None:
        raise NotFound(number=number)
    row, company, uscc, handler, site = found
    net = network()
    place = standing(actor, row, net)
    clocks = place.hanging.clocks
    is_requester = flow.Party.REQUESTER in place.held
    is_open_book = may_see_contact(actor, row, place.unit.path)
    hanging = place.hanging
    own = [clock for clock in clocks if clock.metric is not Metric.PART]
    return TicketView(
        ticket=row,
        unit=place.unit,
        origin=net.by_id[row.origin_unit_id],
        category=category(row.category),
        site=site,
        enterprise=enterprise_name(actor, row, company, place.unit.path),
        uscc=uscc if is_open_book or not row.is_confidential else None,
        contact=contact_view(row, is_open_book),
        handler=handler,
        handler_id=row.handler_id,
        light=light_of(row, now),
        clocks=[clock_view(clock, now) for clock in own if clock.state is not ClockState.CANCELLED],
        clock_rows=own,
        part_clocks={clock.nth: clock for clock in clocks if clock.metric is Metric.PART},
        parts=[] if is_requester else [(part, net.by_id[part.unit_id]) for part in hanging.parts],
        extensions=hanging.extensions,
        supervisions=[]
        if is_requester
        else [(case, net.by_id[case.unit_id]) for case in hanging.supervisions],
        attachments=files_of(actor, row, place),
        merged_into=hanging.merged_into,
        merged_here=hanging.merged_here,
        actions=actions_now(actor, place, now, today),
        place=place,
        net=net,
        is_requester=is_requester,
    )


@lru_cache(maxsize=REMEMBERED)
def _one(actor: Actor) -> Select[Any]:
    """The statement of one ticket. Building it costs more than running it, so each process remembers it."""
    found: Any = (
        visible(actor)
        .add_columns(Enterprise.name, Enterprise.uscc, User.name, Site)
        .join(Enterprise, Enterprise.id == Ticket.enterprise_id)
        .outerjoin(Site, Site.id == Ticket.site_id)
        .outerjoin(User, User.id == Ticket.handler_id)
        .where(Ticket.number == bindparam("number"))
    )
    statement: Select[Any] = found
    return statement


def contact_view(row: Ticket, is_open_book: bool) -> ContactView:
    """Return whom to call, masked unless the reader may read it."""
    if is_open_book:
        return ContactView(row.contact_name, row.contact_phone, row.contact_email, is_masked=False)
    return ContactView(
        mask_name(row.contact_name),
        mask_phone(row.contact_phone),
        mask_email(row.contact_email),
        is_masked=True,
    )


def clock_view(clock: Clock, now: datetime) -> ClockView:
    """Return a clock as it reads at ``now``."""
    is_late = clock.state is ClockState.RUNNING and now > clock.due_at
    return ClockView(
        metric=clock.metric,
        state=ClockState.BREACHED if is_late else clock.state,
        cycle=clock.cycle,
        limit=clock.limit,
        started_at=clock.started_at,
        due_at=clock.due_at,
        original_due_at=clock.original_due_at,
        warn_at=clock.warn_at,
        met_at=clock.met_at,
        is_provisional=clock.is_provisional,
        calendar_id=clock.calendar_id,
    )


# What was said is all a reader may see of what an event holds.
HISTORY = select(
    Event.ticket_id,
    Event.id,
    Event.seq,
    Event.at,
    Event.actor_id,
    Event.unit_id,
    Event.action,
    Event.from_status,
    Event.to_status,
    Event.data["said"].label("said"),
    Event.hash,
    # Looked up one by one: the planner takes a ticket's events for hundreds, and would read all users.
    select(User.name).where(User.id == Event.actor_id).scalar_subquery().label("name"),
).order_by(Event.ticket_id, Event.seq)
_OF_ONE = HISTORY.where(Event.ticket_id == bindparam("ticket"))


def history(found: TicketView) -> list[EventView]:
    """Return the events this person may see, oldest first; a company sees what the flow table shows it."""
    return seen(read(_OF_ONE, {"ticket": found.ticket.id}), found)


def seen(rows: Iterable[Row[Any]], found: Reading) -> list[EventView]:
    """Return what the reader may see of a ticket's ``rows`` of HISTORY."""
    made = [_event(row, found) for row in rows]
    return [event for event in made if event is not None]


def _event(event: Row[Any], found: Reading) -> EventView | None:
    said = event.said or {}
    shown = flow.TELLING[event.action].seen if event.action in flow.TELLING else None
    if found.is_requester:
        if event.action is Action.ATTACH and not said.get("is_internal"):
            shown = ("name",)
        if shown is None:
            return None
        said = {key: value for key, value in said.items() if key in shown}
    return EventView(
        id=event.id,
        seq=event.seq,
        at=event.at,
        actor=_actor_name(event, found),
        actor_id=event.actor_id,
        unit=found.net.by_id.get(event.unit_id) if event.unit_id else None,
        action=event.action,
        from_status=event.from_status.value if event.from_status else None,
        to_status=event.to_status.value,
        said=said,
        is_internal=shown is None,
        hash=event.hash,
    )


def _actor_name(event: Row[Any], found: Reading) -> str | None:
    """A confidential requester's name is masked like the rest of the contact."""
    name: str | None = event.name
    if name and event.unit_id is None and found.contact.is_masked and found.ticket.is_confidential:
        return mask_name(name)
    return name
