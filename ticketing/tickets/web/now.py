"""What to do now: the most natural next step for this person in this state, and the others behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from flask import url_for

from ticketing.core.actor import Actor
from ticketing.core.local_day import local_date
from ticketing.sla.rules.lights import Light
from ticketing.sla.words import Metric
from ticketing.tickets import flow, forms, rules
from ticketing.tickets.queries.view import TicketView
from ticketing.tickets.web import hints
from ticketing.tickets.words import Action
from ticketing.web import errors
from ticketing.web.forms import fresh_key

# The first of these that the person may do is the one to do.
FIRST = (
    Action.RULE_RETURN,
    Action.APPROVE_REPLY,
    Action.DECIDE_EXTENSION,
    Action.ANSWER_SUPERVISION,
    Action.ACCEPT,
    Action.DISPATCH,
    Action.SIGN,
    Action.CONTACT,
    Action.APPROVE_PART,
    Action.FINISH_PART,
    Action.SUBMIT_REPLY,
    Action.REVISIT,
    Action.RESUME,
    Action.UNMERGE,
)
# What gives the request out of hand stands after what takes it further.
_GIVE_AWAY = frozenset(
    {
        Action.REQUEST_RETURN,
        Action.TRANSFER,
        Action.UP_REPORT,
        Action.SEND_DOWN,
        Action.REJECT,
        Action.MERGE,
        Action.WITHDRAW,
    }
)
# What people look for and do not find once its time is over.
_LOOKED_FOR = (Action.REQUEST_RETURN, Action.REQUEST_EXTENSION)
# Answered in a box at the end of the thread, on the page itself.
IN_THE_THREAD = (Action.CONTACT, Action.SUBMIT_REPLY, Action.MESSAGE, Action.NOTE)
KEYS = {
    Action.SIGN: "s",
    Action.CLAIM: "t",
    Action.CONTACT: "c",
    Action.SUBMIT_REPLY: "r",
    Action.ASSIGN: "a",
    Action.DISPATCH: "a",
    Action.ACCEPT: "y",
    Action.URGE: "u",
    Action.NOTE: "m",
}


@dataclass(frozen=True, slots=True)
class Button:
    """One thing to do, ready for parts/action_bar.html. With ``why`` it cannot be done now."""

    action: Action
    label: str
    href: str
    hint: str = ""
    key: str = ""
    is_danger: bool = False
    fields: dict[str, str] = field(default_factory=dict)
    why: str = ""


def first(found: TicketView) -> Action | None:
    """Return the one thing to do now, if anything is."""
    offered = set(found.actions)
    respond = found.clock(Metric.RESPOND)
    if respond is not None and respond.met_at is not None:
        offered.discard(Action.CONTACT)
    best = next((one for one in FIRST if one in offered), None)
    is_burning = found.light is Light.RED and not found.place.facts.has_open_supervision
    return Action.SUPERVISE if best is None and is_burning and Action.SUPERVISE in offered else best


def buttons(actor: Actor, found: TicketView, now: datetime) -> tuple[Button | None, list[Button]]:
    """Return the one thing to do now, and the others this person may do or would look for in vain."""
    best = first(found)
    rest = sorted((one for one in found.actions if one is not best), key=_GIVE_AWAY.__contains__)
    others = [_button(one, actor, found) for one in rest]
    return (_button(best, actor, found) if best else None), others + _in_vain(actor, found, now)


def _in_vain(actor: Actor, found: TicketView, now: datetime) -> list[Button]:
    """What is this person's in this state, but not any more: it says why."""
    place, told = found.place, []
    offered = flow.offers(found.ticket.status, place.held)
    for action in (one for one in _LOOKED_FOR if one in offered and one not in found.actions):
        why = rules.obstacle(action, place.facts, actor, place.held, now=now, today=local_date(now))
        if why is not None:
            told.append(Button(action, hints.name_of(action, actor), "", why=errors.sentence_of(why)))
    return told


def quick(version: int) -> dict[str, str]:
    """Return the hidden fields of a button that acts at once."""
    return {"version": str(version), "once": fresh_key()}


def _button(action: Action, actor: Actor, found: TicketView) -> Button:
    ticket = found.ticket
    href = url_for("tickets.act", number=ticket.number, action=action.value)
    return Button(
        action=action,
        label=hints.name_of(action, actor),
        href=f"#do-{action.value}" if action in IN_THE_THREAD else href,
        hint=hints.hint_of(action),
        key=KEYS.get(action, ""),
        is_danger=action in hints.DANGEROUS,
        fields={} if forms.has_questions(action) else quick(ticket.version),
    )
