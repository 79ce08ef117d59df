"""The essentials of a ticket beside the queue: what it is about, and what can be done now."""

from __future__ import annotations

from dataclasses import replace

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from ticketing.core import clock
from ticketing.core.errors import NotFound
from ticketing.tickets.web import base, show
from ticketing.tickets.web import now as now_page
from ticketing.tickets.web.base import bp
from ticketing.tickets.web.now import Button
from ticketing.web import keeping
from ticketing.web.guards import current_actor, signed_in


@bp.get("/<number>/panel")
@signed_in
def panel(number: str) -> ResponseReturnValue:
    """Show a ticket in the panel beside the queue; its own page has all of it."""
    actor, now = current_actor(), clock.now()
    if actor.enterprise_id is not None:
        raise NotFound
    found = base.look(actor, base.canonical(number), now)
    ticket = found.ticket
    best, more = now_page.buttons(actor, found, now)
    home = url_for("tickets.show", number=ticket.number)
    way_back = keeping.local_target(request.args.get("next")) or home
    return render_template(
        "tickets/panel.html",
        found=found,
        ticket=ticket,
        home=home,
        state=base.state_word(ticket.status),
        tone=base.tone(ticket.status),
        marks=show.marks(found),
        best=_from_outside(best, home, way_back) if best else None,
        more=[_from_outside(one, home, way_back) for one in more],
    )


def _from_outside(button: Button, home: str, way_back: str) -> Button:
    """The button as it works beside the queue: boxes stand on the ticket's page, deeds lead back here."""
    href = home + button.href if button.href.startswith("#") else button.href
    fields = {**button.fields, "next": way_back} if button.fields else {}
    return replace(button, href=href, fields=fields)
