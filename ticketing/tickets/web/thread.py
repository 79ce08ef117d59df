"""A ticket's history as one thread: what people wrote, and what happened in between, folded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from ticketing.core import clock
from ticketing.network.queries import Network
from ticketing.tickets import company_words, escalation_words, flow, labels
from ticketing.tickets.forms import SATISFACTIONS
from ticketing.tickets.queries.view import EventView, Reading
from ticketing.tickets.web import hints, way
from ticketing.tickets.words import (
    Action,
    Card,
    ContactOutcome,
    Level,
    MeetingPhase,
    RejectReason,
    ReturnReason,
    Solved,
    SuspendReason,
)
from ticketing.web import filters
from ticketing.web.texts import gettext as _
from ticketing.web.texts import language, ngettext

# What of the said is running text, the most important first.
TEXTS = ("reply", "body", "message", "demand", "reason", "comment", "note")
_REASONS: dict[Action, type[RejectReason] | type[ReturnReason] | type[SuspendReason]] = {
    Action.REJECT: RejectReason,
    Action.REQUEST_RETURN: ReturnReason,
    Action.SUSPEND: SuspendReason,
}


@dataclass(frozen=True, slots=True)
class Said:
    """One thing somebody wrote. ``way``: in from the company, out to it, or note among staff."""

    who: str
    about: str
    at: datetime
    what: str
    facts: str
    body: str
    way: str


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened without many words."""

    who: str
    at: datetime
    what: str
    facts: str


@dataclass(frozen=True, slots=True)
class Fold:
    """Neighbouring lines, shown together."""

    lines: list[Line] = field(default_factory=list)


def thread(events: list[EventView], found: Reading) -> list[Said | Fold]:
    """Return the thread, oldest first."""
    entries: list[Said | Fold] = []
    approved = {event.said.get("reply") for event in events if event.action is Action.APPROVE_REPLY}
    for event in events:
        is_repeated = event.action is Action.SUBMIT_REPLY and event.said.get("reply") in approved
        name = None if is_repeated else text_field(event)
        if name:
            entries.append(_said(event, name, found))
            continue
        if not entries or isinstance(entries[-1], Said):
            entries.append(Fold())
        last = entries[-1]
        if isinstance(last, Fold):
            last.lines.append(_line(event, found))
    return entries


def text_of(event: EventView) -> str:
    """Return what somebody wrote, as far as the reader may see it; empty when there is nothing."""
    name = text_field(event)
    return str(event.said[name]) if name else ""


def text_field(event: EventView) -> str | None:
    """Return which of the said is the running text."""
    if event.action is Action.REVEAL:
        return None
    return next((name for name in TEXTS if event.said.get(name)), None)


def _said(event: EventView, name: str, found: Reading) -> Said:
    seen = flow.TELLING[event.action].seen if event.action in flow.TELLING else None
    is_theirs = event.unit is None
    way = "note" if seen is None or name not in seen else "in" if is_theirs else "out"
    return Said(
        who=event.actor or _("系统"),
        about=found.enterprise if is_theirs else unit_name(event),
        at=event.at,
        what="" if event.action in {Action.MESSAGE, Action.NOTE} else hints.happened(event.action),
        facts=" · ".join(facts(event, found, name)),
        body=str(event.said[name]),
        way=way,
    )


def _line(event: EventView, found: Reading) -> Line:
    who = " ".join(part for part in (unit_name(event), event.actor or _("系统")) if part)
    return Line(who, event.at, hints.happened(event.action), " · ".join(facts(event, found)))


def unit_name(event: EventView) -> str:
    """Return the unit somebody acted for, in the reader's language; empty for a company's people."""
    return event.unit.label(language()) if event.unit else ""


def facts(event: EventView, found: Reading, but: str = "") -> list[str]:
    """Return what was said beside the field ``but``, each in a few words."""
    told = [
        _TOLD[key](value, event, found.net)
        for key, value in event.said.items()
        if key in _TOLD and key != but and value
    ]
    for key, yes, no in (
        ("approve", _("已同意"), _("未同意")),
        ("uphold", _("已同意退单"), _("退回原单位")),
        ("reached", _("联系上了"), _("没有联系上")),
    ):
        if key in event.said:
            told.append(yes if event.said[key] else no)
    return [text for text in told if text]


def _unit(code: Any, _event: EventView, net: Network) -> str:
    unit = net.by_code.get(str(code))
    return unit.label(language()) if unit else str(code)


def _other_unit(code: Any, event: EventView, net: Network) -> str:
    """The unit said, unless it is the one of whoever says it: that stands beside the name."""
    return "" if event.unit and event.unit.code == code else _unit(code, event, net)


def _units(codes: Any, event: EventView, net: Network) -> str:
    return str(_("协办：%(units)s", units=_named(codes, event, net)))


def _named(codes: Any, event: EventView, net: Network) -> str:
    return str(_("、").join(_unit(code, event, net) for code in codes))


def _reason(code: Any, event: EventView, _net: Network) -> str:
    kind = _REASONS.get(event.action)
    return _(labels.ALL[kind][kind(code)]) if kind else str(code)


def _moment(text: Any, _event: EventView, _net: Network) -> str:
    return str(_("截止 %(when)s", when=filters.dated(datetime.fromisoformat(str(text)))))


def _day(text: Any, _event: EventView, _net: Network) -> str:
    return str(_("%(day)s 恢复", day=filters.day(date.fromisoformat(str(text)), clock.now())))


def _plain(value: Any, _event: EventView, _net: Network) -> str:
    return str(value)


_TOLD: dict[str, Callable[[Any, EventView, Network], str]] = {
    "unit": _other_unit,
    "co_units": _units,
    "parts_again": lambda codes, event, net: _("继续协办：%(units)s", units=_named(codes, event, net)),
    "basis": lambda text, _e, _n: _("依据：%(basis)s", basis=text),
    "suggested_unit": lambda code, event, net: _("建议：%(unit)s", unit=_unit(code, event, net)),
    "reason_code": _reason,
    "outcome": lambda word, _e, _n: _(labels.OUTCOMES[ContactOutcome(word)]),
    "solved": lambda word, _e, _n: _(labels.SOLVED[Solved(word)]),
    "satisfaction": lambda score, _e, _n: _(SATISFACTIONS[str(score)]),
    "level": lambda word, _e, _n: _(labels.LEVELS[Level(word)]),
    "days": lambda days, _e, _n: ngettext("%(num)s 个工作日", "%(num)s 个工作日", days),
    "hours": lambda hours, _e, _n: ngettext("%(num)s 小时", "%(num)s 小时", hours),
    "due_at": _moment,
    "resume_on": _day,
    "into": _plain,
    "from": _plain,
    "without": _plain,
    "name": _plain,
    "tries": lambda tries, _e, _n: _("第 %(n)s 次", n=tries),
    "is_final": lambda _v, _e, _n: _("最终裁定"),
    "joint_meeting": lambda _v, _e, _n: _("转区中心会商"),
    "reason": _plain,
    "card": lambda word, _e, _n: _(labels.CARDS[Card(word)]),
    "step": lambda step, event, _n: escalation_words.step_said(event.said.get("metric"), step),
    "audience": lambda words, _e, _n: _("告知：%(people)s", people=escalation_words.audience_said(words)),
    "moved": lambda promises, _e, _n: company_words.moved(promises),
    "demands": lambda demands, _e, net: company_words.moved(demands, net),
    "because": _plain,
    "rule": lambda _s, event, _n: way.ruled(event),
    "meeting": _plain,
    "phase": lambda word, _e, _n: _(labels.MEETING_PHASES[MeetingPhase(word)]),
    "starts_at": lambda text, _e, _n: filters.dated(datetime.fromisoformat(str(text))),
    "place": _plain,
}
