"""The simulator: who would get this, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import cast

from flask import render_template, request
from flask.typing import ResponseReturnValue

from ticketing.core import clock
from ticketing.core.local_day import local_date
from ticketing.network import queries as network
from ticketing.routing import queries
from ticketing.routing.forms import TryForm
from ticketing.routing.rules.deciding import Asked, Decision, decide
from ticketing.routing.web.base import READERS, Names, bp
from ticketing.routing.words import DECIDES, MISSES, WHYS, Decides, Why
from ticketing.web.guards import allow
from ticketing.web.texts import gettext as _
from ticketing.web.texts import language


@dataclass(frozen=True, slots=True)
class Passed:
    """A rule that was passed over, and why."""

    code: str
    name: str
    because: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """One of the two answers: who, by which rule, and which rules were passed over before it."""

    about: str
    units: str
    why: str
    code: str
    name: str
    version: int
    passed: list[Passed]


@bp.get("/try")
@allow(*READERS)
def simulate() -> ResponseReturnValue:
    """Nothing is stored: the question stands in the address and can be passed on."""
    form = TryForm(request.args or None, meta={"csrf": False})
    sites = network.sites()
    net = network.network()
    form.offer(network.categories(), sites, net, language())
    outcomes, status = [], 200
    if request.args:
        if form.validate():
            names = Names.read()
            paths = {one.code: names.net.by_id[one.unit_id].path for one in sites}
            path = paths.get(form.site.data, "")
            outcomes = [_outcome(decides, form.asked(path, net), form, names) for decides in Decides]
        else:
            status = 422
    else:
        form.on.data = local_date(clock.now())
        form.kind.data, form.level.data, form.channel.data = "help", "normal", "platform"
    return render_template("routing/try.html", form=form, outcomes=outcomes), status


def _outcome(decides: Decides, asked: Asked, form: TryForm, names: Names) -> Outcome:
    rules = queries.book().in_force(decides, cast(date, form.on.data))
    leads = queries.known().leads.get(asked.category, ())
    return _said(decides, decide(decides, rules, asked, names.net, leads), names)


def _said(decides: Decides, found: Decision, names: Names) -> Outcome:
    rule = found.rule
    return Outcome(
        about=_(DECIDES[decides]),
        units=names.units(found.units) or _("没有建议"),
        why="" if found.why is Why.RULE else _(WHYS[found.why]),
        code=rule.code if rule else "",
        name=rule.label(language()) if rule else "",
        version=rule.version if rule else 0,
        passed=[Passed(one.code, one.label(language()), _(MISSES[miss])) for one, miss in found.passed],
    )
