"""Which events call for somebody's hand, and which go out to whom over which channel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ticketing.notify.words import Channel, Reach
from ticketing.tickets.flow import Party
from ticketing.tickets.words import Action, Level

A, P = Action, Party
# Who has something to do after an event; whoever else is told reads it for information. What is not here, an
# escalation among others, calls upon everybody who is told.
DUTIES: dict[Action, frozenset[Party]] = {
    A.SUBMIT: frozenset({P.CLERK, P.STATION}),
    A.ACCEPT: frozenset({P.DISPATCHER, P.AREA}),
    A.REQUEST_INFO: frozenset({P.REQUESTER}),
    A.SUPPLY_INFO: frozenset({P.CLERK, P.STATION}),
    A.REJECT: frozenset({P.REQUESTER}),
    A.ANSWER_NOW: frozenset({P.REQUESTER, P.CALLER}),
    A.DISPATCH: frozenset({P.LIAISON, P.CO_UNIT}),
    A.SIGN: frozenset({P.HANDLER}),
    A.REQUEST_RETURN: frozenset({P.DISPATCHER, P.AREA}),
    A.RULE_RETURN: frozenset({P.LIAISON}),
    A.TRANSFER: frozenset({P.LIAISON}),
    A.UP_REPORT: frozenset({P.LIAISON}),
    A.SEND_DOWN: frozenset({P.LIAISON}),
    A.CONTACT: frozenset(),
    A.SUBMIT_REPLY: frozenset({P.LEADER}),
    A.APPROVE_REPLY: frozenset({P.REQUESTER, P.CALLER}),
    A.SEND_BACK: frozenset({P.HANDLER, P.CO_UNIT}),
    A.REVISIT: frozenset(),
    A.RATE: frozenset(),
    A.CLAIM: frozenset(),
    A.ASSIGN: frozenset({P.HANDLER}),
    A.INVITE: frozenset({P.CO_UNIT}),
    A.ASSIGN_PART: frozenset({P.CO_UNIT}),
    A.FINISH_PART: frozenset({P.LIAISON, P.HANDLER, P.CO_LEADER}),
    A.APPROVE_PART: frozenset({P.LIAISON, P.HANDLER}),
    A.SEND_BACK_PART: frozenset({P.CO_UNIT}),
    A.CANCEL_PART: frozenset(),
    A.REQUEST_EXTENSION: frozenset({P.LEADER, P.SUPERVISOR}),
    A.DECIDE_EXTENSION: frozenset({P.HANDLER}),
    A.SUSPEND: frozenset(),
    A.RESUME: frozenset({P.HANDLER}),
    A.MESSAGE: frozenset({P.HANDLER, P.CLERK}),
    A.NOTE: frozenset(),
    A.URGE: frozenset({P.LIAISON, P.HANDLER, P.LEADER, P.STATION}),
    A.SUPERVISE: frozenset({P.LIAISON, P.HANDLER, P.LEADER}),
    A.ANSWER_SUPERVISION: frozenset({P.SUPERVISOR}),
    A.REOPEN: frozenset({P.LIAISON, P.LEADER}),
    A.WITHDRAW: frozenset({P.HANDLER}),
    A.MERGE: frozenset(),
    A.UNMERGE: frozenset({P.LIAISON}),
    A.REVOKE_CARD: frozenset(),
    A.RECOUNT: frozenset(),
    A.HAND_OVER: frozenset({P.HANDLER}),
    A.MEET: frozenset({P.LIAISON}),
    A.CONSULTED: frozenset(),
}
_PRESSING = frozenset({Level.URGENT, Level.MAJOR})
# Steps from the due moment on: by their share, and the written notice the day after.
_DUE = ("100", "notice")


@dataclass(frozen=True, slots=True)
class Weight:
    """How an event weighs, whoever reads it. ``is_late``: found after a standstill; may wait for others."""

    is_urgent: bool
    is_late: bool


def weight(level: Level, said: Mapping[str, Any]) -> Weight:
    """Return how an event weighs by its ticket's level and by what it says of a step of escalation.

    Steps are named by the share of the allowance ("80", "100", "100+24h"); from the due moment on it presses.
    """
    is_overdue = str(said.get("step", "")).startswith(_DUE)
    return Weight(level in _PRESSING or is_overdue, bool(said.get("late")))


def goes_out(reach: Reach, *, is_duty: bool, is_urgent: bool) -> bool:
    """Return whether an event of this sort is within ``reach``."""
    match reach:
        case Reach.ALL:
            return True
        case Reach.DUTIES:
            return is_duty
        case Reach.URGENT:
            return is_duty and is_urgent
        case Reach.NONE:
            return False


def own_reach(reach: Reach, *, wants: bool | None) -> Reach:
    """Return what is left of ``reach`` by the person's own switch: duties cannot be switched off.

    ``wants`` None: the person has not chosen. Switched on, one gets everything.
    """
    if wants is None or reach is Reach.NONE:
        return reach
    if wants:
        return Reach.ALL
    return Reach.DUTIES if reach is Reach.ALL else reach


def widest(reaches: Iterable[Reach]) -> Reach:
    """Return the widest of what several roles of one person reach."""
    order = list(Reach)
    return max(reaches, key=order.index, default=Reach.NONE)


def may_be_switched(channel: Channel) -> bool:
    """Return whether people may switch the channel themselves: e-mail, for what they need not act on."""
    return channel is Channel.EMAIL
