"""Sending one test message, at once, so that an administrator sees whether a channel works."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from flask import current_app, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from config import Config
from ticketing.accounts.queries import identity
from ticketing.core import audit, clock
from ticketing.core.actor import Role
from ticketing.core.db import db
from ticketing.core.errors import NotFound
from ticketing.notify import letters
from ticketing.notify.queries import ways
from ticketing.notify.web.base import bp
from ticketing.notify.web.delivery import trouble
from ticketing.notify.wires import https, robots, sms
from ticketing.notify.wires.outcome import NotTaken
from ticketing.notify.wires.smtp import MailServer
from ticketing.web.guards import allow, current_actor
from ticketing.web.texts import language

_MAX_ID = 2**31 - 1


@bp.post("/admin/messages/try/mail")
@allow(Role.ADMIN)
def try_mail() -> ResponseReturnValue:
    config: Config = current_app.config["TICKETING"]
    smtp = config.smtp
    if smtp is None:
        raise NotFound
    address = identity.own_data(current_actor()).email
    letter = letters.trial(address, _language())
    name = f"<{secrets.token_hex(16)}@{smtp.sender.rpartition('@')[2]}>"
    mail = letters.as_mail(letter, smtp.sender, name, clock.now())

    def send() -> None:
        with MailServer(smtp) as server:
            server.send(address, mail)

    return _told("mail", send)


@bp.post("/admin/messages/try/sms")
@allow(Role.ADMIN)
def try_sms() -> ResponseReturnValue:
    gateway = ways.gateway()
    if gateway is None:
        raise NotFound
    phone = identity.own_data(current_actor()).phone
    if not phone:
        flash(_("您的账号没有电话，请先在“我的资料”里填写"), "bad")
        return redirect(url_for("notify.channels"), code=303)
    words = letters.trial(phone, _language()).body
    name = f"<{secrets.token_hex(16)}@test>"
    return _told("sms", lambda: sms.text(gateway, phone, words, name, https.Net()))


@bp.post(f"/admin/messages/try/robots/<int(max={_MAX_ID}):robot_id>")
@allow(Role.ADMIN)
def try_robot(robot_id: int) -> ResponseReturnValue:
    robot = ways.robot(robot_id)
    if robot is None:
        raise NotFound
    words = letters.trial("", "zh").body
    return _told(f"robot {robot_id}", lambda: robots.say(robot, words, clock.now(), https.Net()))


def _told(which: str, send: Callable[[], None]) -> ResponseReturnValue:
    """Send, and say on the page what came of it."""
    db.session.rollback()  # nothing stays open while a server is spoken to
    audit.note(current_actor(), "sends a test message", which)
    try:
        send()
    except NotTaken as error:
        flash(_("测试消息没有发出：%(trouble)s", trouble=trouble(error.kind)), "bad")
    else:
        flash(_("测试消息已发出，对方已接收"), "good")
    return redirect(url_for("notify.channels"), code=303)


def _language() -> str:
    return "en" if language() == "en" else "zh"
