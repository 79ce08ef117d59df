"""At the desk: sending a draft, accepting, asking for more, refusing, answering at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from ticketing.network import queries as network
from ticketing.sla.words import PROMISED
from ticketing.tickets.actions import indexing
from ticketing.tickets.actions.step import Step
from ticketing.tickets.queries.routed import taken_in
from ticketing.tickets.wishes import Accept, AnswerNow, Reject, RequestInfo, SupplyInfo
from ticketing.tickets.words import Action, State


def submit(step: Step) -> None:
    """Send a draft: the promises start now, and the rules in force now say who takes it in."""
    routed = taken_in(step.ticket, step.net, step.today)
    unit = step.net.by_id[routed.units[0]]
    step.ticket.received_at = step.now
    step.ticket.unit_id = step.ticket.origin_unit_id = unit.id
    step.takes_part.add(unit.id)
    step.said |= {"unit": unit.code, "rule": routed.said()}
    step.start_clocks(PROMISED, unit)
    indexing.index(step.ticket)
    step.go(State.SUBMITTED)


def accept(step: Step) -> None:
    """Take the request on; a correction of kind, level or category sets the promises anew from receipt."""
    wish, ticket = cast(Accept, step.wish), step.ticket
    before = (ticket.kind, ticket.level, ticket.category)
    ticket.kind = wish.kind or ticket.kind
    ticket.level = wish.level or ticket.level
    if wish.category:
        ticket.category = network.category(wish.category).code
    if (ticket.kind, ticket.level, ticket.category) != before:
        step.restart_promises()
    step.go(State.ACCEPTED)


def request_info(step: Step) -> None:
    """Ask the company for what is missing; the promises pause meanwhile."""
    step.said["message"] = cast(RequestInfo, step.wish).message
    step.go(State.NEED_INFO)


def supply_info(step: Step) -> None:
    """Take the company's answer; the promises run on."""
    step.said["message"] = cast(SupplyInfo, step.wish).message
    step.go(State.SUBMITTED)


def reject(step: Step) -> None:
    """Refuse the request with a reason and a pointer."""
    wish = cast(Reject, step.wish)
    step.said |= {"reason_code": wish.reason_code, "message": wish.message}
    step.go(State.REJECTED)


def answer_now(step: Step) -> None:
    """Answer on the spot."""
    step.ticket.reply = cast(AnswerNow, step.wish).reply
    step.ticket.replied_at = step.now
    step.said["reply"] = step.ticket.reply
    step.go(State.REPLIED)


EFFECTS: dict[Action, Callable[[Step], None]] = {
    Action.SUBMIT: submit,
    Action.ACCEPT: accept,
    Action.REQUEST_INFO: request_info,
    Action.SUPPLY_INFO: supply_info,
    Action.REJECT: reject,
    Action.ANSWER_NOW: answer_now,
}
