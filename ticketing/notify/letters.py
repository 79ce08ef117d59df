"""Writing a message at the moment of sending: who may know what, in the reader's language, in plain text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from flask import current_app

from config import Config
from ticketing.accounts.queries import identity
from ticketing.core.errors import NotFound
from ticketing.core.text import clean_line
from ticketing.network.queries import Network, network
from ticketing.notify.actions.handing import Leased
from ticketing.notify.happened import Event, sentence
from ticketing.notify.notice_words import said
from ticketing.notify.queries import notices, told, ways
from ticketing.notify.queries.told import Item
from ticketing.notify.rules import timing
from ticketing.notify.rules.wording import DEFAULTS, fill
from ticketing.notify.words import Channel, Reason, Wording
from ticketing.web import filters
from ticketing.web.texts import gettext as _
from ticketing.web.texts import in_language, ngettext

MOST_LINES = 30


@dataclass(frozen=True, slots=True)
class Letter:
    """A message ready to be handed over. ``to``: an address, a phone number; empty for a robot."""

    to: str
    subject: str
    body: str
    robot: ways.RobotInfo | None = None


@dataclass(frozen=True, slots=True)
class Unsendable:
    """There is nothing to send, for good."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class NotNow:
    """The recipient is left in peace until then."""

    until: datetime


Written = Letter | Unsendable | NotNow


class Desk:
    """Where messages are written; rules and wordings are read once for as long as it stands."""

    def __init__(self) -> None:
        self._rules = ways.rules()
        self._worded = ways.wordings()
        self._net = network()

    def write(self, one: Leased, now: datetime) -> Written:
        """Return the message as its recipient may read it now; or why there is none, or from when on."""
        return self._to_robot(one, now) if one.robot_id is not None else self._to_person(one, now)

    def _to_person(self, one: Leased, now: datetime) -> Written:
        try:
            person = identity.person(one.user_id or 0)
        except NotFound:
            return Unsendable(Reason.GONE)
        hours = ways.quiet_hours(person.actor.roles, one.channel, self._rules)
        rest = None if one.is_urgent else timing.quiet_until(hours, now)
        if rest is not None:
            return NotNow(rest)
        found = told.items(one.id, person.actor)
        news = [] if found else notices.of_message(one.id, person.id)
        if not (found or news):
            return Unsendable(Reason.NO_RIGHT)
        to = person.email if one.channel is Channel.EMAIL else told.phone(person.id)
        if not to:
            return Unsendable(Reason.NO_ADDRESS)
        language = person.locale or "zh"
        with in_language(language):
            writer = self._writer(language, is_company=person.actor.enterprise_id is not None)
            if news:
                return _notice_letter(to, news[0], is_mail=one.channel is Channel.EMAIL)
            if one.channel is Channel.EMAIL:
                return Letter(to, writer.subject(found), writer.mail(found))
            return Letter(to, "", writer.short(found))

    def _to_robot(self, one: Leased, now: datetime) -> Written:
        robot = ways.robot(one.robot_id or 0)
        if robot is None or not robot.is_active:
            return Unsendable(Reason.GONE)
        rest = timing.quiet_until([robot.quiet], now)
        if rest is not None and not one.is_urgent:
            return NotNow(rest)
        found = told.items(one.id, told.group(robot))
        if not found:
            return Unsendable(Reason.NO_RIGHT)
        with in_language("zh"):
            return Letter("", "", self._writer("zh", is_company=False).lines(found), robot)

    def _writer(self, language: str, *, is_company: bool) -> _Writer:
        return _Writer(language, self._worded, self._net, is_company)


@dataclass(frozen=True, slots=True)
class _Writer:
    """Fills the wordings of one language."""

    _language: str
    _worded: Mapping[tuple[Wording, str], str]
    _net: Network
    _is_company: bool

    def subject(self, found: Sequence[Item]) -> str:
        """The subject of a letter: what happened, or how much."""
        if len(found) == 1:
            return clean_line(self._filled(Wording.MAIL_SUBJECT, found[0]))
        return self._how_many(found)

    def mail(self, found: Sequence[Item]) -> str:
        """The text of a letter."""
        if len(found) == 1:
            return self._filled(Wording.MAIL_BODY, found[0])
        return f"{self._how_many(found)}\n\n{self.lines(found)}\n"

    def lines(self, found: Sequence[Item]) -> str:
        """Several events one below the other; of very many the last ones."""
        shown = [self._filled(Wording.LINE, item) for item in found[-MOST_LINES:]]
        if len(found) > MOST_LINES:
            more = len(found) - MOST_LINES
            shown.append(_("另有 %(n)s 条，请到消息页查看：%(link)s", n=more, link=link("/inbox")))
        return "\n\n".join(shown)

    def short(self, found: Sequence[Item]) -> str:
        """The text of a short message."""
        if len(found) == 1:
            return clean_line(self._filled(Wording.SHORT, found[0]))
        return f"{self._how_many(found)} {link('/inbox')}"

    def _how_many(self, found: Sequence[Item]) -> str:
        return ngettext("【企诉闭环】%(num)s 条新消息", "【企诉闭环】%(num)s 条新消息", len(found))

    def _filled(self, name: Wording, item: Item) -> str:
        text = self._worded.get((name, self._language)) or _(DEFAULTS[name])
        return fill(text, self._facts(item))

    def _facts(self, item: Item) -> dict[str, str]:
        unit = self._net.by_id[item.unit_id]
        event = Event(item.action, item.said or {}, item.at, unit)
        return {
            "number": item.number,
            "title": _("（保密诉求，标题不在消息中显示）") if item.is_confidential else item.title,
            "what": sentence(event, self._net, self._language, is_company=self._is_company),
            "due": filters.exact(item.due_at) or _("不设"),
            "link": link(f"/tickets/{item.number}"),
            "unit": unit.label(self._language),
        }


def _notice_letter(to: str, news: notices.Told, *, is_mail: bool) -> Letter:
    """The message about something that is no ticket: what happened, and where to look."""
    what = said(news)
    subject = clean_line(_("【企诉闭环】%(number)s %(what)s", number=news.about, what=what))
    if not is_mail:
        return Letter(to, "", f"{subject} {link(news.path)}")
    body = _(
        "您好！\n\n%(title)s\n%(what)s。\n\n查看：%(link)s\n",
        title=news.title,
        what=what,
        link=link(news.path),
    )
    return Letter(to, subject, body)


def link(path: str) -> str:
    """Return the full address of a page of ours."""
    config: Config = current_app.config["TICKETING"]
    return f"{config.base_url}{path}"


def trial(to: str, language: str) -> Letter:
    """Return what an administrator sends to see whether a channel works."""
    with in_language(language):
        return Letter(to, _("【企诉闭环】测试消息"), _("这是一条测试消息：这个渠道可以使用。"))


def as_mail(letter: Letter, sender: str, message_id: str, at: datetime) -> EmailMessage:
    """Return a letter as a mail: the same every time it is sent, and marked as written by a machine."""
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = clean_line(letter.to)
    mail["Subject"] = clean_line(letter.subject)
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = message_id
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(letter.body, cte="base64")
    return mail
