"""Every action on a ticket over the API: one documented route for each, its body is the action's wish."""

from __future__ import annotations

from datetime import datetime

from flask import request

from ticketing.core.actor import Actor
from ticketing.core.local_day import local_date
from ticketing.core.text import N_
from ticketing.tickets import flow, labels
from ticketing.tickets.actions.acted import acted_card
from ticketing.tickets.actions.perform import acted
from ticketing.tickets.api.serialise import TicketOut, ticket_of
from ticketing.tickets.leaving import SENTENCES, LooksInternal
from ticketing.tickets.queries.leaving import TEXTS, findings
from ticketing.tickets.rules import read_number
from ticketing.tickets.wishes import WISHES, Wish
from ticketing.tickets.words import Action
from ticketing.web.endpoints import Endpoint, Made, Tag, post
from ticketing.web.guards import current_actor
from ticketing.web.texts import gettext

_HELP = {
    Action.ASSIGN: N_("今天离岗的人也可以指派，不会被拒绝；离岗到哪天、由谁代办，见答复中的 handler_away。"),
}


def _declare(action: Action, wish: type[Wish]) -> None:
    endpoint = Endpoint(
        "post",
        f"/tickets/{{number}}/actions/{action}",
        f"action_{action}",
        labels.ACTIONS[action],
        _HELP.get(action, ""),
        Tag.ACTIONS,
        TicketOut,
        body=wish,
    )

    @post(endpoint)
    def act(number: str, content: Wish, now: datetime) -> Made:
        actor = current_actor()
        if _is_strict():
            _refuse_what_looks_internal(actor, number, content)
        done = acted(actor, read_number(number) or "", content, now=now)
        return Made(ticket_of(acted_card(actor, done, now=now, today=local_date(now))))


def _is_strict() -> bool:
    """Whether the caller wants to be refused where a page would ask (RFC 7240, ``Prefer: handling=strict``).

    By default a program that has nobody to ask is not refused.
    """
    wanted = (
        part.strip().lower() for header in request.headers.getlist("Prefer") for part in header.split(",")
    )
    return "handling=strict" in wanted


def _refuse_what_looks_internal(actor: Actor, number: str, wish: Wish) -> None:
    found = findings(actor, number, wish)
    if found:
        sentences = [gettext(SENTENCES[one.sort], words=one.words) for one in found]
        raise LooksInternal(fields=dict.fromkeys(TEXTS & wish.model_fields_set, sentences))


for _action, _wish in WISHES.items():
    if flow.FLOW[_action].who != {flow.Party.CONVENER}:  # that is done by a meeting's minutes alone
        _declare(_action, _wish)
