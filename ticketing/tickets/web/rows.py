"""Rows of a list as parts/queue_row.html shows them, with the one thing that can be done right there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from flask import url_for

from ticketing.core.actor import Actor
from ticketing.core.text import N_
from ticketing.network.queries import Network
from ticketing.sla.rules.lights import Light
from ticketing.tickets import flow
from ticketing.tickets.flow import Stake
from ticketing.tickets.labels import SECTIONS
from ticketing.tickets.queries.conditions import Section
from ticketing.tickets.queries.listing import TicketRow
from ticketing.tickets.rules import PAUSED_IN
from ticketing.tickets.web import base, hints, now
from ticketing.tickets.words import ENDED, Action, Level, State
from ticketing.web import filters
from ticketing.web.texts import gettext

SECTION_ICONS = {
    Section.OVERDUE: "stop",
    Section.TODAY: "clock",
    Section.REDO: "redo",
    Section.WAITING: "pause",
    Section.LATER: "list",
}


# What a light says while no time runs beside it.
LIGHT_WORDS = {
    Light.GREEN: N_("正常"),
    Light.YELLOW: N_("临期"),
    Light.RED: N_("已超时"),
    Light.GREY: N_("已暂停"),
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
    """One line of the queue, its moments and marks in words."""

    href: str
    number: str
    title: str
    company: str
    category: str
    state: str
    tone: str
    light: str
    due: str
    left: str
    is_over: bool
    unit: str
    handler: str
    last_word: str
    last_on: str
    last_exact: str
    last_ago: str
    marks: list[tuple[str, str]]
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
            parts.append(Part(section.value, gettext(SECTIONS[section]), SECTION_ICONS[section], held, total))
    return parts


def rows_of(tickets: Sequence[TicketRow], actor: Actor, net: Network, moment: datetime) -> list[Row]:
    """Return the rows of a page; ``net`` says what the person is to the units that have the tickets."""
    maker = _Maker(actor, net, moment)
    return [maker.row(ticket) for ticket in tickets]


class _Maker:
    """Makes the rows of one page for one person; what many of them share is worked out once."""

    def __init__(self, actor: Actor, net: Network, moment: datetime) -> None:
        self._actor, self._net, self._now = actor, net, moment
        self._is_english = base.locale() == "en"
        self._tickets = url_for("tickets.show", number="-").removesuffix("-")
        self._nobody = gettext("还没有人接手")
        self._light = cache(lambda light: gettext(LIGHT_WORDS[light]))
        self._quick_in = cache(self._action)
        self._state = cache(base.state_word)
        self._happened = cache(hints.happened)

    def row(self, ticket: TicketRow) -> Row:
        """Return one row."""
        is_paused = ticket.status in PAUSED_IN
        light = Light.GREY if is_paused else ticket.light
        left = "" if is_paused else filters.left(ticket.due_at, self._now)
        unit = (ticket.unit_name_en or ticket.unit_name) if self._is_english else ticket.unit_name
        return Row(
            href=self._tickets + ticket.number,
            number=ticket.number,
            title=ticket.title,
            company=ticket.enterprise,
            category=ticket.category_name_en if self._is_english else ticket.category_name,
            state=self._state(ticket.status),
            tone=base.tone(ticket.status),
            light=light.value,
            due=filters.exact(ticket.due_at),
            left=left or self._light(light),
            is_over=ticket.status in ENDED,
            unit=unit,
            handler=ticket.handler or self._nobody,
            last_word=self._happened(ticket.last_action),
            last_on=ticket.last_at.isoformat(),
            last_exact=filters.exact(ticket.last_at),
            last_ago=filters.ago(ticket.last_at, self._now),
            marks=_marks(ticket),
            quick=self._quick(ticket),
        )

    def _quick(self, ticket: TicketRow) -> Quick | None:
        """Signing, or taking what nobody has taken."""
        action = self._quick_in(ticket.status, ticket.unit_code)
        if action is None or (action is Action.CLAIM and ticket.handler is not None):
            return None
        href = url_for("tickets.act", number=ticket.number, action=action.value)
        key = now.KEYS.get(action, "")
        return Quick(hints.name_of(action, self._actor), href, key, now.quick(ticket.version))

    def _action(self, status: State, unit_code: str) -> Action | None:
        """The flow table says whether signing or taking is this person's in that state and unit."""
        unit = self._net.by_code[unit_code]
        stake = Stake(status=status, unit_path=unit.path, unit_kind=unit.kind, enterprise_id=0)
        open_to = flow.offers(status, flow.parties(self._actor, stake))
        return next((action for action in (Action.SIGN, Action.CLAIM) if action in open_to), None)


def _marks(ticket: TicketRow) -> list[tuple[str, str]]:
    """What sets a request apart: icon and word."""
    found = []
    if ticket.level is Level.URGENT:
        found.append(("warn", gettext("紧急")))
    if ticket.cycle > 1:
        found.append(("redo", gettext("重办")))
    if ticket.urge_count:
        found.append(("flag", gettext("催办 %(n)s 次", n=ticket.urge_count)))
    if ticket.is_confidential:
        found.append(("lock", gettext("保密")))
    return found
