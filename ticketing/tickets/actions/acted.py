"""A ticket just acted upon, as the API gives it: what the action had read is not read again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import aliased

from ticketing.accounts.models import Enterprise, User
from ticketing.core.actor import Actor
from ticketing.core.db import db
from ticketing.network.models import Site
from ticketing.network.queries import Network
from ticketing.sla.models import Clock
from ticketing.tickets import flow
from ticketing.tickets.facts import Standing, actions_now, standing
from ticketing.tickets.models import Ticket
from ticketing.tickets.queries.card import Card, Filed, fresh_card, handler_away
from ticketing.tickets.queries.files import files_of
from ticketing.tickets.queries.routed import DISPATCHED, TAKEN_IN

_Target = aliased(Ticket)
_NAMES = (
    select(Enterprise, User.name, Site.code, _Target.number, TAKEN_IN, DISPATCHED)
    .select_from(Ticket)
    .join(Enterprise, Enterprise.id == Ticket.enterprise_id)
    .outerjoin(User, User.id == Ticket.handler_id)
    .outerjoin(Site, Site.id == Ticket.site_id)
    .outerjoin(_Target, _Target.id == Ticket.merged_into_id)
    .where(Ticket.id == bindparam("ticket_id"))
)


@dataclass(frozen=True, slots=True)
class Acted:
    """A ticket after an action, with what was read for it; ``place`` if the action changed none of it."""

    ticket: Ticket
    net: Network
    clocks: list[Clock]
    place: Standing | None


def acted_card(actor: Actor, acted: Acted, *, now: datetime, today: date) -> Card:
    """Return what this person, who could act on the ticket, may read of it now."""
    ticket, net = acted.ticket, acted.net
    company, handler, site, target, taken_in, dispatched = db.session.execute(
        _NAMES, {"ticket_id": ticket.id}
    ).one()
    place = acted.place or standing(actor, ticket, net, acted.clocks)
    plain = fresh_card(actor, Filed(ticket, company, site, net, acted.clocks, {}), now=now, today=today)
    is_requester = flow.Party.REQUESTER in place.held
    helping = [
        part.unit_id
        for part in place.hanging.parts
        if part.cycle == ticket.cycle and part.cancelled_at is None
    ]
    return replace(
        plain,
        origin=net.by_id[ticket.origin_unit_id],
        co_units=[net.by_id[unit_id] for unit_id in dict.fromkeys(helping)],
        handler=handler,
        handler_away=None if is_requester else handler_away(ticket, today),
        reply=None if is_requester and ticket.replied_at is None else ticket.reply,
        files=files_of(actor, ticket, place),
        actions=actions_now(actor, place, now, today),
        merged_into=target,
        taken_in_by=None if is_requester else taken_in,
        dispatched_by=None if is_requester else dispatched,
    )
