"""What an open page of a ticket asks in the background: keep my draft, give it back, who else is here."""

from __future__ import annotations

import hmac
from datetime import datetime

from flask import current_app, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf
from werkzeug.datastructures import MultiDict

from ticketing.core import clock
from ticketing.core.actor import Actor
from ticketing.core.errors import DomainError, NotFound
from ticketing.core.text import N_
from ticketing.tickets import drafts, forms, presence
from ticketing.tickets.presence import Other
from ticketing.tickets.web import base
from ticketing.tickets.web.base import bp
from ticketing.tickets.wishes import WISHES
from ticketing.tickets.words import Action
from ticketing.web import errors, filters
from ticketing.web.guards import current_actor, signed_in
from ticketing.web.texts import gettext as _

# What somebody does who has begun to write; everybody else is looking.
DOING = {
    Action.SUBMIT_REPLY: N_("%(who)s正在写答复"),
    Action.ANSWER_NOW: N_("%(who)s正在写答复"),
    Action.FINISH_PART: N_("%(who)s正在写协办意见"),
    Action.CONTACT: N_("%(who)s正在记录联系"),
    Action.MESSAGE: N_("%(who)s正在写留言"),
    Action.NOTE: N_("%(who)s正在写备注"),
}
_ELSE = N_("%(who)s正在办理")
_LOOKING = N_("%(who)s正在看")


@bp.get("/<number>/drafts")
@signed_in
def drafts_of(number: str) -> ResponseReturnValue:
    """Give a person's own drafts back, and a fresh token for what waited without a network."""
    now = clock.now()
    actor = current_actor()
    kept = [
        {"action": one.action, "fields": one.fields, "saved": filters.moment(one.saved_at, now)}
        for one in drafts.drafts(actor, base.canonical(number))
    ]
    return jsonify(drafts=kept, csrf=generate_csrf(), owner=owner_mark(actor))


@bp.post("/<number>/drafts")
@signed_in
def save_draft(number: str) -> ResponseReturnValue:
    """Keep what is in a form: asked by a script, or by a button of the form itself."""
    now, usual, action = clock.now(), base.canonical(number), _action(request.form.get("action"))
    if action is None or not forms.has_questions(action):
        raise NotFound
    fields = drafts.typed(action, request.form.items(multi=True))
    try:
        is_kept = drafts.save(
            current_actor(), usual, action, fields, now=now, once=request.form.get("once") or None
        )
    except NotFound:
        raise
    except DomainError as refusal:
        return _told(errors.sentence_of(refusal), usual, action, errors.status_of(refusal))
    saved = filters.moment(now, now) if is_kept else ""
    if base.is_script():
        return jsonify(saved=saved)
    return _told(
        _("草稿已存 %(when)s", when=saved) if is_kept else _("没有写什么，草稿没有存"), usual, action
    )


def _told(sentence: str, number: str, action: Action, status: int = 200) -> ResponseReturnValue:
    if base.is_script():
        return jsonify(saved="", sentence=sentence), status
    flash(sentence, "good" if status < 400 else "bad")  # noqa: PLR2004 - below 400 is success
    return redirect(url_for("tickets.act", number=number, action=action.value), code=303)


def owner_mark(actor: Actor) -> str:
    """Return a mark of a person, for what waits on a device that several may use."""
    secret = str(current_app.secret_key).encode()
    return hmac.new(secret, f"outbox {actor.user_id}".encode(), "sha256").hexdigest()[:16]


def _action(word: str | None) -> Action | None:
    return next((one for one in WISHES if one.value == word), None)


@bp.post("/<number>/here")
@signed_in
def here(number: str) -> ResponseReturnValue:
    """Say that somebody looks at the ticket, or has left it, and tell who else is there."""
    actor, usual = current_actor(), base.canonical(number)
    if "gone" in request.form:
        presence.leave(actor, usual)
        return "", 204
    found = presence.here(actor, usual, _action(request.form.get("doing")), now=clock.now())
    return jsonify(others=_("，").join(_said(one) for one in found.others), version=found.version)


def _said(other: Other) -> str:
    sentence = DOING.get(other.doing, _ELSE) if other.doing else _LOOKING
    return _(sentence, who=other.name)


def restore(form: forms.ActionForm, actor: Actor, ticket_id: int, action: Action, now: datetime) -> None:
    """Put the person's draft, if there is one, into a form nothing was typed into yet."""
    kept = drafts.draft(actor, ticket_id, action)
    if kept is not None:
        own = [(name, str(form[name].data or "")) for name in ("version", "once")]
        form.process(formdata=MultiDict([*kept.fields, *own]))
        form.draft_from = filters.moment(kept.saved_at, now)
