"""From one request to the next: nobody has to go back to the list in between."""

from __future__ import annotations

from collections.abc import Iterator

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from ticketing.core import clock
from ticketing.core.actor import Actor, Role
from ticketing.network import queries as network
from ticketing.network.queries import Network
from ticketing.tickets.flow import FLOW
from ticketing.tickets.queries.conditions import Filters
from ticketing.tickets.queries.listing import Sort, TicketRow, listing
from ticketing.tickets.queries.meanwhile import names
from ticketing.tickets.web import kept, rows, views
from ticketing.tickets.web.base import bp
from ticketing.tickets.words import Action, State
from ticketing.web.guards import allow, current_actor
from ticketing.web.texts import gettext as _

# Those who work through a queue; the others look where they like.
LED_ON = (
    Role.INTAKE_CLERK,
    Role.DISPATCHER,
    Role.CALLER,
    Role.STATION_HEAD,
    Role.LIAISON,
    Role.HANDLER,
    Role.UNIT_LEADER,
)
# What is somebody's to do in these states, whatever else is known of the ticket.
_STEPS = frozenset(
    {
        Action.ACCEPT,
        Action.DISPATCH,
        Action.RULE_RETURN,
        Action.SIGN,
        Action.CONTACT,
        Action.SUBMIT_REPLY,
        Action.APPROVE_REPLY,
        Action.REVISIT,
    }
)
_STATES = frozenset(state for action in _STEPS for state in FLOW[action].sources)
_OF_THE_HANDLER = frozenset({Action.CONTACT, Action.SUBMIT_REPLY})
# How many requests passed over the address remembers.
_MOST_PASSED = 30
# So many are looked through at once, and so often: in a large unit most are in colleagues' hands.
_AT_ONCE, _MOST_LOOKS = 100, 5


def href(actor: Actor, number: str) -> str:
    """Return the address that leads on from a ticket; empty for those who work through no queue.

    What was passed over on the way here stays passed over, until something has been done.
    """
    if not actor.holds(*LED_ON):
        return ""
    passed = [*request.args.getlist("passed"), number][-_MOST_PASSED:]
    return url_for("tickets.following", passed=list(dict.fromkeys(passed)))


@bp.get("/next")
@allow(*LED_ON)
def following() -> ResponseReturnValue:
    """Lead to the most pressing request in which a step is this person's, but for those passed over."""
    actor, net = current_actor(), network.network()
    passed = request.args.getlist("passed")
    # A list has names of handlers: one's own, and of those one stands in for.
    own = {actor.name, *names(set(actor.stands_in_for)).values()}
    for ticket in _most_pressing(actor, net):
        is_colleagues = ticket.handler is not None and ticket.handler not in own
        if ticket.number not in passed and _has_a_step(actor, ticket, net, is_colleagues=is_colleagues):
            return redirect(url_for("tickets.show", number=ticket.number, passed=passed[-_MOST_PASSED:]))
    flash(_("没有别的等您办的了。"), "info")
    return redirect(url_for("tickets.queue"))


def _most_pressing(actor: Actor, net: Network) -> Iterator[TicketRow]:
    """Yield what stands in the person's queue where somebody has a step, the most pressing first."""
    states = _STATES if actor.holds(Role.CALLER) else _STATES - {State.REPLIED}
    todo = kept.narrowed(views.views(actor, net)[0].wanted, Filters(statuses=states))
    now, cursor = clock.now(), None
    for _look in range(_MOST_LOOKS):
        page = listing(actor, todo, sort=Sort.DUE, cursor=cursor, limit=_AT_ONCE, now=now)
        yield from page.rows
        cursor = page.next_cursor
        if cursor is None:
            return


def _has_a_step(actor: Actor, ticket: TicketRow, net: Network, *, is_colleagues: bool) -> bool:
    """Whether the flow table opens a next step to the person; what is a colleague's in hand is that one's."""
    unit = net.by_code[ticket.unit_code]
    steps = _STEPS.intersection(rows.open_actions(actor, ticket.status, unit.path, unit.kind))
    return bool(steps - _OF_THE_HANDLER if is_colleagues else steps)
