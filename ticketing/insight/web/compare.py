"""The rates side by side: by unit, category, kind, channel or month; on a page, or as a file for a report."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from typing import Any

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ticketing.core import clock
from ticketing.core.local_day import local_date
from ticketing.core.text import N_, clean_line
from ticketing.insight import queries
from ticketing.insight.queries import By, Group
from ticketing.insight.rules import USUAL_DAYS, BadPeriod, Period, Rate, Tally, read_period
from ticketing.insight.web.figures import DAYS, Choice, bp
from ticketing.insight.web.links import Links
from ticketing.network import queries as network
from ticketing.network.queries import Network
from ticketing.tickets import labels
from ticketing.tickets.words import State
from ticketing.web.filters import percent
from ticketing.web.guards import allow, current_actor
from ticketing.web.menu import FIGURES
from ticketing.web.texts import language

WAYS = {
    By.UNIT: N_("按单位"),
    By.CATEGORY: N_("按类别"),
    By.KIND: N_("按类型"),
    By.CHANNEL: N_("按渠道"),
    By.MONTH: N_("按月"),
}
# In the order of the columns; what is above and below the line of each is said in the page's foot.
RATES = {
    "closure": N_("办结率"),
    "response": N_("响应率"),
    "resolution": N_("解决率"),
    "satisfaction": N_("满意率"),
    "on_time": N_("按时办结率"),
    "redo": N_("重办率"),
}
_RISKY = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Cell:
    """One rate: its share in words, what it was made of, the list of its numerator where there is one."""

    name: str
    rate: Rate
    href: str


@dataclass(frozen=True, slots=True)
class Line:
    """One unit, category, kind, channel or month. Addresses are empty where there is nothing to see."""

    name: str
    href: str
    received: int
    href_received: str
    cells: list[Cell]


@bp.get("/figures/rates")
@allow(*FIGURES)
def compare() -> ResponseReturnValue:
    actor, now = current_actor(), clock.now()
    today, net = local_date(now), network.network()
    days, month, first, last = (
        clean_line(request.args.get(name, ""))[:16] for name in ("days", "month", "from", "to")
    )
    try:
        period, problem = read_period(days, month, first, last, today), ""
    except BadPeriod as error:
        period, problem = Period.ending(today, USUAL_DAYS), _(error.text)
    by = next((way for way in WAYS if way.value == request.args.get("by")), By.UNIT)
    scope = queries.scope(actor, net)
    lines, total = _lines(_Names(by, net, period, Links(scope)), scope, now)
    if request.args.get("format") == "csv" and not problem:
        return _file(by, period, [*lines, total])
    page = render_template(
        "insight/rates.html",
        period=period,
        problem=problem,
        by=by.value,
        ways=[Choice(_(label), _address(way, _span(period)), way is by) for way, label in WAYS.items()],
        choices=[
            Choice(
                _("近 %(count)s 天", count=number),
                _address(by, {"days": number}),
                Period.ending(today, number) == period,
            )
            for number in DAYS
        ],
        heads=[_(label) for label in RATES.values()],
        lines=lines,
        total=total,
        csv_href=_address(by, _span(period), format="csv"),
    )
    return page, 422 if problem else 200


class _Names:
    """What a key is called, and which lists it leads to."""

    def __init__(self, by: By, net: Network, period: Period, links: Links) -> None:
        self.by, self.net, self.period, self._links = by, net, period, links
        self._names = _words(by, net)

    def name(self, key: str) -> str:
        return self._names.get(key, key)

    def page(self, key: str) -> str:
        return self._links.figures(self.period, key) if key and self.by is By.UNIT else ""

    def list(self, key: str, **more: str) -> str:
        """The list of what was received under a key, or under any for an empty one."""
        if not key:
            return self._links.narrowed(self.period, **more)
        if self.by is By.MONTH:
            year, _sep, month = key.partition("-")
            whole = Period.month(int(year), int(month))
            first, last = max(whole.first, self.period.first), min(whole.last, self.period.last)
            return self._links.narrowed(Period(first, last), **more)
        name = "at" if self.by is By.UNIT else self.by.value
        return self._links.narrowed(self.period, **{name: key}, **more)


def _words(by: By, net: Network) -> Mapping[str, str]:
    locale = language()
    if by is By.UNIT:
        return {code: unit.label(locale) for code, unit in net.by_code.items()}
    if by is By.CATEGORY:
        return {one.code: one.label(locale) for one in network.categories()}
    known: dict[By, Mapping[Any, str]] = {By.KIND: labels.KINDS, By.CHANNEL: labels.CHANNELS}
    return {word.value: _(label) for word, label in known.get(by, {}).items()}


def _lines(names: _Names, scope: queries.Scope, now: datetime) -> tuple[list[Line], Line]:
    """The lines, those that received most first, months in their order; and all together."""
    period = names.period
    groups = queries.tallies(scope, period.start, period.end, names.by, net=names.net, now=now)
    if names.by is not By.MONTH:
        groups.sort(key=lambda one: -one.tally.received)
    together = sum((one.tally for one in groups), Tally())
    return [_line(one, names.name(one.key), names) for one in groups], _line(
        Group("", together), _("合计"), names
    )


def _line(group: Group, name: str, names: _Names) -> Line:
    lists = {"closure": {"status": State.CLOSED.value}, "satisfaction": {"satisfied": "1"}}
    cells = []
    for attribute, label in RATES.items():
        rate: Rate = getattr(group.tally, attribute)
        leads = rate.numerator and attribute in lists
        cells.append(Cell(_(label), rate, names.list(group.key, **lists[attribute]) if leads else ""))
    received = group.tally.received
    return Line(name, names.page(group.key), received, names.list(group.key) if received else "", cells)


def _span(period: Period) -> dict[str, str]:
    return {"from": period.first.isoformat(), "to": period.last.isoformat()}


def _address(by: By, span: Mapping[str, Any], **more: str) -> str:
    given: dict[str, Any] = {"by": by.value, **span, **more}
    return url_for("insight.compare", **given)


def _file(by: By, period: Period, lines: list[Line]) -> Response:
    """The same as a table for a spreadsheet, each rate with what it was made of."""
    out = StringIO()
    table = csv.writer(out)
    heads = [part for label in RATES.values() for part in (_(label), _("分子"), _("分母"))]
    table.writerow([_(WAYS[by]), _("收到"), *heads])
    for line in lines:
        made = [
            part
            for cell in line.cells
            for part in (percent(cell.rate.value), cell.rate.numerator, cell.rate.denominator)
        ]
        name = f"'{line.name}" if line.name.startswith(_RISKY) else line.name
        table.writerow([name, line.received, *made])
    answer = Response("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    name = f"rates-{by.value}-{period.first}-{period.last}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
