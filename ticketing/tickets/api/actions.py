"""Every action on a ticket over the API: one documented route for each, its body is the action's wish."""

from __future__ import annotations

from datetime import datetime

from ticketing.core.local_day import local_date
from ticketing.tickets import labels
from ticketing.tickets.actions.acted import acted_card
from ticketing.tickets.actions.perform import acted
from ticketing.tickets.api.serialise import TicketOut, ticket_of
from ticketing.tickets.rules import read_number
from ticketing.tickets.wishes import WISHES, Wish
from ticketing.tickets.words import Action
from ticketing.web.endpoints import Endpoint, Made, Tag, post
from ticketing.web.guards import current_actor


def _declare(action: Action, wish: type[Wish]) -> None:
    endpoint = Endpoint(
        "post",
        f"/tickets/{{number}}/actions/{action}",
        f"action_{action}",
        labels.ACTIONS[action],
        "",
        Tag.ACTIONS,
        TicketOut,
        body=wish,
    )

    @post(endpoint)
    def act(number: str, content: Wish, now: datetime) -> Made:
        actor = current_actor()
        done = acted(actor, read_number(number) or "", content, now=now)
        return Made(ticket_of(acted_card(actor, done, now=now, today=local_date(now))))


for _action, _wish in WISHES.items():
    _declare(_action, _wish)
