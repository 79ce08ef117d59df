"""Pages: every action of the life cycle, one form each, for everybody who may do it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ticketing.core import clock, idempotency
from ticketing.core.actor import Actor
from ticketing.core.errors import (
    ChangedMeanwhile,
    DomainError,
    Invalid,
    KeyReused,
    NotFound,
    NotPermitted,
    WrongState,
)
from ticketing.core.files import Upload
from ticketing.core.idempotency import Answer
from ticketing.core.local_day import local_date
from ticketing.network import queries as network
from ticketing.tickets import drafts, flow, forms, rules
from ticketing.tickets.actions.perform import perform
from ticketing.tickets.forms import ActionForm
from ticketing.tickets.leaving import seal
from ticketing.tickets.models import Ticket
from ticketing.tickets.queries.view import TicketView
from ticketing.tickets.web import (
    asking,
    base,
    desk,
    evidence,
    hints,
    part_lines,
    similar,
    suggested,
    texts,
    together,
    twins,
)
from ticketing.tickets.web.base import bp
from ticketing.tickets.web.meanwhile import Difference, difference
from ticketing.tickets.web.thanks import thanks
from ticketing.tickets.wishes import WISHES, Wish
from ticketing.tickets.words import Action
from ticketing.web import errors, keeping
from ticketing.web.forms import fresh_key
from ticketing.web.guards import current_actor, signed_in
from ticketing.web.texts import language
from ticketing.web.wish_errors import read_wish

_NOT_PART_OF_THE_BODY = frozenset({"csrf_token", "once", "next", "version"})


@bp.route("/<number>/<action>", methods=["GET", "POST"])
@signed_in
def act(number: str, action: str) -> ResponseReturnValue:
    """Show the form of one action, or do it."""
    wanted = _known(action)
    if request.method == "GET":
        return base.moved(number) or _ask(number, wanted)
    if suggested.is_taken():
        return _taken(base.canonical(number), wanted)
    return _do(base.canonical(number), wanted)


def _taken(number: str, action: Action) -> ResponseReturnValue:
    """Show the form again with the suggestion that was pressed in its field, and all that was typed."""
    actor, now = current_actor(), clock.now()
    found = base.look(actor, number, now)
    refusal = obstacle(action, actor, found, now)
    if refusal is not None:
        raise refusal
    form = base.form_of(action, actor, found, request.form)
    suggested.take(action, form)
    return page(action, found, form)


def _known(action: str) -> Action:
    found = next((one for one in flow.FLOW if one.value == action), None)
    if found is None:
        raise NotFound
    return found


def _ask(number: str, action: Action) -> ResponseReturnValue:
    actor, now = current_actor(), clock.now()
    found = base.look(actor, number, now)
    refusal = obstacle(action, actor, found, now)
    if refusal is not None:
        raise refusal
    form = base.form_of(action, actor, found)
    if not keeping.refill(form) and forms.has_questions(action):
        together.restore(form, actor, found.ticket.id, action, now)
    similar.cite(action, form, actor, found)
    return page(action, found, form)


@bp.post("/<number>/texts")
@signed_in
def choose_text(number: str) -> ResponseReturnValue:
    """Show a form again with what was typed, the templates to choose from, and the chosen one filled in."""
    actor, now, usual = current_actor(), clock.now(), base.canonical(number)
    action = next((one for one in texts.FOR if one.value == request.form.get("for")), None)
    if action is None:
        raise NotFound
    offered = texts.filled_for(usual)
    found = base.look(actor, usual, now)
    refusal = obstacle(action, actor, found, now)
    if refusal is not None:
        raise refusal
    form = base.form_of(action, actor, found, request.form)
    chosen = next((body for id_, _name, body in offered if str(id_) == request.form.get("text")), "")
    field = next(one for one in form.asked if one.type == "ParagraphField")
    field.data = "\n".join(part for part in ((field.data or "").rstrip(), chosen) if part)
    return page(action, found, form, texts=offered)


def obstacle(action: Action, actor: Actor, found: TicketView, now: datetime) -> DomainError | None:
    """Return why the action cannot be done now; None when it can."""
    try:
        flow.plan(action, found.ticket.status, found.place.held)
    except DomainError as refusal:
        return refusal
    held, facts = found.place.held, found.place.facts
    return rules.obstacle(action, facts, actor, held, now=now, today=local_date(now))


def _because(action: Action, found: TicketView) -> str:
    """Say why the action cannot be done, where there is more to say than that it is too late."""
    refusal = obstacle(action, current_actor(), found, clock.now())
    is_told = refusal is not None and refusal.text not in {WrongState.sentence, NotPermitted.sentence}
    return errors.sentence_of(refusal) if refusal is not None and is_told else ""


def _do(number: str, action: Action) -> ResponseReturnValue:
    actor, now = current_actor(), clock.now()
    try:
        wish = read_wish(WISHES[action], forms.posted(action, desk.picked(action, request.form)))
        files = evidence.sent() if action is Action.REQUEST_RETURN else []
        asking.ask(actor, number, wish)
        answer = once(actor, lambda: _performed(actor, number, wish, now, files), now, evidence.marks(files))
    except NotFound:
        raise
    except DomainError as refusal:
        return _refused(number, action, refusal, now)
    flash(answer.body, "good")
    target = keeping.local_target(request.form.get("next"))
    return base.done(target or url_for("tickets.show", number=number))


def once(actor: Actor, make: Callable[[], Answer], now: datetime, files: str = "") -> Answer:
    """Do what a posted form asks for, once for each rendering of it. ``files`` marks what was sent along."""
    body = [pair for pair in request.form.items(multi=True) if pair[0] not in _NOT_PART_OF_THE_BODY]
    told = json.dumps([request.path, body, files], ensure_ascii=False).encode(errors="surrogatepass")
    key = request.form.get("once") or _key_of_a_quick_button()
    return idempotency.once(f"user:{actor.user_id}", key, told, make, now=now)


def _key_of_a_quick_button() -> str | None:
    """A button in a list has no key of its own: one action on one version of a ticket is done once."""
    seen = request.form.get("version", "")
    return f"quick {request.path} {seen}" if seen.isdecimal() and request.path.isascii() else None


def _performed(actor: Actor, number: str, wish: Wish, now: datetime, files: list[Upload]) -> Answer:
    ticket = perform(actor, number, wish, now=now)
    evidence.keep(actor, number, files, now)
    if forms.has_questions(wish.action):
        drafts.drop(actor, ticket.id, wish.action)
    return Answer(303, said(wish.action, ticket, actor))


def said(action: Action, ticket: Ticket, actor: Actor) -> str:
    """Return the sentence about what was done and who has the ticket now."""
    unit = network.network().by_id[ticket.unit_id]
    to_company = thanks(action, ticket, unit.label(language())) if actor.enterprise_id is not None else None
    if to_company:
        return to_company
    what = hints.happened(action)
    if not flow.FLOW[action].targets:
        return str(_("%(what)s · %(number)s", what=what, number=ticket.number))
    return str(
        _(
            "%(what)s。%(number)s 现在：%(state)s，在%(unit)s",
            what=what,
            number=ticket.number,
            state=base.standing(ticket.status, actor)[0],
            unit=unit.label(language()),
        )
    )


def _refused(number: str, action: Action, refusal: DomainError, now: datetime) -> ResponseReturnValue:
    """Show the form again with what was typed and why it was refused."""
    actor = current_actor()
    found = base.look(actor, number, now)
    form = base.form_of(action, actor, found, request.form)
    told, seen = None, request.form.get("version", "")
    if isinstance(refusal, ChangedMeanwhile) and seen.isdecimal():
        told = difference(found, int(seen), action, form)
    sentences = form.take_errors(errors.fields_of(refusal))
    if not refusal.fields or not isinstance(refusal, Invalid):
        sentences.insert(0, errors.sentence_of(refusal))
    if isinstance(refusal, KeyReused):
        sentences = [_("这份表单已经提交过一次，刚才的内容和上一次不同。要再提交，请再按一次按钮")]
    if isinstance(refusal, ChangedMeanwhile | KeyReused):
        form.version.data = str(found.ticket.version)
        form.once.data = fresh_key()
    return page(action, found, form, sentences=sentences, refusal=refusal, told=told)


def page(
    action: Action,
    found: TicketView,
    form: ActionForm,
    *,
    sentences: list[str] | None = None,
    refusal: DomainError | None = None,
    **shown: Any,
) -> ResponseReturnValue:
    actor = current_actor()
    state, tone = base.standing(found.ticket.status, actor)
    told: Difference | None = shown.pop("told", None)
    findings: Any = refusal.extra.get("findings", []) if refusal else []
    page = render_template(
        "tickets/act.html",
        action=action,
        found=found,
        aside=desk.aside(action, actor, found, clock.now()),
        ticket=found.ticket,
        form=form,
        parts=part_lines.lines(found, clock.now()),
        suggested=suggested.for_form(action, found),
        take_over=part_lines.take_over_href(found) if action is Action.SUBMIT_REPLY else "",
        name=hints.name_of(action, actor),
        hint=hints.hint_of(action),
        sentences=list(dict.fromkeys(sentences or [])),
        told=told if told and told.changes else None,
        asked=asking.sentences(findings),
        confirmed=seal(findings) if findings else "",
        is_open_to=refusal is None or action in found.actions,
        because=_because(action, found) if told else "",
        may_note=Action.NOTE in found.actions,
        once=fresh_key(),
        twins=twins.twins(action, actor, found, clock.now()),
        is_danger=action in hints.DANGEROUS,
        state=state,
        tone=tone,
        outbox_owner=together.owner_mark(actor),
        has_texts=action in texts.FOR and actor.enterprise_id is None,
        **shown,
    )
    return page, errors.status_of(refusal) if refusal else 200
