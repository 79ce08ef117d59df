"""The dispatch desk: left the request, right whom to give it to and why; one request after the other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from ticketing.core import clock
from ticketing.core.actor import Actor, Role
from ticketing.core.errors import Invalid
from ticketing.core.text import N_
from ticketing.network import queries as network
from ticketing.tickets import labels
from ticketing.tickets.queries import listing
from ticketing.tickets.queries.listing import Sort
from ticketing.tickets.queries.view import EventView, TicketView, history
from ticketing.tickets.web import views, way
from ticketing.tickets.web.base import bp
from ticketing.tickets.web.proposing import Question, Suggestion, suggestions
from ticketing.tickets.words import Action, ReturnReason
from ticketing.web import keeping
from ticketing.web.guards import allow, current_actor
from ticketing.web.texts import gettext as _
from ticketing.web.texts import language

# The moves that name a unit: a person chooses whom the ticket goes to.
CHOOSING = frozenset({Action.DISPATCH, Action.RULE_RETURN, Action.SEND_DOWN, Action.TRANSFER})
DISPATCH, RETURNS = "dispatch", "returns"


@dataclass(frozen=True, slots=True)
class Returned:
    """What the unit says that sends the ticket back."""

    who: str
    at: datetime
    reason: str
    message: str
    basis: str
    suggested: str
    has_file: bool
    is_second: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """What else waits for the dispatcher."""

    label: str
    href: str
    count: int


@dataclass(frozen=True, slots=True)
class Aside:
    """What stands beside the form that chooses a unit."""

    suggestions: list[Suggestion]
    picked: str
    returned: Returned | None
    way: list[way.Stop]
    waiting: list[Waiting]
    next: str


@bp.get("/dispatching")
@allow(Role.DISPATCHER)
def dispatching() -> ResponseReturnValue:
    """Lead to the most pressing request that waits for a dispatcher; from there back here, to the next."""
    actor, now = current_actor(), clock.now()
    known = {view.key: view for view in views.views(actor, network.network())}
    for key, action in ((RETURNS, Action.RULE_RETURN), (DISPATCH, Action.DISPATCH)):
        page = listing.listing(actor, known[key].wanted, sort=Sort.DUE, limit=1, now=now)
        if page.rows:
            number, here = page.rows[0].number, url_for("tickets.dispatching")
            return redirect(url_for("tickets.act", number=number, action=action.value, next=here))
    return render_template("tickets/nothing_to_dispatch.html")


def aside(action: Action, actor: Actor, found: TicketView, now: datetime) -> Aside | None:
    """Return what stands beside the form of an action that chooses a unit; None for other actions."""
    if action not in CHOOSING:
        return None
    events = history(found)
    return Aside(
        suggestions=suggestions(Question(action, actor, found, events, now)),
        picked=request.form.get("pick", ""),
        returned=_returned(events, found) if action is Action.RULE_RETURN else None,
        way=way.way(events, found),
        waiting=_waiting(actor, found, now) if actor.holds(Role.DISPATCHER) else [],
        next=keeping.local_target(request.values.get("next")) or "",
    )


def picked(action: Action, typed: MultiDict[str, str]) -> MultiDict[str, str]:
    """Return what was typed with the suggestion that was picked as its unit.

    Raises Invalid when a suggestion and another unit were chosen both.
    """
    pick, other = typed.get("pick", ""), typed.get("unit", "")
    if action not in CHOOSING or not pick or pick == other:
        return typed
    if other:
        raise Invalid(fields={"unit": [N_("既选了建议的单位，又选了别的单位，请只留一个")]})
    chosen = typed.copy()
    chosen["unit"] = pick
    return chosen


def _returned(events: list[EventView], found: TicketView) -> Returned | None:
    asked = next((one for one in reversed(events) if one.action is Action.REQUEST_RETURN), None)
    if asked is None:
        return None
    said, net = asked.said, found.net
    locale = language()
    suggested = net.by_code.get(str(said.get("suggested_unit")))
    own = {one.seq for one in events if one.action is Action.ATTACH and one.unit == asked.unit}
    return Returned(
        who=asked.unit.label(locale) if asked.unit else asked.actor or "",
        at=asked.at,
        reason=_(labels.RETURN_REASONS[ReturnReason(said["reason_code"])]),
        message=str(said["message"]),
        basis=str(said.get("basis") or ""),
        suggested=suggested.label(locale) if suggested else "",
        has_file=bool(own),
        is_second=found.ticket.return_count > 1,
    )


def _waiting(actor: Actor, found: TicketView, now: datetime) -> list[Waiting]:
    known = {view.key: view for view in views.views(actor, found.net)}
    shown = {key: known[key] for key in (DISPATCH, RETURNS)}
    counts = listing.counts(actor, {key: view.wanted for key, view in shown.items()}, now=now)
    return [
        Waiting(_(view.label), url_for("tickets.queue", view=key), counts[key]) for key, view in shown.items()
    ]
