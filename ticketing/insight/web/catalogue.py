"""The dispatch catalogue to be reviewed: what is sent to whom and comes back, the worst first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ticketing.core import clock
from ticketing.core.actor import Actor, Role
from ticketing.core.local_day import local_date
from ticketing.core.text import clean_line
from ticketing.insight import catalogue, queries
from ticketing.insight.queries import Scope
from ticketing.insight.rules import (
    LEAST_SENT,
    USUAL_DAYS,
    BadPeriod,
    Period,
    Rate,
    Sent,
    read_period,
    to_review,
)
from ticketing.insight.web.figures import DAYS, REVIEWERS, Choice, bp
from ticketing.network import queries as network
from ticketing.network.queries import Network
from ticketing.routing import queries as routing
from ticketing.routing.rules.deciding import Rule
from ticketing.routing.words import Decides, Target
from ticketing.web.guards import allow, current_actor
from ticketing.web.texts import language


@dataclass(frozen=True, slots=True)
class Line:
    """One category at one unit. Addresses are empty for those who read no tickets."""

    category: str
    unit: str
    sent: int
    returned: int
    rate: Rate
    href_sent: str
    href_returned: str
    rule: str
    href_rule: str


@bp.get("/figures/dispatch-catalogue")
@allow(*REVIEWERS)
def dispatch_catalogue() -> ResponseReturnValue:
    actor, today = current_actor(), local_date(clock.now())
    try:
        asked = [_arg(name) for name in ("days", "month", "from", "to")]
        period, problem = read_period(asked[0], asked[1], asked[2], asked[3], today), ""
    except BadPeriod as error:
        period, problem = Period.ending(today, USUAL_DAYS), _(error.text)
    net = network.network()
    found = to_review(catalogue.sent(_scope(actor, net), period))
    lines = _Lines(actor, net, period)
    page = render_template(
        "insight/dispatch_catalogue.html",
        period=period,
        problem=problem,
        least=LEAST_SENT,
        ranked=[lines.line(one) for one in found.ranked],
        small=[lines.line(one) for one in found.small],
        quiet=[lines.line(one) for one in found.quiet],
        choices=[
            Choice(
                _("近 %(count)s 天", count=days),
                url_for("insight.dispatch_catalogue", days=days),
                Period.ending(today, days) == period,
            )
            for days in DAYS
        ],
    )
    return page, 422 if problem else 200


def _arg(name: str) -> str:
    return clean_line(request.args.get(name, ""))[:16]


def _scope(actor: Actor, net: Network) -> Scope:
    """The units the person answers for; administrators read no tickets, but the numbers of the district."""
    if not actor.reading_paths and any(g.role is Role.ADMIN and "/" not in g.path for g in actor.grants):
        return Scope(None)
    return queries.scope(actor, net)


class _Lines:
    """Makes the lines of the table: names, addresses of lists, and the rule that sends it there."""

    def __init__(self, actor: Actor, net: Network, period: Period) -> None:
        self._net = net
        self._locale = language()
        self._span: dict[str, Any] = {"from": period.first.isoformat(), "to": period.last.isoformat()}
        self._may_list = bool(actor.reading_paths)
        self._names = {one.code: one.label(self._locale) for one in network.categories()}
        self._leads = routing.known().leads
        self._rules = routing.book().in_force(Decides.LEAD, local_date(clock.now()))

    def line(self, one: Sent) -> Line:
        unit = self._net.by_id[one.unit_id]
        rule = self._sender(one)
        return Line(
            category=self._names.get(one.category, one.category),
            unit=unit.label(self._locale),
            sent=one.sent,
            returned=one.returned,
            rate=one.rate,
            href_sent=self._list(one.category, sent_to=unit.code),
            href_returned=self._list(one.category, returned_by=unit.code),
            rule=_("规则 %(code)s：%(name)s", code=rule.code, name=rule.label(self._locale)) if rule else "",
            href_rule=url_for("routing.rule", code=rule.code) if rule else "",
        )

    def _list(self, category: str, **narrowed: Any) -> str:
        if not self._may_list:
            return ""
        return url_for("tickets.index", category=category, **narrowed, **self._span)

    def _sender(self, one: Sent) -> Rule | None:
        """The first rule in force that proposes the unit for the category, whatever else it asks for."""
        code = self._net.by_id[one.unit_id].code
        for rule in self._rules:
            held = rule.conditions.categories
            names_it = rule.target is Target.UNIT and rule.unit == code
            leads_it = rule.target is Target.CATEGORY_LEAD and one.unit_id in self._leads.get(
                one.category, ()
            )
            if (not held or one.category in held) and (names_it or leads_it):
                return rule
        return None
