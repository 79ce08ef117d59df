"""Page: open tickets that nobody can act on; normally empty."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from ticketing.core import clock
from ticketing.core.actor import TICKET_READERS, Role, is_within
from ticketing.core.local_day import local_date
from ticketing.tickets import labels
from ticketing.tickets.queries import orphans
from ticketing.tickets.web import base
from ticketing.tickets.web.base import bp
from ticketing.web.guards import allow, current_actor
from ticketing.web.texts import gettext as _
from ticketing.web.texts import language

READERS = tuple(sorted(TICKET_READERS | {Role.ADMIN}))


@bp.get("/orphans")
@allow(*READERS)
def orphan_list() -> ResponseReturnValue:
    """Show the orphans the person looks after; titles only of tickets the person may read."""
    actor, now = current_actor(), clock.now()
    rows = orphans.listed(actor, local_date(now))
    readable = {
        row.number for row in rows if any(is_within(row.unit.path, path) for path in actor.reading_paths)
    }
    return render_template(
        "tickets/orphans.html",
        rows=rows,
        readable=readable,
        may_name=actor.holds(Role.ADMIN),
        now=now,
        why={word: _(label) for word, label in labels.ORPHANED.items()},
        states={row.status: base.state_word(row.status) for row in rows},
        most=orphans.MOST,
        locale_code=language(),
    )
