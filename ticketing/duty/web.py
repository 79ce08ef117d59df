"""Pages of duty: who is there in a unit, who stands in, and how its tickets find a handler."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ticketing.core import clock
from ticketing.core.actor import Actor, Role
from ticketing.core.errors import DomainError, NotFound
from ticketing.core.local_day import local_date
from ticketing.duty import actions, queries
from ticketing.duty.forms import AbsenceForm, WayForm
from ticketing.duty.words import WAYS, Way
from ticketing.network.queries import Network, UnitInfo, network
from ticketing.web import errors, keeping
from ticketing.web.guards import allow, current_actor
from ticketing.web.texts import language

bp = Blueprint("duty", __name__, url_prefix="/duty")
READERS = (*queries.ANSWERING, Role.ADMIN)


@dataclass(frozen=True, slots=True)
class _Place:
    """One unit as this person sees its duty."""

    unit: UnitInfo
    net: Network
    today: date
    is_led: bool
    people: list[queries.Colleague]
    choices: list[UnitInfo]

    @property
    def href(self) -> str:
        """The page's address."""
        return url_for("duty.unit", unit=self.unit.code)


@bp.get("")
@allow(*READERS)
def unit() -> ResponseReturnValue:
    """Show one unit: on duty today, away and coming absences, the way of assigning."""
    return _page(_place(current_actor(), request.args.get("unit", "")))


@bp.post("/<code>/absences")
@allow(*READERS)
def enter(code: str) -> ResponseReturnValue:
    """Enter an absence."""
    actor, place = current_actor(), _place(current_actor(), code)
    form = _absence_form(actor, place)
    if not form.validate():
        return _page(place, absence=form), 422
    try:
        actions.enter_absence(actor, form.wish(), now=clock.now())
    except DomainError as refused:
        return _page(place, absence=_refused(form, refused)), errors.status_of(refused)
    flash(_("已登记。这几天的消息同时发给代理人，诉求由代理人代办"), "good")
    return redirect(place.href, code=303)


@bp.post("/<code>/absences/<int:absence_id>/cancel")
@allow(*READERS)
def cancel(code: str, absence_id: int) -> ResponseReturnValue:
    """Call an absence off."""
    place = _place(current_actor(), code)
    actions.cancel_absence(current_actor(), absence_id, now=clock.now())
    flash(_("已取消这次离岗"), "good")
    return redirect(place.href, code=303)


@bp.post("/<code>/way")
@allow(*READERS)
def set_way(code: str) -> ResponseReturnValue:
    """Choose how the unit's tickets find a handler."""
    place = _place(current_actor(), code)
    form = _way_form(place)
    if not form.validate():
        return _page(place, way=form), 422
    actions.set_way(current_actor(), place.unit.code, Way(form.way.data))
    flash(_("已保存，从下一件签收的诉求起生效"), "good")
    return redirect(place.href, code=303)


def _place(actor: Actor, code: str) -> _Place:
    """The unit asked for, else the first one the person works in or arranges; raise NotFound for others."""
    net = network()
    led = queries.led_units(actor, net)
    own = [net.by_id[grant.unit_id] for grant in actor.grants if grant.role in queries.ANSWERING]
    known = {unit.code: unit for unit in (*own, *led)}
    if not known or (code and code not in known):
        raise NotFound
    chosen = known[code] if code else next(iter(known.values()))
    return _Place(
        unit=chosen,
        net=net,
        today=local_date(clock.now()),
        is_led=chosen in led,
        people=queries.colleagues([chosen.id]),
        choices=list(known.values()),
    )


def _absence_form(actor: Actor, place: _Place) -> AbsenceForm:
    form = AbsenceForm(prefix="")
    form.offer([one for one in place.people if place.is_led or one.id == actor.user_id], place.people)
    if request.method == "GET":
        form.starts_on.data = place.today
    keeping.refill(form)
    return form


def _way_form(place: _Place) -> WayForm:
    form = WayForm()
    form.offer(queries.way_of(place.unit.id))
    return form


def _refused(form: AbsenceForm, refused: DomainError) -> AbsenceForm:
    form.form_errors.extend(form.take_errors(errors.fields_of(refused)))
    if not refused.fields:
        form.form_errors.append(errors.sentence_of(refused))
    return form


def _page(place: _Place, absence: AbsenceForm | None = None, way: WayForm | None = None) -> str:
    actor = current_actor()
    roster = queries.roster(place.today, queries.chain(place.unit, place.net))
    officer = roster.answers(place.unit, place.net)
    may_enter = {one.id for one in place.people if place.is_led or one.id == actor.user_id}
    is_own = officer is not None and roster.holds(officer, place.unit.id, queries.ANSWERING)
    return render_template(
        "duty/unit.html",
        unit=place.unit,
        name=place.unit.label(language()),
        choices=[(one.label(language()), one.code) for one in place.choices[:12]],
        officer=roster.names.get(officer or 0),
        is_own=is_own,
        absences=queries.coming([one.id for one in place.people], place.today),
        today=place.today,
        may_enter=may_enter,
        absence=absence or _absence_form(actor, place),
        way=way or _way_form(place),
        way_word=_(WAYS[queries.way_of(place.unit.id)]),
        is_led=place.is_led,
    )
