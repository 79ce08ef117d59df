"""The blueprint of the ticket pages, and what its pages share: numbers, units by name, what a form offers."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from ticketing.core import clock
from ticketing.core.actor import Actor
from ticketing.core.errors import NotFound
from ticketing.core.local_day import local_date
from ticketing.core.text import N_
from ticketing.network import queries as network
from ticketing.network.queries import UnitInfo
from ticketing.network.words import UnitKind
from ticketing.tickets import forms, rules
from ticketing.tickets.company_words import STANDING
from ticketing.tickets.flow import Party
from ticketing.tickets.forms import ActionForm, Groups, Offered
from ticketing.tickets.labels import STATES
from ticketing.tickets.queries import desk
from ticketing.tickets.queries.view import TicketView, view
from ticketing.tickets.web import part_limit
from ticketing.tickets.words import ENDED, WAITING, Action, Level, State
from ticketing.web import filters
from ticketing.web.texts import gettext, language

bp = Blueprint("tickets", __name__, url_prefix="/tickets")

UNIT_ACTIONS = frozenset(
    {
        Action.DISPATCH,
        Action.REQUEST_RETURN,
        Action.RULE_RETURN,
        Action.TRANSFER,
        Action.SEND_DOWN,
        Action.INVITE,
    }
)
KIND_NAMES = {
    UnitKind.CENTRE: N_("区中心"),
    UnitKind.AREA: N_("片区中心"),
    UnitKind.STATION: N_("服务站"),
    UnitKind.DEPARTMENT: N_("部门与单位"),
}
_KIND_ORDER = (UnitKind.DEPARTMENT, UnitKind.CENTRE, UnitKind.AREA, UnitKind.STATION)


def canonical(number: str) -> str:
    """Return the usual form of a typed number; raise NotFound when it cannot be one."""
    found = rules.read_number(number)
    if found is None:
        raise NotFound(number=number)
    return found


def moved(number: str) -> Response | None:
    """Return the redirect to the same page under the number's usual form; None when it has it already."""
    usual = canonical(number)
    if usual == number:
        return None
    values = {**(request.view_args or {}), **request.args.to_dict(flat=False), "number": usual}
    return redirect(url_for(str(request.endpoint), **values), code=302)


def is_script() -> bool:
    """Return whether a page's script asks, which wants an answer in a few words instead of a page."""
    return request.accept_mimetypes.best == "application/json"


def done(target: str) -> ResponseReturnValue:
    """Answer a form that was fulfilled: go on to ``target``."""
    if is_script():
        return jsonify(location=target), 201
    return redirect(target, code=303)


def look(actor: Actor, number: str, now: datetime) -> TicketView:
    """Return the ticket as this person may read it."""
    return view(actor, number, now=now, today=local_date(now))


def state_word(state: State) -> str:
    """Return where a ticket stands, in the reader's language."""
    return gettext(STATES[state])


def tone(state: State) -> str:
    """Return how a state is shown: someone of ours works on it, it waits, or it is over."""
    if state in ENDED:
        return ""
    return "wait" if state in WAITING else "open"


def standing(state: State, actor: Actor) -> tuple[str, str]:
    """Return where a ticket stands and how that is shown; to a company in its own words."""
    if actor.enterprise_id is None:
        return state_word(state), tone(state)
    word, look, _doing = STANDING[state]
    return gettext(word), look


def offered(action: Action, actor: Actor, found: TicketView) -> Offered:
    """Return what the form of ``action`` offers for this ticket."""
    ticket = found.ticket
    present = {"kind": ticket.kind.value, "level": ticket.level.value, "category": ticket.category}
    if action is Action.CANCEL_PART:
        return Offered(units=_owing(found), present={"unit": request.args.get("unit", "")})
    if action is Action.INVITE:
        usual = part_limit.by_rule(ticket, local_date(clock.now()))
        return Offered(units=_units(action, actor, found), limit_by_rule=usual)
    if action in UNIT_ACTIONS:
        return Offered(units=_units(action, actor, found))
    if action is Action.ASSIGN:
        return Offered(people=colleagues(ticket.unit_id, clock.now()))
    if action is Action.MERGE:
        others = [one for one in desk.others_of_company(actor, ticket) if one.is_open]
        return Offered(tickets=[(one.number, f"{one.number} {one.title}") for one in others])
    if action is Action.ACCEPT:
        return Offered(
            categories=[(one.code, one.label(language())) for one in network.categories()], present=present
        )
    return Offered()


def form_of(
    action: Action, actor: Actor, found: TicketView, typed: MultiDict[str, str] | None = None
) -> ActionForm:
    """Return the form of ``action`` for this ticket, without the questions that do not arise."""
    form = forms.form_for(action, offered(action, actor, found), typed)
    facts = found.place.facts
    is_urgent = facts.level is Level.URGENT
    for which, name, is_asked in (
        (Action.SUBMIT_REPLY, "reason", bool(facts.co_paths)),
        (Action.REQUEST_EXTENSION, "hours", is_urgent),
        (Action.REQUEST_EXTENSION, "days", not is_urgent),
    ):
        if which is action and not is_asked:
            del form[name]
    if action is Action.SUBMIT_REPLY and typed is None and found.ticket.reply:
        form.reply.data = found.ticket.reply
    form.version.data = form.version.data or str(found.ticket.version)
    return form


def colleagues(unit_id: int, now: datetime) -> list[tuple[str, object]]:
    """Return who can be named handler in a unit, in words: how busy, or until when away, and the deputy."""
    return [(one.email, _colleague(one, now)) for one in desk.handlers(unit_id, local_date(now))]


def _colleague(one: desk.Colleague, now: datetime) -> str:
    if one.away_until is None:
        return gettext("%(name)s（在办 %(n)s 件）", name=one.name, n=one.open_tickets)
    until = filters.day(one.away_until, now)
    if one.deputy is None:
        return gettext("%(name)s（离岗到 %(day)s）", name=one.name, day=until)
    return gettext(
        "%(name)s（离岗到 %(day)s，由%(deputy)s代办）", name=one.name, day=until, deputy=one.deputy
    )


def _units(action: Action, actor: Actor, found: TicketView) -> Groups:
    """The units to choose from, those that usually lead in the category first."""
    open_to = choosable(action, actor, found)
    usual = set(network.leads_of(found.ticket.category))
    groups: Groups = {
        gettext("建议（通常主办这类诉求）"): [_named(unit) for unit in open_to if unit.id in usual]
    }
    for kind in _KIND_ORDER:
        groups[gettext(KIND_NAMES[kind])] = [
            _named(unit) for unit in open_to if unit.kind is kind and unit.id not in usual
        ]
    return {name: units for name, units in groups.items() if units}


def _owing(found: TicketView) -> Groups:
    """The units that owe a part."""
    units = [unit for unit in found.net.by_id.values() if unit.path in found.place.facts.co_paths]
    return {gettext("协办单位"): [_named(unit) for unit in units]}


def choosable(action: Action, actor: Actor, found: TicketView) -> list[UnitInfo]:
    """Return the active units an action may name; only a dispatch may leave a ticket where it is.

    Sending down reaches only below the sender; an area names units of its own area.
    """
    known = [
        unit
        for unit in found.net.by_id.values()
        if unit.is_active and (action is Action.DISPATCH or unit.id != found.ticket.unit_id)
    ]
    if action is Action.SEND_DOWN:
        below = {unit.id for grant in actor.grants for unit in found.net.below(grant.path)}
        return [unit for unit in known if unit.id in below]
    if action in {Action.DISPATCH, Action.RULE_RETURN} and Party.DISPATCHER not in found.place.held:
        own = found.net.within(tuple(grant.path for grant in actor.grants))
        return [unit for unit in known if unit.id in own]
    return known


def _named(unit: UnitInfo) -> tuple[str, str]:
    return unit.code, unit.label(language())
