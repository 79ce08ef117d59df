"""The category guessed from what is typed: while typing with the script, at the press of a button without."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from ticketing.core import clock
from ticketing.core.actor import Role
from ticketing.core.pace import Pace
from ticketing.intake.forms import RequestForm
from ticketing.intake.web.base import bp
from ticketing.tickets.actions.filing import FILING_ROLES
from ticketing.tickets.queries import similar as queries
from ticketing.tickets.queries import suggesting
from ticketing.tickets.queries.similar import Case
from ticketing.tickets.queries.suggesting import NOTHING, Guess
from ticketing.web.guards import allow, current_actor

SEE, TAKE = "suggest", "take:"
# Somebody who types is asked about at most once in 0.6 s, and pauses now and then.
PACE = Pace(60, 60.0)


@bp.post("/requests/guess")
@allow(Role.ENTERPRISE, *FILING_ROLES)
def guess() -> ResponseReturnValue:
    """Return the candidates for a text, as the part of the page that shows them."""
    PACE.step(current_actor().user_id)
    found = suggesting.categories(_text(request.form.get("title", ""), request.form.get("description", "")))
    return render_template("intake/_guesses.html", guess=found)


@bp.post("/tickets/new/similar")
@allow(*FILING_ROLES)
def similar() -> ResponseReturnValue:
    """Return solved requests like a text, as the part of the desk's page that shows them."""
    actor = current_actor()
    PACE.step((actor.user_id, "similar"))
    text = _text(request.form.get("title", ""), request.form.get("description", ""))
    return render_template("intake/_cases.html", cases=queries.similar(actor, text, now=clock.now()))


def cases_for(form: RequestForm) -> list[Case]:
    """Return the solved requests like what stands in the desk's form; none as long as nothing does."""
    text = _text(form.title.data or "", form.description.data or "")
    return queries.similar(current_actor(), text, now=clock.now()) if text.strip() else []


def is_asked(form: RequestForm) -> bool:
    """Return whether the press was for suggestions, or took one: then the form is shown again, unjudged."""
    pressed = request.form.get("do", "")
    if pressed.startswith(TAKE):
        code = pressed.removeprefix(TAKE)
        if code in {value for value, *_rest in form.category.iter_choices()}:
            form.category.data = code
        return True
    return pressed == SEE


def for_form(form: RequestForm) -> Guess:
    """Return the guess for what stands in the form; nothing as long as nothing does."""
    text = _text(form.title.data or "", form.description.data or "")
    return suggesting.categories(text) if text.strip() else NOTHING


def _text(title: str, description: str) -> str:
    return f"{title}\n{description}"
