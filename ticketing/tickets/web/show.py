"""Pages: one ticket. Staff see everything that hangs on it; a company's people see their own page of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import flash, get_template_attribute, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ticketing.core import clock
from ticketing.core.actor import Actor
from ticketing.core.errors import DomainError, NotFound
from ticketing.core.idempotency import Answer
from ticketing.core.local_day import day_start, local_date
from ticketing.core.text import mask_email, mask_name, mask_phone
from ticketing.duty import queries as duty
from ticketing.tickets import labels
from ticketing.tickets.actions.adding import attach_all
from ticketing.tickets.actions.revealing import reveal
from ticketing.tickets.queries import desk
from ticketing.tickets.queries.view import ContactView, EventView, TicketView, history
from ticketing.tickets.queries.view import ticket as ticket_of
from ticketing.tickets.web import (
    acting,
    base,
    clocks,
    company,
    following,
    hints,
    joined,
    part_lines,
    texts,
    thread,
    together,
    way,
)
from ticketing.tickets.web import now as now_page
from ticketing.tickets.web.base import bp
from ticketing.tickets.web.meetings import consulted
from ticketing.tickets.words import OPEN, Action, State
from ticketing.web import errors, keeping, uploads
from ticketing.web.forms import fresh_key
from ticketing.web.guards import current_actor, signed_in
from ticketing.web.texts import gettext as _
from ticketing.web.texts import language

KILO = 1024


@dataclass(frozen=True, slots=True)
class Call:
    """Whom to call about a ticket, masked until asked for. ``once``: the key of the form that asks."""

    number: str
    name: str
    phone: str
    is_revealed: bool
    once: str


@bp.get("/<number>")
@signed_in
def show(number: str) -> ResponseReturnValue:
    """Show one ticket to whoever may read it."""
    actor, now = current_actor(), clock.now()
    elsewhere = base.moved(number)
    if elsewhere is not None:
        return elsewhere
    found = base.look(actor, number, now)
    main = None if "own" in request.args else _main(actor, found)
    if main is not None:
        flash(_("%(number)s 已并入这一件，一起办理。", number=number), "info")
        return redirect(url_for("tickets.show", number=main), code=302)
    if found.is_requester:
        return company.page(found)
    return staff_page(actor, found, now)


def _main(actor: Actor, found: TicketView) -> str | None:
    """The ticket in which a merged one goes on, when the person may read that."""
    if found.merged_into is None:
        return None
    try:
        return ticket_of(actor, found.merged_into).number
    except NotFound:
        return None


@bp.post("/<number>/reveal")
@signed_in
def reveal_contact(number: str) -> ResponseReturnValue:
    """Show the contact in full to somebody who says what for; the page shows it for the rest of the day."""
    actor, now = current_actor(), clock.now()
    if actor.enterprise_id is not None:
        raise NotFound

    def make() -> Answer:
        reveal(actor, base.canonical(number), request.form.get("reason", ""), now=now)
        return Answer(303, "")

    try:
        acting.once(actor, make, now)
    except NotFound:
        raise
    except DomainError as refusal:
        flash(errors.sentence_of(refusal), "at:contact")
    back = keeping.local_target(request.form.get("next"))
    return redirect(back or url_for("tickets.show", number=number, _anchor="contact"), code=303)


@bp.post("/<number>/files")
@signed_in
def add_files(number: str) -> ResponseReturnValue:
    """Add files to a ticket; staff may keep them internal."""
    actor, now, usual = current_actor(), clock.now(), base.canonical(number)
    sent = [uploads.read(one) for one in request.files.getlist("file") if one.filename]
    is_internal = "is_internal" in request.form
    marks = "".join(hashlib.sha256(one.content).hexdigest() for one in sent)

    def make() -> Answer:
        attach_all(actor, usual, sent, shelf=uploads.shelf(), now=now, is_internal=is_internal)
        return Answer(303, _("已添加 %(n)s 个文件", n=len(sent)))

    if not sent:
        flash(_("请先选择文件"), "at:files")
        return redirect(url_for("tickets.show", number=usual, _anchor="files"), code=303)
    try:
        flash(acting.once(actor, make, now, marks).body, "good")
    except NotFound:
        raise
    except DomainError as refusal:
        flash(uploads.told(refusal), "at:files")
    return base.done(url_for("tickets.show", number=usual, _anchor="files"))


def staff_page(actor: Actor, found: TicketView, now: datetime) -> str:
    """Return the page of a ticket for the district's people."""
    ticket = found.ticket
    events = history(found)
    best, more = now_page.buttons(actor, found, now)
    may_reveal = not found.contact.is_masked
    is_revealed = may_reveal and _has_revealed(actor, events, day_start(local_date(now)))
    contact = found.contact if is_revealed else masked(found.contact)
    call = Call(ticket.number, contact.name, contact.phone, is_revealed, fresh_key()) if may_reveal else None
    return render_template(
        "tickets/show.html",
        found=found,
        ticket=ticket,
        state=base.state_word(ticket.status),
        tone=base.tone(ticket.status),
        marks=marks(found),
        best=best,
        more=more,
        next_href=following.href(actor, ticket.number),
        boxes=boxes(actor, found, best.action if best else None),
        call=call,
        thread=thread.thread(events, found),
        joined=joined.requests(actor, found),
        path=way.way(events, found),
        clocks=clocks.clock_lines(found, now),
        parts=part_lines.lines(found, now),
        duty=duty.on_ticket(found.unit, found.net, found.handler_id, local_date(now)),
        may_reveal=may_reveal,
        is_revealed=is_revealed,
        contact=contact,
        once=fresh_key(),
        outbox_owner=together.owner_mark(actor),
        others=[] if found.contact.is_masked and ticket.is_confidential else _others(actor, found),
        files=files(found),
        may_add_files=ticket.status in OPEN,
        words={name: _(table[getattr(ticket, name)]) for name, table in _WORDS.items()},
        extension_states={state: _(word) for state, word in labels.EXTENSION_STATES.items()},
        cards={card: _(word) for card, word in labels.CARDS.items()},
        locale_code=language(),
        consulted=consulted(actor, found, events),
    )


def _has_revealed(actor: Actor, events: list[EventView], since: datetime) -> bool:
    """Whether the person asked for the contact since then, which is on record."""
    return any(
        event.action is Action.REVEAL and event.actor_id == actor.user_id and event.at >= since
        for event in events
    )


_WORDS: dict[str, dict[Any, str]] = {
    "kind": dict(labels.KINDS),
    "level": dict(labels.LEVELS),
    "channel": dict(labels.CHANNELS),
}


def masked(contact: ContactView) -> ContactView:
    """Return the contact as it stands until somebody asks for it; one masked already stays as it is."""
    if contact.is_masked:
        return contact
    name, phone, email = mask_name(contact.name), mask_phone(contact.phone), mask_email(contact.email)
    return ContactView(name, phone, email if contact.email else "", is_masked=True)


def marks(found: TicketView) -> list[str]:
    """Return the words beside the state that change how a ticket is handled."""
    ticket = found.ticket
    told = []
    if ticket.level != "normal":
        told.append(_(labels.LEVELS[ticket.level]))
    if ticket.is_confidential:
        told.append(_("保密"))
    if ticket.cycle > 1:
        told.append(_("第 %(n)s 轮", n=ticket.cycle))
    if ticket.return_count:
        told.append(_("退单 %(n)s 次", n=ticket.return_count))
    if ticket.urge_count:
        told.append(_("催办 %(n)s 次", n=ticket.urge_count))
    return told


def boxes(actor: Actor, found: TicketView, best: Action | None) -> list[dict[str, Any]]:
    """Return the forms that stand at the end of the thread; the one to fill in now is open."""
    made = []
    for action in now_page.IN_THE_THREAD:
        if action not in found.actions:
            continue
        made.append(
            {
                "action": action.value,
                "name": hints.name_of(action, actor),
                "hint": hints.hint_of(action),
                "once": fresh_key(),
                "questions": _questions(action, actor, found),
                "is_open": action is best,
                "take_over": part_lines.take_over_href(found) if action is Action.SUBMIT_REPLY else "",
                "has_texts": action in texts.FOR,
            }
        )
    return made


# A form nothing was written into reads alike for everyone: kept by action, language and what it asks.
_empty: dict[tuple[Action, str, bool], Markup] = {}


def _questions(action: Action, actor: Actor, found: TicketView) -> Markup:
    """Return the fields of an action's form, as the page shows them."""
    is_begun = action is Action.SUBMIT_REPLY and bool(found.ticket.reply)
    key = (action, language(), bool(found.place.facts.co_paths))
    if not is_begun and key in _empty:
        return _empty[key]
    show_them = get_template_attribute("tickets/_thread.html", "questions")
    told: Markup = show_them(base.form_of(action, actor, found))
    if not is_begun:
        _empty[key] = told
    return told


def files(found: TicketView) -> list[tuple[str, str, str]]:
    """Return the files as parts/files.html takes them."""
    return [
        (
            file.name + (_("（内部）") if file.is_internal else ""),
            size_words(file.size_bytes),
            url_for("tickets.attachment", token=file.token),
        )
        for file in found.attachments
    ]


def size_words(size_bytes: int) -> str:
    """Return a size as people read it."""
    if size_bytes < KILO * KILO:
        return f"{max(1, round(size_bytes / KILO))} KB"
    return f"{size_bytes / KILO / KILO:.1f} MB"


def _others(actor: Actor, found: TicketView) -> list[dict[str, Any]]:
    return [
        {"number": one.number, "title": one.title, "state": base.state_word(State(one.status)),
         "tone": base.tone(one.status), "at": one.received_at}
        for one in desk.others_of_company(actor, found.ticket)
    ]  # fmt: skip
