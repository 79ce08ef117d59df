"""Pages of limits: how long everything may take, and from when."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ticketing.core import clock
from ticketing.core.actor import Role
from ticketing.core.errors import DomainError
from ticketing.core.local_day import day_start, local_date
from ticketing.network import queries as network
from ticketing.sla import queries
from ticketing.sla.actions import limits as setting
from ticketing.sla.forms.limit_words import limit_words
from ticketing.sla.forms.limits import LimitForm
from ticketing.sla.forms.steps import steps_words
from ticketing.sla.models import LimitRule
from ticketing.sla.queries import ANY, LimitFor
from ticketing.sla.rules.calendars import ONE_DAY
from ticketing.sla.rules.step_rows import AUDIENCES
from ticketing.sla.rules.steps import DEFAULT, read
from ticketing.sla.web.base import READERS, bp, missing_year, refuse
from ticketing.sla.words import KINDS, LEVELS, METRICS, Metric
from ticketing.web import keeping
from ticketing.web.guards import allow, current_actor
from ticketing.web.texts import language

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: for which requests, and how long each step may take."""

    about: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One stored rule."""

    about: str
    metric: str
    limit: str
    starts_on: date
    is_coming: bool
    calendar: str
    steps: list[str]
    version: int
    id: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule would have made of late requests: how many were looked at and move, the latest of them.

    ``steps`` are its own steps in words; none: the usual ones.
    """

    mark: str
    steps: list[str]
    looked_at: int
    count: int
    yesterday: int
    first: list[setting.Effect]


@bp.get("/limits")
@allow(*READERS)
def limits() -> ResponseReturnValue:
    today = local_date(clock.now())
    rules = queries.all_rules()
    names = _Names()
    return render_template(
        "sla/limits.html",
        lines=[*_usual(rules, today), *_special(rules, names, today)],
        rules=[
            RuleLine(
                names.about(rule),
                _(METRICS[rule.metric]),
                said(rule.limit),
                rule.starts_on,
                rule.starts_on > today,
                rule.calendar_name or "",
                steps_words(read(rule.steps)) if rule.steps else [],
                rule.version,
                rule.id,
            )
            for rule in rules
        ],
        may_write=current_actor().holds(Role.ADMIN),
        calendars=[(name, missing_year(queries.calendar(name), today)) for name in network.calendar_names()],
    )


@bp.route("/limits/new", methods=["GET", "POST"])
@allow(Role.ADMIN)
def new_limit() -> ResponseReturnValue:
    """Show the form; sent, what the rule would have made of late requests; sent again as seen, keep it."""
    form, today = LimitForm(), local_date(clock.now())
    active = [unit for unit in network.network().by_id.values() if unit.is_active]
    form.offer(network.categories(), active, network.calendar_names(), language())
    rule = _asked_rule()
    form.begins_with(rule)
    if request.method == "GET" and not keeping.refill(form):
        form.start_from(rule, today + ONE_DAY)
    preview, status, confirmed = None, 200, request.form.get("confirm", "")
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                wish = form.wish()
                setting.check(wish, today=today)
                preview = _preview(wish, today)
                if confirmed == preview.mark:
                    setting.set_limit(current_actor(), wish, today=today)
                    flash(_("已保存，从 %(day)s 起对新的时限生效", day=form.starts_on.data), "good")
                    return redirect(url_for("sla.limits"), code=303)
                status = 200
            except DomainError as error:
                preview, status = None, refuse(form, error, "limit")
    page = render_template(
        "sla/new_limit.html",
        form=form,
        preview=preview,
        is_other=bool(preview and confirmed),
        usual=steps_words(DEFAULT),
        audiences=AUDIENCES,
    )
    return page, status


def _asked_rule() -> LimitRule | None:
    asked = request.args.get("rule", "")
    return queries.rule(int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 10 else None  # noqa: PLR2004 - an id


def _preview(wish: setting.RuleWish, today: date) -> Preview:
    tried = setting.trial(wish, today=today)
    yesterday = day_start(today - ONE_DAY), day_start(today)
    lately = [effect for effect in tried.effects if yesterday[0] <= effect.received_at < yesterday[1]]
    mark = hashlib.sha256(repr(wish).encode()).hexdigest()[:16]
    steps = steps_words(wish.steps) if wish.steps else []
    return Preview(mark, steps, tried.looked_at, len(tried.effects), len(lately), tried.effects[:MOST_SHOWN])


def said(text: str | None) -> str:
    """Return a limit as people say it: 10 个工作日; that there is none where there is none."""
    return limit_words(text) if text else str(_("不设"))


def _steps(best: dict[Metric, LimitRule]) -> tuple[str, ...]:
    """Say each step with its limit, in the order of a request's life."""
    return tuple(
        _("%(limit)s%(step)s", limit=said(best[metric].limit), step=_(label))
        for metric, label in METRICS.items()
        if metric in best and best[metric].limit is not None
    )


def _usual(rules: Iterable[LimitRule], today: date) -> list[Line]:
    """What counts for each kind and level now; a level that is the same for every kind is one line."""
    lines: list[Line] = []
    for level, level_name in LEVELS.items():
        by_kind = {
            kind: _steps(queries.best_rules(rules, LimitFor(kind, level, "", ""), today)) for kind in KINDS
        }
        if len(set(by_kind.values())) == 1:
            lines.append(Line(_("所有类型 · %(level)s", level=_(level_name)), next(iter(by_kind.values()))))
        else:
            lines += [Line(f"{_(KINDS[kind])} · {_(level_name)}", steps) for kind, steps in by_kind.items()]
    return lines


def _special(rules: Iterable[LimitRule], names: _Names, today: date) -> list[Line]:
    """What counts for some categories or units only."""
    groups: dict[str, dict[Metric, LimitRule]] = {}
    for rule in sorted(rules, key=lambda one: one.starts_on):
        if rule.starts_on <= today and (rule.category_code, rule.unit_code) != (ANY, ANY):
            groups.setdefault(names.about(rule), {})[rule.metric] = rule
    return [Line(about, _steps(best)) for about, best in groups.items()]


class _Names:
    """What the codes in rules are called."""

    def __init__(self) -> None:
        locale = language()
        self._categories = {one.code: one.label(locale) for one in network.categories()}
        self._units = {one.code: one.label(locale) for one in network.network().by_id.values()}

    def about(self, rule: LimitRule) -> str:
        """Say for which requests a rule is."""
        parts = [
            _(KINDS[rule.kind]) if rule.kind in KINDS else _("所有类型"),
            _(LEVELS[rule.level]) if rule.level in LEVELS else _("不限程度"),
        ]
        if rule.category_code != ANY:
            parts.append(self._categories.get(rule.category_code, rule.category_code))
        if rule.unit_code != ANY:
            parts.append(self._units.get(rule.unit_code, rule.unit_code))
        return " · ".join(parts)
