"""One ticket as the API gives it: its facts, clocks and files, in few statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam
from sqlalchemy.orm import aliased

from ticketing.accounts.models import Enterprise, User
from ticketing.core.actor import Actor
from ticketing.core.db import db
from ticketing.core.errors import NotFound
from ticketing.duty.queries import AwayToday, away_today
from ticketing.network.models import Site
from ticketing.network.queries import Network, UnitInfo, network
from ticketing.sla.models import Clock
from ticketing.sla.rules.lights import Light
from ticketing.sla.words import Metric
from ticketing.tickets import flow
from ticketing.tickets.facts import Standing, actions_now, standing
from ticketing.tickets.models import Attachment, Ticket
from ticketing.tickets.queries.files import files_of
from ticketing.tickets.queries.listing import enterprise_name, light_of
from ticketing.tickets.queries.routed import DISPATCHED, TAKEN_IN
from ticketing.tickets.queries.view import REMEMBERED, ClockView, ContactView, clock_view, contact_view
from ticketing.tickets.rules import read_number
from ticketing.tickets.scope import may_see_contact, visible
from ticketing.tickets.words import Action

_Target = aliased(Ticket)


@dataclass(frozen=True, slots=True)
class Card:
    """What the API says of a ticket. ``reply`` is empty for the company until it was approved.

    ``taken_in_by`` and ``dispatched_by`` are what events keep of the rules; companies do not read them, nor
    whether the handler is away.
    """

    ticket: Ticket
    enterprise: str
    uscc: str | None
    is_verified: bool
    contact: ContactView
    site: str | None
    unit: UnitInfo
    origin: UnitInfo
    co_units: list[UnitInfo]
    handler: str | None
    handler_away: AwayToday | None
    reply: str | None
    light: Light
    clocks: list[ClockView]
    files: list[Attachment]
    actions: list[Action]
    merged_into: str | None
    taken_in_by: dict[str, Any] | None
    dispatched_by: dict[str, Any] | None


class Company(NamedTuple):
    """What a ticket says of its company."""

    name: str
    uscc: str | None
    is_verified: bool


@dataclass(frozen=True, slots=True)
class Filed:
    """A request just written, with what was read for it. ``site`` is the place's code."""

    ticket: Ticket
    company: Company
    site: str | None
    net: Network
    clocks: list[Clock]
    routed: dict[str, Any]


def fresh_card(actor: Actor, filed: Filed, *, now: datetime, today: date) -> Card:
    """Return what this person may read of a ticket just filed, without asking the database again."""
    ticket, company = filed.ticket, filed.company
    place = standing(actor, ticket, filed.net, filed.clocks, is_fresh=True)
    is_open_book = may_see_contact(actor, ticket, place.unit.path)
    return Card(
        ticket=ticket,
        enterprise=enterprise_name(actor, ticket, company.name, place.unit.path),
        uscc=company.uscc if is_open_book or not ticket.is_confidential else None,
        is_verified=company.is_verified,
        contact=contact_view(ticket, is_open_book),
        site=filed.site,
        unit=place.unit,
        origin=place.unit,
        co_units=[],
        handler=None,
        handler_away=None,
        reply=None,
        light=light_of(ticket, now),
        clocks=[clock_view(clock, now) for clock in _latest(filed.clocks, ticket.cycle)],
        files=[],
        actions=actions_now(actor, place, now, today),
        merged_into=None,
        taken_in_by=None if flow.Party.REQUESTER in place.held else filed.routed or None,
        dispatched_by=None,
    )


def card(actor: Actor, number: str, *, now: datetime, today: date) -> Card:
    """Return what this person may read of the ticket; raise NotFound."""
    row = _row(actor, number)
    ticket = row[0]
    net = network()
    place = standing(actor, ticket, net)
    is_open_book = may_see_contact(actor, ticket, place.unit.path)
    is_requester = flow.Party.REQUESTER in place.held
    return Card(
        ticket=ticket,
        enterprise=enterprise_name(actor, ticket, row[1], place.unit.path),
        uscc=row[2] if is_open_book or not ticket.is_confidential else None,
        is_verified=row[3],
        contact=contact_view(ticket, is_open_book),
        site=row[5],
        unit=place.unit,
        origin=net.by_id[ticket.origin_unit_id],
        co_units=_co_units(place, net),
        handler=row[4],
        handler_away=None if is_requester else handler_away(ticket, today),
        reply=None if is_requester and ticket.replied_at is None else ticket.reply,
        light=light_of(ticket, now),
        clocks=[clock_view(clock, now) for clock in _latest(place.hanging.clocks, ticket.cycle)],
        files=files_of(actor, ticket, place),
        actions=actions_now(actor, place, now, today),
        merged_into=row[6],
        taken_in_by=None if is_requester else row[7],
        dispatched_by=None if is_requester else row[8],
    )


def handler_away(ticket: Ticket, today: date) -> AwayToday | None:
    """Return until when the named handler is away, if that is so today."""
    return away_today(ticket.handler_id, today) if ticket.handler_id is not None else None


def _row(actor: Actor, number: str) -> Any:
    known = read_number(number)
    found = db.session.execute(_one(actor), {"number": known}).one_or_none() if known else None
    if found is None:
        raise NotFound(number=number)
    return found


@lru_cache(maxsize=REMEMBERED)
def _one(actor: Actor) -> Select[Any]:
    """The statement of one ticket; each process remembers it."""
    found: Select[Any] = (
        visible(actor)
        .add_columns(
            Enterprise.name,
            Enterprise.uscc,
            Enterprise.is_verified,
            User.name,
            Site.code,
            _Target.number,
            TAKEN_IN,
            DISPATCHED,
        )
        .join(Enterprise, Enterprise.id == Ticket.enterprise_id)
        .outerjoin(User, User.id == Ticket.handler_id)
        .outerjoin(Site, Site.id == Ticket.site_id)
        .outerjoin(_Target, _Target.id == Ticket.merged_into_id)
        .where(Ticket.number == bindparam("number"))
    )
    return found


def _latest(clocks: list[Clock], cycle: int) -> list[Clock]:
    """Return the newest clock of each promise in the present cycle, in the order of the metrics."""
    newest = {clock.metric: clock for clock in clocks if clock.cycle == cycle}
    return [newest[metric] for metric in Metric if metric in newest and metric is not Metric.PART]


def _co_units(place: Standing, net: Network) -> list[UnitInfo]:
    """Return the units that help in the present cycle, in the order they were asked."""
    asked = [
        part for part in place.hanging.parts if part.cycle == place.facts.cycle and part.cancelled_at is None
    ]
    return [net.by_id[unit_id] for unit_id in dict.fromkeys(part.unit_id for part in asked)]
