"""Pages: a person's inbox, for staff and for companies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ticketing.core import clock
from ticketing.core.actor import Actor
from ticketing.core.paging import DEFAULT_LIMIT
from ticketing.network.queries import Network, network
from ticketing.notify.actions import inbox as actions
from ticketing.notify.happened import Event, sentence
from ticketing.notify.notice_words import said
from ticketing.notify.queries import inbox as queries
from ticketing.notify.queries import notices
from ticketing.notify.queries.inbox import Entry
from ticketing.notify.web.base import bp
from ticketing.tickets.words import Action
from ticketing.web.guards import current_actor, signed_in
from ticketing.web.texts import language

_MAX_ID = 2**31 - 1
ICONS = {
    Action.MESSAGE: "message",
    Action.NOTE: "lock",
    Action.REQUEST_INFO: "message",
    Action.SUPPLY_INFO: "message",
    Action.APPROVE_REPLY: "send",
    Action.ANSWER_NOW: "send",
    Action.URGE: "flag",
    Action.SUPERVISE: "flag",
    Action.RATE: "ok",
    Action.REVISIT: "phone",
    Action.CONTACT: "phone",
    Action.REOPEN: "redo",
    Action.REJECT: "stop",
    Action.SUSPEND: "pause",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as the page shows it."""

    id: int
    number: str
    title: str
    what: str
    icon: str
    at: datetime
    is_new: bool


@bp.get("/inbox")
@signed_in
def inbox() -> ResponseReturnValue:
    """Show what happened to the person's tickets, newest first."""
    actor = current_actor()
    entries, going_on = queries.inbox(actor, before=_before(), limit=DEFAULT_LIMIT)
    net = network()
    return render_template(
        "notify/inbox.html",
        lines=[_line(entry, net, is_company=actor.enterprise_id is not None) for entry in entries],
        notices=_notices(actor) if "before" not in request.args else [],
        newest=entries[0].id if entries else 0,
        has_new=queries.unread(actor) > 0,
        next_url=url_for("notify.inbox", before=going_on) if going_on else None,
        first_url=url_for("notify.inbox") if "before" in request.args else None,
    )


@bp.post(f"/inbox/<int(max={_MAX_ID}):entry_id>")
@signed_in
def open_entry(entry_id: int) -> ResponseReturnValue:
    """Mark what the inbox says of a ticket as read, and go there."""
    number = actions.open_entry(current_actor(), entry_id, now=clock.now())
    return redirect(url_for("tickets.show", number=number), code=303)


@bp.post(f"/inbox/notices/<int(max={_MAX_ID}):notice_id>")
@signed_in
def open_notice(notice_id: int) -> ResponseReturnValue:
    """Mark a notice as read, and go to what it is about."""
    return redirect(actions.open_notice(current_actor(), notice_id, now=clock.now()), code=303)


@bp.post("/inbox/read")
@signed_in
def read_all() -> ResponseReturnValue:
    """Mark what was on the page, and everything older, as read."""
    newest = request.form.get("newest", default=0, type=int)
    actions.read_all(current_actor(), min(newest, _MAX_ID), now=clock.now())
    return redirect(url_for("notify.inbox"), code=303)


def _notices(actor: Actor) -> list[tuple[notices.Told, str]]:
    """The latest news that is of no ticket, with its sentence; companies get none."""
    if actor.enterprise_id is not None:
        return []
    return [(one, said(one)) for one in notices.latest(actor)]


def _before() -> int | None:
    given = request.args.get("before", type=int)
    return given if given is not None and 0 < given <= _MAX_ID else None


def _line(entry: Entry, net: Network, *, is_company: bool) -> Line:
    event = Event(entry.action, entry.said or {}, entry.at, net.by_id[entry.unit_id])
    return Line(
        id=entry.id,
        number=entry.number,
        title=entry.title,
        what=sentence(event, net, language(), is_company=is_company),
        icon=ICONS.get(entry.action, "info"),
        at=entry.at,
        is_new=entry.is_new,
    )
