"""Pages: what our units owe others (the queue's view of parts), and the answer with the parts taken over."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from ticketing.core import clock
from ticketing.core.paging import BadCursor
from ticketing.tickets.queries import helping
from ticketing.tickets.queries.listing import COUNT_CAP
from ticketing.tickets.web import acting, base, part_lines
from ticketing.tickets.web.base import bp
from ticketing.tickets.web.queue import READERS
from ticketing.tickets.words import Action
from ticketing.web.forms import fresh_key
from ticketing.web.guards import allow, current_actor, signed_in
from ticketing.web.texts import gettext as _
from ticketing.web.texts import language


@bp.get("/helping")
@allow(*READERS)
def helping_list() -> ResponseReturnValue:
    """Show the open parts of the person's units, by the time each has left."""
    actor, now = current_actor(), clock.now()
    cursor = request.args.get("cursor") or None
    problem = ""
    try:
        page = helping.owed(actor, cursor=cursor, now=now)
    except BadCursor as wrong:
        page, problem = helping.owed(actor, now=now), _(wrong.text)
    return render_template(
        "tickets/helping.html",
        rows=page.rows,
        problem=problem,
        total=helping.count_owed(actor),
        cap=COUNT_CAP,
        next_url=url_for("tickets.helping_list", cursor=page.next_cursor) if page.next_cursor else None,
        first_url=url_for("tickets.helping_list") if cursor else None,
        is_english=language() == "en",
    )


@bp.post("/<number>/submit_reply/parts")
@signed_in
def take_over(number: str) -> ResponseReturnValue:
    """Show the answer under way with the co-units' replies behind what was typed; nothing is sent yet."""
    actor, now = current_actor(), clock.now()
    found = base.look(actor, base.canonical(number), now)
    refusal = acting.obstacle(Action.SUBMIT_REPLY, actor, found, now)
    if refusal is not None:
        raise refusal
    form = base.form_of(Action.SUBMIT_REPLY, actor, found, request.form)
    form.reply.data = part_lines.taken_over(form.reply.data or "", part_lines.finished(found))
    form.once.data = fresh_key()
    return acting.page(Action.SUBMIT_REPLY, found, form)
