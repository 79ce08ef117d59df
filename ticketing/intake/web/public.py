"""The pages for everybody: the start, finding a request by number and phone, rating by a signed link."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from ticketing.accounts.actions import signing
from ticketing.core import clock
from ticketing.core.actor import SYSTEM, TICKET_READERS, Actor, Role
from ticketing.core.errors import DomainError, NotFound, TooMany, WrongState
from ticketing.core.local_day import local_date
from ticketing.intake import queries, rules
from ticketing.intake.forms import RateForm, TrackForm
from ticketing.intake.web.promises import two_limits
from ticketing.sla.words import Metric
from ticketing.tickets import company_words, labels
from ticketing.tickets.actions.perform import perform
from ticketing.tickets.models import Ticket
from ticketing.tickets.queries import view
from ticketing.tickets.queries.view import ClockView, TicketView
from ticketing.tickets.rules import read_number
from ticketing.tickets.wishes import MAX_SATISFACTION
from ticketing.tickets.words import Action, Kind, Level, State
from ticketing.web import errors, menu
from ticketing.web.guards import public
from ticketing.web.texts import gettext as _
from ticketing.web.texts import language

bp = Blueprint("public", __name__)

OK, GONE, MISSING, UNFIT = 200, 410, 404, 422
# The kinds whose promises the start page shows.
SHOWN_KINDS = (Kind.CONSULT, Kind.HELP, Kind.COMPLAINT, Kind.SUGGESTION)
# What a stranger who knows number and phone may read of the history: no words, no names.
TOLD_TO_ANYBODY = frozenset(
    {
        Action.SUBMIT,
        Action.ACCEPT,
        Action.REQUEST_INFO,
        Action.SUPPLY_INFO,
        Action.REJECT,
        Action.ANSWER_NOW,
        Action.DISPATCH,
        Action.RULE_RETURN,
        Action.TRANSFER,
        Action.UP_REPORT,
        Action.SEND_DOWN,
        Action.SIGN,
        Action.CONTACT,
        Action.APPROVE_REPLY,
        Action.REVISIT,
        Action.RATE,
        Action.SUSPEND,
        Action.RESUME,
        Action.REOPEN,
        Action.WITHDRAW,
        Action.MERGE,
        Action.UNMERGE,
    }
)


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of what anybody with number and phone reads."""

    what: str
    at: datetime
    unit: str


@bp.get("/")
@public
def start() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect(_home(current_user.actor))
    found = queries.promises(local_date(clock.now()))
    lines = [(_(labels.KINDS[kind]), found[kind, Level.NORMAL]) for kind in SHOWN_KINDS]
    lines.append((_(labels.LEVELS[Level.URGENT]), found[Kind.HELP, Level.URGENT]))
    return render_template("public/start.html", promises=[(name, *two_limits(one)) for name, one in lines])


def _home(actor: Actor) -> str:
    """Return the page on which this person's day begins."""
    for endpoint, is_theirs in (
        ("tickets.index", actor.holds(Role.ENTERPRISE)),
        ("insight.figures", actor.holds(Role.LEADER)),
        ("tickets.queue", actor.holds(*(TICKET_READERS - {Role.AUDITOR}))),
        ("accounts.people", actor.holds(Role.ADMIN)),
    ):
        if is_theirs and endpoint in current_app.view_functions:
            return url_for(endpoint)
    entries = menu.items(actor.roles, "")
    return entries[0].href if entries else url_for("accounts.mine")


@bp.route("/track", methods=["GET", "POST"])
@public
def track() -> ResponseReturnValue:
    form, now = TrackForm(), clock.now()
    if request.method == "GET":
        return _track_page(form, None, now), OK
    if not form.validate():
        return _track_page(form, None, now), UNFIT
    try:
        found = _tracked(form, now)
    except TooMany as refused:
        form.form_errors.append(errors.sentence_of(refused))
        answer = make_response(_track_page(form, None, now), errors.status_of(refused))
        answer.headers["Retry-After"] = str(refused.extra["retry_after_seconds"])
        return answer
    if found is None:
        form.form_errors.append(_("编号和电话对不上。请核对回执上的编号，以及提交时填写的联系电话。"))
        return _track_page(form, None, now), UNFIT
    return _track_page(form, found, now), OK


def _track_page(form: TrackForm, found: TicketView | None, now: datetime) -> str:
    if found is None:
        return render_template("public/track.html", form=form, found=None)
    locale = language()
    ticket = found.ticket
    promised = company_words.Promised(
        _due_of(found.clock(Metric.RESPOND)), _due_of(found.clock(Metric.RESOLVE)), ticket.resume_on
    )
    return render_template(
        "public/track.html",
        form=form,
        found=found,
        said=company_words.standing(ticket.status, found.unit.label(locale), promised, now),
        story=_story(found, locale),
    )


def _due_of(promise: ClockView | None) -> datetime | None:
    return promise.due_at if promise and promise.met_at is None else None


def _story(found: TicketView, locale: str) -> list[Happened]:
    """Return what happened without anything that was said and without people's names, latest first."""
    return [
        Happened(
            company_words.told(one, found.net, locale), one.at, one.unit.label(locale) if one.unit else ""
        )
        for one in reversed(view.history(found))
        if one.action in TOLD_TO_ANYBODY
    ]


def _tracked(form: TrackForm, now: datetime) -> TicketView | None:
    """Return the request when number and phone fit; an unknown number and a wrong phone look the same."""
    number = read_number(form.number.data)
    guess = signing.count_guess("track", number or "-", request.remote_addr or "", now=now)
    try:
        ticket = view.ticket(SYSTEM, number or "")
    except NotFound:
        return None
    if not rules.fits_phone(form.phone.data, ticket.contact_phone):
        return None
    signing.forgive_guess(guess)
    return _goes_on(ticket, now)


def _goes_on(ticket: Ticket, now: datetime) -> TicketView:
    """The request as its company reads it; of a merged one, that in which it goes on."""
    reader = Actor(user_id=None, name="", enterprise_id=ticket.enterprise_id)
    found = view.view(reader, ticket.number, now=now, today=local_date(now))
    if found.merged_into is None:
        return found
    return view.view(reader, found.merged_into, now=now, today=local_date(now))


def _requester(found: TicketView) -> Actor:
    return Actor(user_id=None, name="", enterprise_id=found.ticket.enterprise_id)


@bp.route("/r/<token>", methods=["GET", "POST"])
@public
def rate(token: str) -> ResponseReturnValue:
    now = clock.now()
    link = rules.read_rating_token(str(current_app.secret_key), token)
    if link is None:
        return render_template("public/rating_gone.html", is_expired=False), MISSING
    if link.ends_at <= now:
        return render_template("public/rating_gone.html", is_expired=True), GONE
    try:
        ticket = view.ticket(SYSTEM, link.number)
    except NotFound:
        return render_template("public/rating_gone.html", is_expired=False), MISSING
    reader = Actor(user_id=None, name="", enterprise_id=ticket.enterprise_id)
    form = RateForm()
    form.solved.choices = [(word.value, _(name)) for word, name in labels.SOLVED.items()]
    form.satisfaction.choices = [(str(score), str(score)) for score in range(1, MAX_SATISFACTION + 1)]
    if ticket.status is State.MERGED:
        # Whoever asked twice may rate the one in which both go on, by either link.
        main = _goes_on(ticket, now).ticket
        ticket, link = main, replace(link, number=main.number, cycle=main.cycle)
    is_waiting = ticket.status is State.REPLIED and ticket.cycle == link.cycle
    if request.method == "GET" or not is_waiting:
        return _rating_page(form, reader, link, now), OK
    return _take_rating(form, reader, link, now)


def _take_rating(form: RateForm, reader: Actor, link: rules.RatingLink, now: datetime) -> ResponseReturnValue:
    """Record the verdict; a second one finds the reply rated already and says so."""
    if not form.validate():
        return _rating_page(form, reader, link, now), UNFIT
    try:
        perform(reader, link.number, form.wish(), now=now)
    except WrongState:
        pass  # a twin was faster: the page says how it ended
    except DomainError as refused:
        form.form_errors.append(errors.sentence_of(refused))
        return _rating_page(form, reader, link, now), errors.status_of(refused)
    return redirect(request.path, code=303)


def _rating_page(form: RateForm, reader: Actor, link: rules.RatingLink, now: datetime) -> str:
    found = view.view(reader, link.number, now=now, today=local_date(now))
    return render_template(
        "public/rate.html",
        form=form,
        found=found,
        ticket=found.ticket,
        unit=found.unit.label(language()),
        is_waiting=found.ticket.status is State.REPLIED and found.ticket.cycle == link.cycle,
        is_redone=found.ticket.cycle > link.cycle,
        labels=labels,
        scores=range(MAX_SATISFACTION, 0, -1),
    )
