"""The manager's first page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ticketing.core import clock
from ticketing.core.actor import Role
from ticketing.core.local_day import day_end, local_date
from ticketing.core.text import clean_line
from ticketing.insight import queries
from ticketing.insight.rules import USUAL_DAYS, BadPeriod, Period, read_period
from ticketing.insight.web import shown
from ticketing.insight.web.links import Links
from ticketing.network import queries as network
from ticketing.web.guards import allow, current_actor
from ticketing.web.menu import FIGURES
from ticketing.web.texts import language

bp = Blueprint("insight", __name__)
DAYS = (7, 30, 90)
WALL_SECONDS = 300
REVIEWERS = (Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER, Role.ADMIN, Role.AUDITOR)


@dataclass(frozen=True, slots=True)
class Choice:
    """One period to choose."""

    label: str
    href: str
    is_current: bool
    count: int | None = None
    tone: str = ""


@bp.get("/figures")
@allow(*FIGURES)
def figures() -> ResponseReturnValue:
    actor, now = current_actor(), clock.now()
    today = local_date(now)
    period, problem = _period(today)
    net = network.network()
    unit_code = _arg("unit")
    scope = queries.scope(actor, net, unit_code)
    found = queries.figures(actor, scope, period, now=now, day_end=day_end(now))
    links, locale = Links(scope), language()
    lines, total = shown.units(found, period, links, net, locale)
    points = shown.trend(found, period, links)
    page = render_template(
        "insight/figures.html",
        period=period,
        problem=problem,
        choices=_choices(period, today, unit_code),
        about=[net.by_code[code].label(locale) for code in scope.codes],
        unit_code=unit_code,
        may_review=actor.holds(*REVIEWERS),
        is_wall="wall" in request.args,
        cards=shown.cards(found, period, links),
        points=points,
        top=max((max(point.a, point.b) for point in points), default=0),
        units=lines,
        total=total,
        open=found.open,
        overdue=found.overdue,
        links=links,
        categories=shown.categories(found, period, links, network.categories(), locale),
    )
    # A screen on a wall has nobody who would ask it for news.
    return page, 422 if problem else 200, {"Refresh": str(WALL_SECONDS)} if "wall" in request.args else {}


def _arg(name: str) -> str:
    return clean_line(request.args.get(name, ""))[:16]


def _period(today: date) -> tuple[Period, str]:
    """The period of the address, and what was wrong with it if it could not be used."""
    try:
        return read_period(_arg("days"), _arg("month"), _arg("from"), _arg("to"), today), ""
    except BadPeriod as error:
        return Period.ending(today, USUAL_DAYS), _(error.text)


def _choices(period: Period, today: date, unit_code: str) -> list[Choice]:
    """The usual periods: some days up to today, this month and the last two."""
    months, start = [], today
    for _number in range(3):
        months.append(Period.month(start.year, start.month))
        start = months[-1].first - timedelta(days=1)
    wanted: list[tuple[str, dict[str, Any], Period]] = [
        (_("近 %(count)s 天", count=days), {"days": str(days)}, Period.ending(today, days)) for days in DAYS
    ]
    for month in months:
        name = f"{month.first.year}-{month.first.month:02d}"
        wanted.append((_("%(month)s 月", month=name), {"month": name}, month))
    return [
        Choice(label, url_for("insight.figures", **args, unit=unit_code or None), other == period)
        for label, args, other in wanted
    ]
