"""The blueprint of meetings, and how its forms are shown, saved once, and shown again when refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ticketing.accounts.queries.people import users_in
from ticketing.core import clock, idempotency
from ticketing.core.actor import CONVENERS, TICKET_READERS, Actor
from ticketing.core.errors import ChangedMeanwhile, DomainError, KeyReused, NotFound
from ticketing.core.idempotency import Answer
from ticketing.meetings import rules
from ticketing.meetings.forms import VersionedForm
from ticketing.meetings.queries import reading
from ticketing.meetings.queries.reading import MeetingView
from ticketing.network.queries import Network, UnitInfo
from ticketing.network.words import UnitKind
from ticketing.web import errors, keeping
from ticketing.web.forms import BaseForm, fresh_key
from ticketing.web.guards import current_actor
from ticketing.web.texts import gettext as _
from ticketing.web.texts import language

READERS = tuple(sorted(TICKET_READERS))
bp = Blueprint("meetings", __name__, url_prefix="/meetings")
_KINDS = (UnitKind.DEPARTMENT, UnitKind.CENTRE, UnitKind.AREA, UnitKind.STATION)
_CONTROL = frozenset({"csrf_token", "once"})


@dataclass(frozen=True, slots=True)
class Page:
    """A form's page: its template, its heading and what else it shows."""

    template: str
    heading: str
    found: MeetingView | None = None
    about: Mapping[str, object] | None = None


def look(number: str) -> MeetingView:
    """Return the meeting as the person may read it; raise NotFound."""
    return reading.view(current_actor(), number, now=clock.now())


def look_to_write(number: str) -> MeetingView:
    """Return a meeting the person may write in; raise NotFound, or MeetingIsOver when it is closed."""
    found = look(number)
    if not found.leads:
        raise NotFound(number=number)
    if not found.is_draft:
        raise rules.MeetingIsOver
    return found


def active_units(net: Network) -> list[UnitInfo]:
    """Return the units that can take part: departments, the centre, areas, stations."""
    found = [unit for unit in net.by_id.values() if unit.is_active]
    return sorted(found, key=lambda unit: (_KINDS.index(unit.kind), unit.path))


def hosts(actor: Actor, net: Network) -> list[UnitInfo]:
    """Return the units for which the person can call a meeting, the person's own first."""
    mine = {grant.path for grant in actor.grants if grant.role in CONVENERS}
    found = [unit for unit in active_units(net) if rules.leads(actor, unit.path)]
    return sorted(found, key=lambda unit: (unit.path not in mine, unit.path))


def people_of(units: list[UnitInfo]) -> list[tuple[int, str]]:
    """Return the people of ``units`` who can be named, with their unit."""
    names = {unit.id: unit.label(language()) for unit in units}
    found = {
        one.user_id: f"{one.name} · {names[one.unit_id]}" for one in users_in(sorted(names), TICKET_READERS)
    }
    return list(found.items())


def answer(form: BaseForm, page: Page, save: Callable[[datetime], Answer]) -> ResponseReturnValue:
    """Show a form; posted, save it once and go where the answer says; refused, show it again as typed."""
    keeping.refill(form)
    if request.method != "POST":
        return _shown(form, page), 200
    if not form.validate():
        return _shown(form, page), 422
    now = clock.now()
    try:
        done = once(current_actor(), lambda: save(now), now)
    except NotFound:
        raise
    except DomainError as refused:
        return _refused(form, page, refused)
    if done.body:
        flash(done.body, "good")
    return redirect(done.location, code=303)


def once(actor: Actor, make: Callable[[], Answer], now: datetime, marks: str = "") -> Answer:
    """Do what a posted form asks for, once for each rendering of it; ``marks`` tell what was sent along."""
    body = [pair for pair in request.form.items(multi=True) if pair[0] not in _CONTROL]
    told = json.dumps([request.path, body, marks], ensure_ascii=False).encode(errors="surrogatepass")
    return idempotency.once(f"user:{actor.user_id}", request.form.get("once"), told, make, now=now)


def done(number: str, sentence: str, anchor: str | None = None) -> Answer:
    """Return the answer that leads back to the meeting."""
    return Answer(303, sentence, url_for("meetings.show", number=number, _anchor=anchor))


def _refused(form: BaseForm, page: Page, refused: DomainError) -> ResponseReturnValue:
    loose = form.take_errors(errors.fields_of(refused))
    if loose or not refused.fields:
        form.form_errors.append(errors.sentence_of(refused))
    if isinstance(refused, KeyReused):
        form.form_errors = [_("这份表单已经提交过一次，刚才的内容和上一次不同。要再提交，请再按一次按钮")]
    if isinstance(refused, ChangedMeanwhile) and isinstance(form, VersionedForm):
        form.version.data = str(refused.extra.get("version", ""))
    if isinstance(refused, ChangedMeanwhile | KeyReused):
        form.once.data = fresh_key()
    return _shown(form, page), errors.status_of(refused)


def _shown(form: BaseForm, page: Page) -> str:
    return render_template(
        page.template, form=form, heading=page.heading, found=page.found, **(page.about or {})
    )
