"""The desk: staff file on behalf of a company that called, came by or was visited."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ticketing.accounts.queries import people
from ticketing.accounts.queries.people import Company
from ticketing.accounts.rules import INTAKE_ROLES, check_uscc
from ticketing.core import clock, idempotency
from ticketing.core.actor import Actor, Role
from ticketing.core.errors import DomainError, Invalid, KeyReused
from ticketing.core.idempotency import Answer
from ticketing.core.local_day import local_date
from ticketing.core.text import clean_line
from ticketing.intake import queries
from ticketing.intake.web import alike, guessing
from ticketing.intake.web.alike import Line, LooksAlike
from ticketing.intake.web.base import bp
from ticketing.intake.web.desk_form import NEW_COMPANY, DeskForm
from ticketing.intake.web.promises import kind_promises, urgent_promise
from ticketing.network import queries as network
from ticketing.network.queries import CategoryInfo
from ticketing.tickets import labels
from ticketing.tickets.actions import filing
from ticketing.tickets.queries.alike import alike as likely
from ticketing.tickets.words import Channel, Kind, Level
from ticketing.web import errors, keeping
from ticketing.web.forms import choices, fresh_key
from ticketing.web.guards import allow, current_actor
from ticketing.web.texts import language

OK, UNFIT = 200, 422
FIND = "find"
SHOWN_EXAMPLES = 3
_CONTROL = frozenset({"csrf_token", "once", "do", "anyway"})
# What a refusal calls a field, and what the form calls it.
FORM_NAMES = {
    "contact": "contact_phone",
    "contact.name": "contact_name",
    "contact.phone": "contact_phone",
    "contact.email": "contact_email",
    "phone": "contact_phone",
    "email": "contact_email",
    "enterprise": "name",
    "enterprise.uscc": "uscc",
    "enterprise.name": "name",
    "body": "description",
}
# The ways in a person at a desk writes down, the most common first.
CHANNELS = (
    Channel.PHONE,
    Channel.COUNTER,
    Channel.VISIT,
    Channel.STATION,
    Channel.MEETING,
    Channel.HOTLINE_12345,
    Channel.DEPT_REPORT,
    Channel.CANT_DO_WINDOW,
    Channel.APP_SST,
    Channel.FORUM_HSWS,
    Channel.BIZ_ENV_LINE,
)


@dataclass(frozen=True, slots=True)
class Matches:
    """The companies found for what was typed; ``is_sure`` when one of them is exactly it."""

    found: list[Company]
    is_sure: bool
    was_asked: bool


@bp.route("/tickets/new", methods=["GET", "POST"])
@allow(*filing.FILING_ROLES)
def desk() -> ResponseReturnValue:
    """Show the desk's form, find the company, or file."""
    actor, now = current_actor(), clock.now()
    form = _form(actor, now)
    if request.method == "GET":
        if keeping.refill(form):
            flash(_("您填写的内容还在。"), "info")
        return _page(form, now, Matches([], is_sure=False, was_asked=False)), OK
    matches = _offer(form, _matches(form, actor))
    if request.form.get("do") == FIND:
        form.uscc.errors = form.wrong_code
        return _page(form, now, matches), UNFIT if form.wrong_code else OK
    if guessing.is_asked(form):
        return _page(form, now, matches), OK
    is_fit = form.validate()
    if not _names_a_company(form, matches):
        return _page(form, now, matches), UNFIT
    return _filed(form, actor, now, matches) if is_fit else (_page(form, now, matches), UNFIT)


def _form(actor: Actor, now: datetime) -> DeskForm:
    locale = language()
    channel = Channel.STATION if actor.holds(Role.STATION_HEAD) else Channel.PHONE
    form = DeskForm(kind=Kind.HELP.value, level=Level.NORMAL.value, channel=channel.value, received_at=now)
    form.kind.choices = [(kind.value, _(labels.KINDS[kind])) for kind in Kind]
    form.level.choices = [(level.value, _(labels.LEVELS[level])) for level in Level]
    form.channel.choices = [(one.value, _(labels.CHANNELS[one])) for one in CHANNELS]
    known = network.categories()
    form.category.choices = [(one.code, one.label(locale)) for one in known]
    form.examples = {one.code: _some(one, locale) for one in known}
    places = [(place.code, place.label(locale)) for place in network.sites()]
    form.site.choices = choices(places, empty=_("不在这些园区和楼宇里"))
    form.pick.choices = []
    return form


def _some(category: CategoryInfo, locale: str) -> str:
    """Return the first examples of a category, as a list in words."""
    examples = category.examples_en if locale == "en" else category.examples
    return str(_("、")).join(examples.split(", ")[:SHOWN_EXAMPLES])


def _matches(form: DeskForm, actor: Actor) -> Matches:
    """Look for the company by code, else by name."""
    code, name = _code(form), clean_line(form.name.data or "")
    if not (code or name) or not actor.holds(*INTAKE_ROLES):
        return Matches([], is_sure=False, was_asked=bool(code or name))
    found = (people.enterprise_search(actor, code) if code else []) or people.enterprise_search(actor, name)
    is_sure = any((code and one.uscc == code) or (not code and one.name == name) for one in found)
    return Matches(found, is_sure=is_sure, was_asked=True)


def _code(form: DeskForm) -> str:
    """The credit code in its stored form; a wrong one is named in the form and not looked for."""
    if not (form.uscc.data or "").strip():
        return ""
    try:
        return check_uscc(form.uscc.data)
    except Invalid as wrong:
        form.wrong_code = errors.fields_of(wrong)["uscc"]
        return ""


def _offer(form: DeskForm, matches: Matches) -> Matches:
    """Put the companies found into the form, and the way to write down a new one."""
    options = [(_value(one), _label(one)) for one in matches.found]
    if options and not matches.is_sure:
        options.append((NEW_COMPANY, _("都不是，登记为新企业")))
    form.pick.choices = options
    known = {value for value, _text in options}
    if form.pick.data not in known:
        form.pick.data = options[0][0] if len(matches.found) == 1 and matches.is_sure else None
    return matches


def _value(company: Company) -> str:
    return f"u:{company.uscc}" if company.uscc else f"n:{company.name}"


def _label(company: Company) -> str:
    known = company.uscc or _("尚无信用代码")
    return f"{company.name} · {known}" + ("" if company.is_verified else f" · {_('未核实')}")


def _names_a_company(form: DeskForm, matches: Matches) -> bool:
    """Whether it is clear whose request this is; else the form says what is missing."""
    if not (form.name.data or form.uscc.data):
        form.name.errors = [*form.name.errors, _("请填写企业名称或统一社会信用代码")]
        return False
    if form.wrong_code:
        form.uscc.errors = form.wrong_code
        return False
    if matches.found and not form.pick.data:
        form.pick.errors = [*form.pick.errors, _("有名称相近的企业，请选是哪一家，或登记为新企业")]
        return False
    return True


def _filed(form: DeskForm, actor: Actor, now: datetime, matches: Matches) -> ResponseReturnValue:
    add_to = alike.chosen()

    def make() -> Answer:
        if add_to:
            alike.add(actor, add_to, f"{form.title.data}\n{form.description.data}", (), now=now)
            return Answer(303, add_to, url_for("tickets.show", number=add_to))
        if not form.anyway.data:
            _refuse_twins(form, actor, now)
        ticket = filing.file(actor, form.wish(), now=now)
        return Answer(303, ticket.number, url_for("intake.filed", number=ticket.number))

    body = sorted(pair for pair in request.form.items(multi=True) if pair[0] not in _CONTROL)
    told = json.dumps([request.path, body], ensure_ascii=False).encode(errors="surrogatepass")
    try:
        answer = idempotency.once(f"user:{actor.user_id}", form.once.data, told, make, now=now)
    except LooksAlike as refusal:
        form.anyway.data = "1"
        return _page(form, now, matches, alike.lines(refusal.found, actor, language())), OK
    except DomainError as refusal:
        return _refused(form, refusal, now, matches)
    if add_to:
        flash(_("已补充到 %(number)s，承办单位看得到。", number=answer.body), "good")
    return redirect(answer.location, code=303)


def _refuse_twins(form: DeskForm, actor: Actor, now: datetime) -> None:
    """Stop once when the company has something like it: open, or closed lately."""
    named = form.company()
    company_id = queries.company_id(named.uscc, named.name)
    if company_id is None:
        return
    found = likely(actor, company_id, form.title.data, form.category.data, now=now)
    if found:
        raise LooksAlike(found)


def _refused(form: DeskForm, refusal: DomainError, now: datetime, matches: Matches) -> ResponseReturnValue:
    """Show the form again with what was typed and why it was refused."""
    if isinstance(refusal, KeyReused):
        form.once.data = fresh_key()
        form.form_errors.append(_("这份表单刚才已经提交过。如果这是另一件诉求，请再按一次“登记诉求”。"))
    else:
        fields = {FORM_NAMES.get(name, name): texts for name, texts in errors.fields_of(refusal).items()}
        loose = form.take_errors(fields)
        if loose or not fields:
            form.form_errors.append(errors.sentence_of(refusal))
    return _page(form, now, matches), errors.status_of(refusal)


def _page(form: DeskForm, now: datetime, matches: Matches, found_alike: Sequence[Line] = ()) -> str:
    found = queries.promises(local_date(now))
    return render_template(
        "intake/desk.html",
        form=form,
        matches=matches,
        guess=guessing.for_form(form),
        cases=guessing.cases_for(form),
        alike=found_alike,
        kind_hints=kind_promises(found),
        urgent_hint=urgent_promise(found),
    )
