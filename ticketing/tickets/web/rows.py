"""Rows of a list as parts/queue_row.html shows them, with the one thing that can be done right there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from types import MappingProxyType

from flask import get_template_attribute, url_for
from markupsafe import Markup

from ticketing.core.actor import Actor
from ticketing.core.text import N_
from ticketing.network.queries import Network
from ticketing.network.words import UnitKind
from ticketing.sla.rules.lights import Light
from ticketing.tickets import flow
from ticketing.tickets.flow import Stake
from ticketing.tickets.labels import ACTIONS, SECTIONS
from ticketing.tickets.queries.conditions import Section
from ticketing.tickets.queries.listing import TicketRow
from ticketing.tickets.rules import PAUSED_IN
from ticketing.tickets.web import base, hints, now
from ticketing.tickets.web.finds import Find
from ticketing.tickets.words import ENDED, Action, Level, State
from ticketing.web import filters
from ticketing.web.texts import gettext, language

_REMEMBERED = 2048
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
    version: int


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the queue, its moments and marks in words."""

    href: str
    number: str
    version: int
    seen: str
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
    why: tuple[Markup, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One section of the queue with its rows on this page, and how many there are in all."""

    key: str
    title: str
    icon: str
    rows: list[Markup]
    total: int


def sections(rows: list[tuple[Section, Markup]], totals: dict[str, int]) -> list[Part]:
    """Return the rows under their sections, late first; sections without a row on this page are left out."""
    parts = []
    for section in Section:
        held = [row for where, row in rows if where is section]
        if held:
            total = totals.get(section.value, len(held))
            parts.append(Part(section.value, gettext(SECTIONS[section]), SECTION_ICONS[section], held, total))
    return parts


def rows_of(
    tickets: Sequence[TicketRow],
    actor: Actor,
    net: Network,
    moment: datetime,
    found: Mapping[int, Find] = MappingProxyType({}),
) -> list[Markup]:
    """Return the lines of a page; ``net`` says what the person is to the units that have the tickets.

    ``found`` says what was searched for in each.

    What stands in a line says how it looks, to the minute. So each process remembers the lines it drew: who
    comes back from one request finds the other forty-nine as they were.
    """
    quick_in = cache(lambda status, unit_code: _quick_in(status, unit_code, actor, net))
    spoken, minute = language(), moment.replace(second=0, microsecond=0)
    lines = []
    for ticket in tickets:
        action = quick_in(ticket.status, ticket.unit_code)
        if action is Action.CLAIM and ticket.handler is not None:
            action = None
        lines.append(_drawn(ticket, action, spoken, minute, found.get(ticket.id)))
    return lines


def _quick_in(status: State, unit_code: str, actor: Actor, net: Network) -> Action | None:
    """The flow table says whether signing or taking is this person's in that state and unit."""
    unit = net.by_code[unit_code]
    open_to = open_actions(actor, status, unit.path, unit.kind)
    return next((action for action in (Action.SIGN, Action.CLAIM) if action in open_to), None)


@lru_cache(maxsize=_REMEMBERED)
def open_actions(actor: Actor, status: State, unit_path: str, unit_kind: UnitKind) -> tuple[Action, ...]:
    """Return what the flow table opens to the person in that state and unit, whoever is named handler."""
    stake = Stake(status=status, unit_path=unit_path, unit_kind=unit_kind, enterprise_id=0)
    return tuple(flow.offers(status, flow.parties(actor, stake)))


@lru_cache(maxsize=_REMEMBERED)
def _drawn(
    ticket: TicketRow, quick: Action | None, language: str, minute: datetime, found: Find | None
) -> Markup:
    """One line as HTML: all that it depends on is named, whoever looks."""
    draw = get_template_attribute("parts/queue_row.html", "queue_row")
    row = _row(ticket, quick, language == "en", minute)
    drawn: Markup = draw(row, found or row)
    return drawn


def seen(ticket: TicketRow) -> str:
    """Return what tells a drawn line from one that was drawn before something happened."""
    return f"{ticket.version}.{ticket.light.value}"


def _row(ticket: TicketRow, quick: Action | None, is_english: bool, moment: datetime) -> Row:
    is_paused = ticket.status in PAUSED_IN
    light = Light.GREY if is_paused else ticket.light
    left = "" if is_paused else filters.left(ticket.due_at, moment)
    return Row(
        href=url_for("tickets.show", number=ticket.number),
        number=ticket.number,
        version=ticket.version,
        seen=seen(ticket),
        title=ticket.title,
        company=ticket.enterprise,
        category=ticket.category_name_en if is_english else ticket.category_name,
        state=base.state_word(ticket.status),
        tone=base.tone(ticket.status),
        light=light.value,
        due=filters.exact(ticket.due_at),
        left=left or gettext(LIGHT_WORDS[light]),
        is_over=ticket.status in ENDED,
        unit=(ticket.unit_name_en or ticket.unit_name) if is_english else ticket.unit_name,
        handler=ticket.handler or gettext("还没有人接手"),
        last_word=hints.happened(ticket.last_action),
        last_on=ticket.last_at.isoformat(),
        last_exact=filters.exact(ticket.last_at),
        last_ago=filters.ago(ticket.last_at, moment),
        marks=_marks(ticket),
        quick=_quick(quick, ticket) if quick else None,
    )


def _quick(action: Action, ticket: TicketRow) -> Quick:
    href = url_for("tickets.act", number=ticket.number, action=action.value)
    return Quick(gettext(ACTIONS[action]), href, now.KEYS.get(action, ""), ticket.version)


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
