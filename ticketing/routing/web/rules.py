"""Pages of routing rules: the list in its order; a new rule, a change, an end, tried before they are kept."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ticketing.core import clock
from ticketing.core.actor import Role
from ticketing.core.errors import DomainError, NotFound
from ticketing.core.local_day import local_date
from ticketing.network import queries as network
from ticketing.routing import actions, queries
from ticketing.routing.actions import RuleWish
from ticketing.routing.forms import EndForm, RuleForm
from ticketing.routing.rules.book import RuleBook
from ticketing.routing.rules.deciding import Rule
from ticketing.routing.web.base import READERS, Names, bp
from ticketing.routing.words import DECIDES, Decides
from ticketing.web import errors, keeping
from ticketing.web.forms import BaseForm
from ticketing.web.guards import allow, current_actor
from ticketing.web.texts import gettext as _
from ticketing.web.texts import language

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One version of one rule, in words."""

    code: str
    name: str
    priority: int
    when: list[str]
    target: str
    version: int
    starts_on: date
    is_coming: bool
    is_ended: bool


@dataclass(frozen=True, slots=True)
class Way:
    """How many requests would have gone elsewhere, from where to where."""

    old: str
    new: str
    count: int


@dataclass(frozen=True, slots=True)
class TurnedLine:
    """One request that would have gone elsewhere."""

    number: str
    received_at: datetime
    category: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule would have made of the requests of the last 30 days; ``mark`` says of which rule."""

    mark: str
    replay: queries.Replay
    ways: list[Way]
    first: list[TurnedLine]


@bp.get("", strict_slashes=False)
@allow(*READERS)
def rules() -> ResponseReturnValue:
    today, book, names = local_date(clock.now()), queries.book(), Names.read()
    return render_template(
        "routing/rules.html",
        parts=[
            (_(DECIDES[decides]), [_line(rule, names, today) for rule in book.in_force(decides, today)])
            for decides in Decides
        ],
        coming=[_line(rule, names, today) for rule in book.versions if rule.starts_on > today],
        past=[_line(rule, names, today) for rule in _past(book, today)],
        may_write=current_actor().holds(Role.ADMIN),
    )


def _past(book: RuleBook, today: date) -> list[Rule]:
    """What has been in force and is no more, the ends of rules included."""
    now = {id(rule) for decides in Decides for rule in book.in_force(decides, today)}
    return [rule for rule in book.versions if rule.starts_on <= today and id(rule) not in now]


def _line(rule: Rule, names: Names, today: date) -> Line:
    return Line(
        code=rule.code,
        name=rule.label(language()),
        priority=rule.priority,
        when=names.when(rule),
        target=names.target(rule),
        version=rule.version,
        starts_on=rule.starts_on,
        is_coming=rule.starts_on > today,
        is_ended=rule.is_ended,
    )


@bp.get("/rules/<code>")
@allow(*READERS)
def rule(code: str) -> ResponseReturnValue:
    today, names = local_date(clock.now()), Names.read()
    versions = _versions(code)
    return render_template(
        "routing/rule.html",
        lines=[_line(version, names, today) for version in reversed(versions)],
        decides=_(DECIDES[versions[-1].decides]),
        may_write=current_actor().holds(Role.ADMIN),
    )


@bp.route("/new", methods=["GET", "POST"])
@allow(Role.ADMIN)
def new_rule() -> ResponseReturnValue:
    form = _form()
    if request.method == "GET" and not keeping.refill(form):
        form.starts_on.data = local_date(clock.now())
        form.decides.data = request.args.get("decides", Decides.LEAD.value)
        form.priority.data = "500"
    return _answer(form, None)


@bp.route("/rules/<code>/edit", methods=["GET", "POST"])
@allow(Role.ADMIN)
def edit_rule(code: str) -> ResponseReturnValue:
    last = _versions(code)[-1]
    form = _form()
    if request.method == "GET" and not keeping.refill(form):
        form.show(last)
        form.starts_on.data = max(local_date(clock.now()), last.starts_on)
    return _answer(form, last)


@bp.route("/rules/<code>/end", methods=["GET", "POST"])
@allow(Role.ADMIN)
def end_rule(code: str) -> ResponseReturnValue:
    last = _versions(code)[-1]
    form = EndForm()
    if request.method == "GET" and not keeping.refill(form):
        form.starts_on.data = local_date(clock.now())

    def wish() -> RuleWish:
        return RuleWish(
            last.name, last.name_en, last.decides, last.priority, last.conditions, last.target, last.unit,
            cast(date, form.starts_on.data), is_ended=True,
        )  # fmt: skip

    return _tried(form, wish, last, "routing/end_rule.html")


def _versions(code: str) -> list[Rule]:
    found = queries.book().of(code)
    if not found:
        raise NotFound
    return found


def _form() -> RuleForm:
    form = RuleForm()
    net = network.network()
    form.offer(network.categories(), network.sites(), list(net.by_id.values()), language())
    return form


def _answer(form: RuleForm, last: Rule | None) -> ResponseReturnValue:
    return _tried(form, form.wish, last, "routing/edit_rule.html")


def _tried(
    form: BaseForm, make: Callable[[], RuleWish], last: Rule | None, template: str
) -> ResponseReturnValue:
    """Show the form; sent, what the rule would have changed lately; sent again as seen, keep it."""
    preview, status, confirmed = None, 200, request.form.get("confirm", "")
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                wish = make()
                preview = _preview(wish, last)
                if confirmed == preview.mark:
                    return _kept(wish, last)
                status = 200
            except DomainError as error:
                preview, status = None, _refuse(form, error)
    page = render_template(
        template, form=form, last=last, preview=preview, is_other=bool(preview and confirmed)
    )
    return page, status


def _kept(wish: RuleWish, last: Rule | None) -> ResponseReturnValue:
    code, seen = (last.code, last.version) if last else (None, 0)
    made = actions.keep(current_actor(), wish, code=code, seen=seen, now=clock.now())
    about = {"code": made.code, "day": made.starts_on}
    ended = _("已停用规则 %(code)s，从 %(day)s 起", **about)
    flash(ended if made.is_ended else _("已保存规则 %(code)s，从 %(day)s 起生效", **about), "good")
    return redirect(url_for("routing.rules"), code=303)


def _refuse(form: BaseForm, error: DomainError) -> int:
    loose = form.take_errors(errors.fields_of(error))
    if loose or not error.fields:
        form.form_errors.append(errors.sentence_of(error))
    return errors.status_of(error)


def _preview(wish: RuleWish, last: Rule | None) -> Preview:
    """Check the rule, and run late requests through it."""
    today, book, names = local_date(clock.now()), queries.book(), Names.read()
    tried = wish.as_rule(last.code, last.version + 1) if last else wish.as_rule()
    actions.check_right(current_actor())
    actions.check(tried, book, today=today, net=names.net)
    found = queries.replay(
        book, book.tried(tried), wish.decides, on=wish.starts_on, today=today, net=names.net
    )
    return Preview(
        mark=hashlib.sha256(repr((wish, last and last.version)).encode()).hexdigest()[:16],
        replay=found,
        ways=_ways(found, names),
        first=[
            TurnedLine(
                one.number,
                one.received_at,
                names.categories.get(one.category, one.category),
                names.units(one.old) or _("没有建议"),
                names.units(one.new) or _("没有建议"),
            )
            for one in found.turned[:MOST_SHOWN]
        ],
    )


def _ways(found: queries.Replay, names: Names) -> list[Way]:
    counted = Counter((one.old, one.new) for one in found.turned)
    nobody = _("没有建议")
    return [
        Way(names.units(old) or nobody, names.units(new) or nobody, count)
        for (old, new), count in counted.most_common()
    ]
