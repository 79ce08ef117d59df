"""A ticket's way through the network: each move up, down and across, each return, with reason and time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ticketing.core.actor import is_within
from ticketing.core.text import N_
from ticketing.network.queries import UnitInfo
from ticketing.network.words import UnitKind
from ticketing.routing.words import WHYS, Why
from ticketing.tickets import flow, labels
from ticketing.tickets.queries.view import EventView, TicketView
from ticketing.tickets.web import hints
from ticketing.tickets.words import Action, ReturnReason, State
from ticketing.web.texts import gettext as _
from ticketing.web.texts import language

# Levels from left to right, as they are drawn.
LANES = {UnitKind.CENTRE: 0, UnitKind.AREA: 1, UnitKind.STATION: 2, UnitKind.DEPARTMENT: 3}
LEVELS = {
    UnitKind.CENTRE: N_("区中心"),
    UnitKind.AREA: N_("片区中心"),
    UnitKind.STATION: N_("服务站"),
    UnitKind.DEPARTMENT: N_("部门"),
}
_REASONS = ("message", "note", "reason")


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop. ``before``: the lane the ticket came from, None at the first; ``look``: how it is drawn."""

    name: str
    level: str
    lane: int
    before: int | None
    look: str
    how: str
    came: str
    at: datetime
    who: str
    reason: str
    rule: str


def way(events: Iterable[EventView], found: TicketView) -> list[Stop]:
    """Return the stops of a ticket's way, the first first."""
    stops: list[Stop] = []
    last: UnitInfo | None = None
    for event in events:
        unit = _where(event, found, last)
        if unit is None:
            continue
        stops.append(_stop(event, unit, last))
        last = unit
    return stops


def _where(event: EventView, found: TicketView, last: UnitInfo | None) -> UnitInfo | None:
    """Return where the ticket is after an event that belongs to its way; None when it does not."""
    if event.action is Action.REQUEST_RETURN:
        return last
    is_move = event.action in flow.HANDS_OVER or event.to_status == State.DISPATCHED
    if not is_move and event.action is not Action.SUBMIT:
        return None
    return found.net.by_code.get(str(event.said.get("unit", "")))


def _stop(event: EventView, unit: UnitInfo, last: UnitInfo | None) -> Stop:
    is_return = event.action is Action.REQUEST_RETURN
    look = "start" if last is None else "return" if is_return else "stay" if unit == last else "move"
    return Stop(
        name=unit.label(language()),
        level=_(LEVELS[unit.kind]),
        lane=LANES[unit.kind],
        before=None if last is None else LANES[last.kind],
        look=look,
        how=hints.happened(event.action),
        came=_came(unit, last),
        at=event.at,
        who=event.actor or _("系统"),
        reason=_reason(event),
        rule=ruled(event),
    )


def _came(unit: UnitInfo, last: UnitInfo | None) -> str:
    """Say which way the ticket went, for those who do not see the drawing."""
    if last is None or unit == last:
        return ""
    names = {"old": last.label(language()), "new": unit.label(language())}
    if is_within(last.path, unit.path):
        return _("向上：从%(old)s到%(new)s", **names)
    if is_within(unit.path, last.path):
        return _("向下：从%(old)s到%(new)s", **names)
    return _("平级：从%(old)s到%(new)s", **names)


def _reason(event: EventView) -> str:
    text = next((str(event.said[name]) for name in _REASONS if event.said.get(name)), "")
    if event.action is not Action.REQUEST_RETURN:
        return text
    basis = event.said.get("basis")
    if basis:
        text = _("%(words)s（依据：%(basis)s）", words=text, basis=basis)
    code = _(labels.RETURN_REASONS[ReturnReason(event.said["reason_code"])])
    return _("%(reason)s：%(words)s", reason=code, words=text)


def ruled(event: EventView) -> str:
    """Return by which rule it happened, in the reader's words; "" where no rule had a say."""
    said = event.said.get("rule")
    if not said:
        return ""
    if said["why"] != Why.RULE:
        return _(WHYS[Why(said["why"])])
    name = (said["name_en"] or said["name"]) if language() == "en" else said["name"]
    words = _(
        "规则 %(code)s：%(name)s（第 %(version)s 版）", code=said["code"], name=name, version=said["version"]
    )
    return words if said.get("is_followed", True) else _("%(rule)s，派单员另选了单位", rule=words)
