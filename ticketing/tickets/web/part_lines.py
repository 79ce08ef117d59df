"""The co-units' parts as the ticket's page shows them, and their replies taken over into the answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from ticketing.network.queries import UnitInfo
from ticketing.sla.rules.lights import Light
from ticketing.sla.words import ClockState
from ticketing.tickets.models import Part
from ticketing.tickets.queries.helping import part_light
from ticketing.tickets.queries.view import TicketView
from ticketing.tickets.words import Action
from ticketing.web import filters
from ticketing.web.texts import gettext as _
from ticketing.web.texts import language


@dataclass(frozen=True, slots=True)
class PartLine:
    """One co-unit's part; ``light`` while it is open, ``at``: when it ended, else when it is due."""

    unit: str
    state: str
    tone: str
    light: str
    left: str
    at: datetime
    message: str
    reply: str
    because: str
    cancel_href: str


def lines(found: TicketView, now: datetime) -> list[PartLine]:
    """Return the parts of the present round: what is late first, then what is open, then what is over."""
    made = [_line(found, part, unit, now) for part, unit in found.parts if part.cycle == found.ticket.cycle]
    order = [Light.RED.value, Light.YELLOW.value, Light.GREEN.value, Light.GREY.value, ""]
    return sorted(made, key=lambda one: order.index(one.light))


def _line(found: TicketView, part: Part, unit: UnitInfo, now: datetime) -> PartLine:
    is_open = part.finished_at is None and part.cancelled_at is None
    clock = found.part_clocks.get(part.clock_nth or 0)
    is_waiting = clock is not None and clock.state is ClockState.PAUSED
    light = part_light(part.due_at, clock.warn_at if clock else None, now, is_waiting=is_waiting)
    may_cancel = is_open and Action.CANCEL_PART in found.actions
    if part.finished_at:
        state, tone = _("已完成"), ""
    elif part.cancelled_at:
        state, tone = _("已取消"), ""
    else:
        state, tone = (_("待签发"), "wait") if part.handed_in_at else (_("办理中"), "open")
    return PartLine(
        unit=unit.label(language()),
        state=state,
        tone=tone,
        light=light.value if is_open else "",
        left=_("已暂停") if is_waiting else filters.left(part.due_at, now),
        at=part.finished_at or part.cancelled_at or part.due_at,
        message=part.message,
        reply=part.reply or "",
        because=part.cancelled_because or "",
        cancel_href=url_for(
            "tickets.act", number=found.ticket.number, action=Action.CANCEL_PART.value, unit=unit.code
        )
        if may_cancel
        else "",
    )


def finished(found: TicketView) -> list[tuple[str, str]]:
    """Return the signed-off replies of the present round: the unit's name and its words."""
    return [
        (unit.label(language()), part.reply or "")
        for part, unit in found.parts
        if part.cycle == found.ticket.cycle and part.finished_at is not None
    ]


def take_over_href(found: TicketView) -> str:
    """Return where an answer under way is given the co-units' replies; empty when there is none."""
    if Action.SUBMIT_REPLY not in found.actions or not finished(found):
        return ""
    return url_for("tickets.take_over", number=found.ticket.number)


def taken_over(typed: str, replies: list[tuple[str, str]]) -> str:
    """Return what was typed with the replies behind it, each under its unit's name, none of them twice."""
    told = [_("%(unit)s：%(reply)s", unit=unit, reply=reply) for unit, reply in replies if reply not in typed]
    return "\n\n".join(part for part in (typed.strip(), *told) if part)
