"""Pages: one action for many tickets picked from a list, with what became of each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from ticketing.core import clock
from ticketing.core.actor import TICKET_READERS, Actor, Role
from ticketing.core.errors import ChangedMeanwhile, DomainError, NotFound
from ticketing.network import queries as network
from ticketing.network.queries import Network
from ticketing.tickets import forms, rules
from ticketing.tickets.actions.bulk import MOST_PICKED, Outcome, Pick, perform_many
from ticketing.tickets.forms import ActionForm, Groups, Offered
from ticketing.tickets.labels import ACTIONS
from ticketing.tickets.queries.listing import TicketRow
from ticketing.tickets.queries.picked import Picked, picked
from ticketing.tickets.web import base, hints, now, rows
from ticketing.tickets.web.base import bp
from ticketing.tickets.wishes import WISHES
from ticketing.tickets.words import Action
from ticketing.web import errors, keeping
from ticketing.web.forms import fresh_key
from ticketing.web.guards import allow, current_actor
from ticketing.web.texts import gettext as _
from ticketing.web.texts import language
from ticketing.web.wish_errors import read_wish

READERS = tuple(sorted(TICKET_READERS))
# What makes sense for many at once. Replies, rejections and verdicts are of one ticket, which somebody reads.
AT_ONCE = (Action.SIGN, Action.CLAIM, Action.ACCEPT)
ASKING = (Action.ASSIGN, Action.DISPATCH, Action.SEND_DOWN, Action.URGE, Action.NOTE)
MANY = (*AT_ONCE, *ASKING)
_NOT_FOR_MANY = ("co_units",)
_VERSION = re.compile("[1-9][0-9]{0,8}", re.ASCII)
_LEADERS = (Role.UNIT_LEADER, Role.STATION_HEAD)


@dataclass(frozen=True, slots=True)
class Line:
    """One picked ticket on the page; ``told`` is why it was refused. Without a title it is not in sight."""

    pick: str
    number: str
    title: str
    state: str
    tone: str
    href: str
    told: str = ""
    is_changed: bool = False


@dataclass(frozen=True, slots=True)
class Button:
    """One action of the bar below a list."""

    action: Action
    label: str
    href: str
    key: str


def buttons(shown: Sequence[TicketRow], actor: Actor, net: Network) -> list[Button]:
    """Return the actions for many that are open to the person on at least one of the rows shown."""
    stands = {(row.status, row.unit_code) for row in shown}
    units = [(status, net.by_code[code]) for status, code in stands]
    open_to = {
        action for status, unit in units for action in rows.open_actions(actor, status, unit.path, unit.kind)
    }
    return [
        Button(one, _(ACTIONS[one]), url_for("tickets.many", action=one.value), now.KEYS.get(one, ""))
        for one in MANY
        if one in open_to
    ]


@bp.route("/many/<action>", methods=["GET", "POST"])
@allow(*READERS)
def many(action: str) -> ResponseReturnValue:
    """Ask what an action needs to know for all the picked tickets, or do it to each."""
    actor, wanted = current_actor(), _known(action)
    picks = _picks(request.args if request.method == "GET" else request.form)
    if not 0 < len(picks) <= MOST_PICKED:
        return _back(len(picks))
    if request.method == "POST" and (wanted in AT_ONCE or "answered" in request.form):
        return _do(actor, wanted, picks, clock.now())
    if request.method == "POST":
        way_back = keeping.local_target(request.form.get("next"))
        asked = url_for("tickets.many", action=action, pick=[*map(_written, picks)], next=way_back)
        return redirect(asked, code=303)
    return _page(actor, wanted, picks)


def _known(action: str) -> Action:
    found = next((one for one in MANY if one.value == action), None)
    if found is None:
        raise NotFound
    return found


def _picks(sent: MultiDict[str, str]) -> list[Pick]:
    """The picked tickets, each written as its number and the version seen: QS26-331-000-0113.4."""
    found: dict[str, Pick] = {}
    for written in sent.getlist("pick"):
        number, _dot, version = written.partition(".")
        usual = rules.read_number(number)
        if usual:
            seen = int(version) if _VERSION.fullmatch(version) else None
            found.setdefault(usual, Pick(usual, seen))
    return list(found.values())


def _written(pick: Pick) -> str:
    return f"{pick.number}.{pick.version or ''}"


def _back(n: int) -> ResponseReturnValue:
    if n:
        flash(_("一次最多办 %(most)s 件，您选了 %(n)s 件。请分几次办。", most=MOST_PICKED, n=n), "bad")
    else:
        flash(_("还没有选诉求。请先勾选，再按按钮。"), "bad")
    return redirect(keeping.local_target(request.values.get("next")) or url_for("tickets.queue"), code=303)


def _do(actor: Actor, action: Action, picks: list[Pick], now: datetime) -> ResponseReturnValue:
    try:
        wish = read_wish(WISHES[action], forms.posted(action, request.form))
    except DomainError as refusal:
        return _page(actor, action, picks, refusal=refusal)
    key = request.form.get("once", "")
    if not key.isascii() or not 0 < len(key) <= 64:  # noqa: PLR2004 - ours are shorter by far
        key = fresh_key()
    outcomes = perform_many(actor, picks, wish, key, now=now)
    return _page(actor, action, picks, outcomes=outcomes)


def _page(
    actor: Actor,
    action: Action,
    picks: list[Pick],
    *,
    outcomes: Sequence[Outcome] = (),
    refusal: DomainError | None = None,
) -> ResponseReturnValue:
    """The page that asks, and after the deed the one that tells; both hold the form for what is left."""
    found = picked(actor, [pick.number for pick in picks])
    refused = [one for one in outcomes if not one.is_done]
    left = [one.pick for one in refused if one.pick.number in found] if outcomes else picks
    form = _form(action, actor, [found[pick.number] for pick in left if pick.number in found])
    sentences = form.take_errors(errors.fields_of(refusal)) if refusal else []
    page = render_template(
        "tickets/many.html",
        action=action,
        name=hints.name_of(action, actor),
        hint=hints.hint_of(action),
        form=form,
        once=fresh_key(),
        sentences=sentences,
        is_told=bool(outcomes),
        done=[_line(one.pick, found) for one in outcomes if one.is_done],
        refused=[_line(one.pick, found, one.refusal) for one in refused],
        left=[_line(_as_it_is(pick, found) if outcomes else pick, found) for pick in left],
        back=keeping.local_target(request.values.get("next")) or url_for("tickets.queue"),
    )
    return page, errors.status_of(refusal) if refusal else 200


def _as_it_is(pick: Pick, found: dict[str, Picked]) -> Pick:
    """The ticket in its present version: whoever was told why it was refused may insist."""
    return Pick(pick.number, found[pick.number].version)


def _line(pick: Pick, found: dict[str, Picked], refusal: DomainError | None = None) -> Line:
    ticket = found.get(pick.number)
    return Line(
        pick=_written(pick),
        number=pick.number,
        title=ticket.title if ticket else "",
        state=base.state_word(ticket.status) if ticket else "",
        tone=base.tone(ticket.status) if ticket else "",
        href=url_for("tickets.show", number=pick.number) if ticket else "",
        told=_why(refusal) if refusal else "",
        is_changed=isinstance(refusal, ChangedMeanwhile),
    )


def _why(refusal: DomainError) -> str:
    """The sentence about a refusal, with what it says of single fields."""
    of_fields = [text for texts in errors.fields_of(refusal).values() for text in texts]
    return " ".join(dict.fromkeys([errors.sentence_of(refusal), *of_fields]))


def _form(action: Action, actor: Actor, tickets: list[Picked]) -> ActionForm:
    typed = request.form if "answered" in request.form else None
    form = forms.form_for(action, _offered(action, actor, tickets), typed)
    for name in _NOT_FOR_MANY:
        if name in form:
            del form[name]
    keeping.refill(form)
    return form


def _offered(action: Action, actor: Actor, tickets: list[Picked]) -> Offered:
    net = network.network()
    if action is Action.ASSIGN:
        return Offered(people=_people(actor, tickets, net))
    if action in base.UNIT_ACTIONS:
        return Offered(units=_units(action, actor, net))
    return Offered()


def _people(actor: Actor, tickets: Iterable[Picked], net: Network) -> list[tuple[str, object]]:
    """Who can be named in the units of the picked tickets that the person leads."""
    led = {one.unit_id for one in tickets if actor.sits_in(one.unit_path, *_LEADERS)}
    found: dict[str, object] = {}
    for unit_id in sorted(led):
        for email, label in base.colleagues(unit_id, clock.now()):
            unit = net.by_id[unit_id].label(language())
            found.setdefault(email, label if len(led) == 1 else f"{unit} · {label}")
    return list(found.items())


def _units(action: Action, actor: Actor, net: Network) -> Groups:
    """The units to choose from; sending down reaches only below the sender."""
    held = [unit for unit in net.by_id.values() if unit.is_active]
    if action is Action.SEND_DOWN:
        below = {unit.id for grant in actor.grants for unit in net.below(grant.path)}
        held = [unit for unit in held if unit.id in below]
    groups: Groups = {
        _(name): [(unit.code, unit.label(language())) for unit in held if unit.kind is kind]
        for kind, name in base.KIND_NAMES.items()
    }
    return {name: units for name, units in groups.items() if units}
