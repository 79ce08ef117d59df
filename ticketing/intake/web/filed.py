"""After filing: the number, who has the request now, and the two promises as dates."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from ticketing.core import clock
from ticketing.core.local_day import local_date
from ticketing.intake.web.base import bp
from ticketing.sla.words import Metric
from ticketing.tickets.queries.view import view
from ticketing.web.guards import current_actor, signed_in
from ticketing.web.texts import language


@bp.get("/tickets/<number>/filed")
@signed_in
def filed(number: str) -> ResponseReturnValue:
    """Show what was filed, to whoever may read it."""
    now = clock.now()
    found = view(current_actor(), number, now=now, today=local_date(now))
    return render_template(
        "intake/filed.html",
        found=found,
        ticket=found.ticket,
        unit=found.unit.label(language()),
        respond=found.clock(Metric.RESPOND),
        resolve=found.clock(Metric.RESOLVE),
    )
