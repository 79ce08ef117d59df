"""Rows of a list as parts/queue_row.html shows them, with the one thing that can be done right there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _

from ticketing.core.actor import Actor
from ticketing.network.queries import Network
from ticketing.sla.rules.lights import Light
from ticketing.tickets import flow
from ticketing.tickets.flow import Stake
from ticketing.tickets.labels import SECTIONS
from ticketing.tickets.queries.conditions import Section
from ticketing.tickets.queries.listing import TicketRow
from ticketing.tickets.rules import PAUSED_IN
from ticketing.tickets.web import base, hints, now
from ticketing.tickets.words import ENDED, Action, Level

SECTION_ICONS = {
    Section.OVERDUE: "stop",
    Section.TODAY: "clock",
    Section.REDO: "redo",
    Section.WAITING: "pause",
    Section.LATER: "list",
}


@dataclass(frozen=True, slots=True)
class Quick:
    """A button in a row that acts at once."""

    label: str
    href: str
    key: str
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the queue."""

    href: str
    number: str
    title: str
    company: str
    category: str
    state: str
    tone: str
    light: str
    due_at: datetime | None
    is_paused: bool
    is_over: bool
    unit: str
    handler: str | None
    last_word: str
    last_at: datetime
    is_urgent: bool
    is_confidential: bool
    cycle: int
    urges: int
    quick: Quick | None


@dataclass(frozen=True, slots=True)
class Part:
    """One section of the queue with its rows on this page, and how many there are in all."""

    key: str
    title: str
    icon: str
    rows: list[Row]
    total: int


def sections(rows: list[tuple[Section, Row]], totals: dict[str, int]) -> list[Part]:
    """Return the rows under their sections, late first; sections without a row on this page are left out."""
    parts = []
    for section in Section:
        held = [row for where, row in rows if where is section]
        if held:
            total = totals.get(section.value, len(held))
            parts.append(Part(section.value, _(SECTIONS[section]), SECTION_ICONS[section], held, total))
    return parts


def row_of(ticket: TicketRow, actor: Actor, net: Network) -> Row:
    """Return one row; ``net`` says what the person is to the unit that has the ticket."""
    is_english = base.locale() == "en"
    return Row(
        href=url_for("tickets.show", number=ticket.number),
        number=ticket.number,
        title=ticket.title,
        company=ticket.enterprise,
        category=ticket.category_name_en if is_english else ticket.category_name,
        state=base.state_word(ticket.status),
        tone=base.tone(ticket.status),
        light=Light.GREY.value if ticket.status in PAUSED_IN else ticket.light.value,
        due_at=ticket.due_at,
        is_paused=ticket.status in PAUSED_IN,
        is_over=ticket.status in ENDED,
        unit=(ticket.unit_name_en or ticket.unit_name) if is_english else ticket.unit_name,
        handler=ticket.handler,
        last_word=hints.happened(ticket.last_action),
        last_at=ticket.last_at,
        is_urgent=ticket.level is Level.URGENT,
        is_confidential=ticket.is_confidential,
        cycle=ticket.cycle,
        urges=ticket.urge_count,
        quick=_quick(ticket, actor, net),
    )


def _quick(ticket: TicketRow, actor: Actor, net: Network) -> Quick | None:
    """Signing, or taking what nobody has taken: the flow table says whether it is this person's."""
    unit = net.by_code[ticket.unit_code]
    stake = Stake(status=ticket.status, unit_path=unit.path, unit_kind=unit.kind, enterprise_id=0)
    open_to = flow.offers(ticket.status, flow.parties(actor, stake))
    if Action.SIGN in open_to:
        action = Action.SIGN
    elif Action.CLAIM in open_to and ticket.handler is None:
        action = Action.CLAIM
    else:
        return None
    href = url_for("tickets.act", number=ticket.number, action=action.value)
    key = now.KEYS.get(action, "")
    return Quick(hints.name_of(action, actor), href, key, now.quick(ticket.version))
