"""Suggestions on the form of accepting: which category the text sounds like.

Whom to dispatch to is proposed at the dispatch desk, from the same models: ``proposing.from_the_history``.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

from ticketing.tickets.forms import ActionForm
from ticketing.tickets.queries import suggesting
from ticketing.tickets.queries.suggesting import Guess
from ticketing.tickets.queries.view import TicketView
from ticketing.tickets.words import Action

TAKE = "take:"
# Which field of which form is suggested.
_FIELDS = {Action.ACCEPT: "category"}


@dataclass(frozen=True, slots=True)
class Suggested:
    """What is suggested for one field of a form."""

    field: str
    guess: Guess


def for_form(action: Action, found: TicketView) -> Suggested | None:
    """Return the suggestions beside the form of ``action``; None when there are none."""
    field = _FIELDS.get(action)
    if field is None:
        return None
    guess = suggesting.categories(f"{found.ticket.title}\n{found.ticket.description}")
    return Suggested(field, guess) if guess.offers else None


def is_taken() -> bool:
    """Return whether a press took a suggestion instead of sending the form."""
    return request.form.get("do", "").startswith(TAKE)


def take(action: Action, form: ActionForm) -> None:
    """Put the suggestion that was pressed into its field, if the field can hold it."""
    field = form[_FIELDS[action]] if action in _FIELDS else None
    code = request.form.get("do", "").removeprefix(TAKE)
    if field is not None and code in {value for value, *_rest in field.iter_choices()}:
        field.data = code
