"""Units proposed to the dispatcher, each with its reasons. A proposal never decides: a person chooses.

Each source is a function that yields units with a reason; a further source is one more line in SOURCES.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from flask import url_for

from ticketing.core.actor import Actor
from ticketing.core.local_day import local_date
from ticketing.network.queries import UnitInfo
from ticketing.network.words import UnitKind
from ticketing.tickets.queries import suggesting
from ticketing.tickets.queries.routed import proposal
from ticketing.tickets.queries.view import EventView, TicketView
from ticketing.tickets.web import base
from ticketing.tickets.words import Action
from ticketing.web.texts import gettext as _
from ticketing.web.texts import language

MOST = 3
_TERRITORIAL = frozenset({UnitKind.AREA, UnitKind.STATION})


@dataclass(frozen=True, slots=True)
class Question:
    """To whom a ticket could go: who asks, by which action, when, and what happened to the ticket."""

    action: Action
    actor: Actor
    found: TicketView
    events: list[EventView]
    now: datetime


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a unit is proposed; ``href`` leads to what says so."""

    words: str
    href: str = ""


@dataclass(slots=True)
class Suggestion:
    """One unit with everything that speaks for it; ``key`` chooses it."""

    unit: UnitInfo
    key: str
    reasons: list[Reason] = field(default_factory=list)


Source = Callable[[Question], Iterable[tuple[UnitInfo, Reason]]]


def from_the_return(asked: Question) -> Iterator[tuple[UnitInfo, Reason]]:
    """Yield the unit that the unit which sends the ticket back would give it to."""
    if asked.action is not Action.RULE_RETURN:
        return
    last = next((one for one in reversed(asked.events) if one.action is Action.REQUEST_RETURN), None)
    unit = asked.found.net.by_code.get(str(last.said.get("suggested_unit"))) if last else None
    if unit is not None:
        yield unit, Reason(_("退单的单位建议"))


def from_the_rules(asked: Question) -> Iterator[tuple[UnitInfo, Reason]]:
    """Yield the units the routing rules propose."""
    net = asked.found.net
    decided = proposal(asked.found.ticket, net, local_date(asked.now))
    if decided.rule is None:
        return
    words = _("规则 %(code)s：%(name)s", code=decided.rule.code, name=decided.rule.label(language()))
    href = url_for("routing.rule", code=decided.rule.code)
    for unit_id in decided.units:
        yield net.by_id[unit_id], Reason(words, href)


def from_the_place(asked: Question) -> Iterator[tuple[UnitInfo, Reason]]:
    """Yield the station or area that took the request in."""
    origin = asked.found.origin
    if asked.action is not Action.RULE_RETURN and origin.kind in _TERRITORIAL:
        yield origin, Reason(_("最先接到的单位，就地能办的由它办"))


def from_the_history(asked: Question) -> Iterator[tuple[UnitInfo, Reason]]:
    """Yield the departments that led requests like this one, with the words that say so and the hit rate."""
    if asked.action is Action.SEND_DOWN:
        return
    ticket = asked.found.ticket
    text = f"{ticket.title}\n{ticket.description}"
    guess = suggesting.departments(text, ticket.category, asked.found.net)
    for one in guess.offers:
        words = _("、").join(_("“%(word)s”", word=word) for word in one.words) or _("这个类别")
        why = _("以往类似的诉求由它办，%(n)s%% 的把握，看的是%(words)s", n=one.percent, words=words)
        rate = _(
            "这样的推测，%(n)s 件里前三个猜中 %(three)s%%",
            n=guess.latest.asked,
            three=guess.latest.three_percent,
        )
        yield asked.found.net.by_code[one.code], Reason(f"{why}{_('。')}{rate}")


SOURCES: tuple[Source, ...] = (from_the_return, from_the_rules, from_the_history, from_the_place)


def suggestions(asked: Question) -> list[Suggestion]:
    """Return the units proposed, at most MOST, each once with all its reasons; only such as can be chosen."""
    open_to = {unit.id for unit in base.choosable(asked.action, asked.actor, asked.found)}
    found: dict[int, Suggestion] = {}
    for source in SOURCES:
        for unit, reason in source(asked):
            if unit.id in open_to:
                known = found.setdefault(unit.id, Suggestion(unit, str(len(found) + 1)))
                known.reasons.append(reason)
    return list(found.values())[:MOST]
