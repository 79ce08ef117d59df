"""Before a request is accepted: others of the company that look like the same matter, and joining them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from ticketing.core.actor import Actor
from ticketing.tickets.likeness import Known
from ticketing.tickets.queries.alike import alike
from ticketing.tickets.queries.view import TicketView
from ticketing.tickets.web import base
from ticketing.tickets.words import Action, State
from ticketing.web.forms import fresh_key
from ticketing.web.texts import language


@dataclass(frozen=True, slots=True)
class Twin:
    """One request that looks alike. ``once``: the key of the form that joins the two, or none."""

    href: str
    number: str
    title: str
    state: str
    tone: str
    unit: str
    received_at: datetime
    once: str


def twins(action: Action, actor: Actor, found: TicketView, now: datetime) -> list[Twin]:
    """Return what looks like the request that is to be accepted; nothing for anything else that is done.

    Nor for those who may not know whose a confidential request is: its likes would tell.
    """
    ticket = found.ticket
    if action is not Action.ACCEPT or (ticket.is_confidential and found.contact.is_masked):
        return []
    known = alike(actor, ticket.enterprise_id, ticket.title, ticket.category, now=now, besides=ticket.number)
    return [_twin(one, may_merge=Action.MERGE in found.actions) for one in known]


def _twin(one: Known, *, may_merge: bool) -> Twin:
    is_target = may_merge and one.is_open and one.status is not State.REPLIED
    return Twin(
        href=url_for("tickets.show", number=one.number),
        number=one.number,
        title=one.title,
        state=base.state_word(one.status),
        tone=base.tone(one.status),
        unit=(one.unit_en or one.unit) if language() == "en" else one.unit,
        received_at=one.received_at,
        once=fresh_key() if is_target else "",
    )
