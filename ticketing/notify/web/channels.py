"""Pages of administrators: the ways out, who gets what over them, how it is worded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from config import Config
from ticketing.accounts.rules import ROLE_NAMES
from ticketing.core import clock
from ticketing.core.actor import Role
from ticketing.core.errors import DomainError, NotFound
from ticketing.network.queries import network
from ticketing.notify import labels
from ticketing.notify.actions import settings
from ticketing.notify.forms import GatewayForm, RobotForm, RuleForm, TextForm
from ticketing.notify.queries import ways
from ticketing.notify.rules import wording
from ticketing.notify.rules.timing import Quiet
from ticketing.notify.web.base import bp
from ticketing.notify.web.delivery import READERS
from ticketing.notify.words import PERSONAL, Channel, Reach, Wording
from ticketing.web import errors, keeping
from ticketing.web.forms import BaseForm
from ticketing.web.guards import allow, current_actor
from ticketing.web.texts import gettext as in_its_language
from ticketing.web.texts import in_language, language

_MAX_ID = 2**31 - 1


@dataclass(frozen=True, slots=True)
class RobotLine:
    """One robot in words."""

    row: ways.RobotInfo
    kind: str
    unit: str
    quiet: str


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One role: for each channel its name, what is sent, the quiet hours, and where to change it."""

    role: str
    cells: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True, slots=True)
class TextLine:
    """One text in one language: as it is now, and whether it was worded anew."""

    name: str
    language: str
    body: str
    is_changed: bool
    href: str


@bp.get("/admin/messages/channels")
@allow(*READERS)
def channels() -> ResponseReturnValue:
    locale = language()
    config: Config = current_app.config["TICKETING"]
    return render_template(
        "notify/channels.html",
        smtp=config.smtp,
        gateway=ways.gateway(),
        robots=[
            RobotLine(
                row,
                _(labels.ROBOTS[row.kind]),
                (row.unit_name_en or row.unit_name) if locale == "en" else row.unit_name,
                hours(row.quiet),
            )
            for row in ways.robots()
        ],
        rules=_rule_lines(),
        texts=_text_lines(),
        channel_names=[_(labels.CHANNELS[channel]) for channel in PERSONAL],
        may_write=current_actor().holds(Role.ADMIN),
    )


@bp.route("/admin/messages/robots/new", methods=["GET", "POST"])
@allow(Role.ADMIN)
def new_robot() -> ResponseReturnValue:
    form = RobotForm()
    units = [unit for unit in network().by_id.values() if unit.is_active]
    form.offer(units, language())
    if request.method == "GET":
        form.quiet_from.data, form.quiet_to.data = settings.NIGHT.start, settings.NIGHT.end

    def save() -> None:
        settings.add_robot(current_actor(), form.wish(), now=clock.now())
        flash(_("已登记，发一条测试消息看看"), "good")

    return _answer(form, save, "notify/new_robot.html")


@bp.post(f"/admin/messages/robots/<int(max={_MAX_ID}):robot_id>")
@allow(Role.ADMIN)
def switch_robot(robot_id: int) -> ResponseReturnValue:
    settings.switch_robot(current_actor(), robot_id, is_on=request.form.get("on") == "1")
    flash(_("已保存，立即生效"), "good")
    return redirect(url_for("notify.channels"), code=303)


@bp.route("/admin/messages/sms", methods=["GET", "POST"])
@allow(Role.ADMIN)
def gateway() -> ResponseReturnValue:
    known = ways.gateway()
    form = GatewayForm(url=known.url if known else "", is_on=known.is_active if known else True)

    def save() -> None:
        settings.set_gateway(current_actor(), form.url.data, form.secret.data or "", is_on=form.is_on.data)
        flash(_("已保存，立即生效"), "good")

    return _answer(form, save, "notify/sms.html", is_known=known is not None)


@bp.route("/admin/messages/rules/<role>/<channel>", methods=["GET", "POST"])
@allow(Role.ADMIN)
def rule(role: str, channel: str) -> ResponseReturnValue:
    if role not in set(Role) or channel not in set(PERSONAL):
        raise NotFound
    known = ways.rules().get((Role(role), Channel(channel)), ways.RoleRule(Reach.NONE, None))
    form = RuleForm(reach=known.reach.value)
    form.offer()
    if request.method == "GET" and known.quiet is not None:
        form.quiet_from.data, form.quiet_to.data = known.quiet.start, known.quiet.end

    def save() -> None:
        settings.set_rule(current_actor(), Role(role), Channel(channel), Reach(form.reach.data), form.hours)
        flash(_("已保存，立即生效"), "good")

    names = {"role": _(ROLE_NAMES[Role(role)]), "channel": _(labels.CHANNELS[Channel(channel)])}
    return _answer(form, save, "notify/edit_rule.html", **names)


@bp.route("/admin/messages/texts/<name>/<language>", methods=["GET", "POST"])
@allow(Role.ADMIN)
def text(name: str, language: str) -> ResponseReturnValue:
    if name not in set(Wording) or language not in wording.LANGUAGES:
        raise NotFound
    which = Wording(name)
    form = TextForm()
    if request.method == "GET":
        form.body.data = ways.wordings().get((which, language)) or _usual(which, language)

    def save() -> None:
        try:
            settings.set_text(current_actor(), which, language, form.body.data or "")
        except wording.BadWording as error:
            error.fields = {"body": [error.text]}
            raise
        flash(_("已保存，立即生效"), "good")

    return _answer(
        form,
        save,
        "notify/edit_text.html",
        name=_(wording.NAMES[which]),
        language=language,
        usual=_usual(which, language),
        placeholders=[(f"{{{key}}}", _(about)) for key, about in wording.PLACEHOLDERS.items()],
    )


def _answer(form: BaseForm, save: Callable[[], None], template: str, **facts: Any) -> ResponseReturnValue:
    """Show a form; save it once it is right, and go back to the channels."""
    keeping.refill(form)
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                save()
            except DomainError as error:
                loose = form.take_errors(errors.fields_of(error))
                if loose or not error.fields:
                    form.form_errors.append(errors.sentence_of(error))
                status = errors.status_of(error)
            else:
                return redirect(url_for("notify.channels"), code=303)
    return render_template(template, form=form, **facts), status


def _rule_lines() -> list[RuleLine]:
    known = ways.rules()
    lines = []
    for role, name in ROLE_NAMES.items():
        cells = []
        for channel in PERSONAL:
            found = known.get((role, channel), ways.RoleRule(Reach.NONE, None))
            cells.append(
                (
                    _(labels.CHANNELS[channel]),
                    _(labels.REACHES[found.reach]),
                    hours(found.quiet) if found.reach is not Reach.NONE else "",
                    url_for("notify.rule", role=role.value, channel=channel.value),
                )
            )
        lines.append(RuleLine(_(name), tuple(cells)))
    return lines


def _text_lines() -> list[TextLine]:
    changed = ways.wordings()
    return [
        TextLine(
            _(wording.NAMES[name]),
            language,
            changed.get((name, language)) or _usual(name, language),
            (name, language) in changed,
            url_for("notify.text", name=name.value, language=language),
        )
        for name in Wording
        for language in wording.LANGUAGES
    ]


def _usual(name: Wording, language: str) -> str:
    with in_language(language):
        return in_its_language(wording.DEFAULTS[name])


def hours(quiet: Quiet | None) -> str:
    """Return quiet hours in words."""
    if quiet is None:
        return ""
    said = _("%(start)s–%(end)s 免打扰", start=f"{quiet.start:%H:%M}", end=f"{quiet.end:%H:%M}")
    return str(said)
