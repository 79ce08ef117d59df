"""Before filing: requests of the company that look like the new one, and adding to one of them instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import request, url_for

from ticketing.core.actor import Actor
from ticketing.core.errors import DomainError
from ticketing.core.files import Upload
from ticketing.core.text import N_
from ticketing.tickets import company_words, labels
from ticketing.tickets.actions.adding import say
from ticketing.tickets.likeness import Known
from ticketing.tickets.queries import view
from ticketing.tickets.wishes import Message, SupplyInfo, Wish
from ticketing.tickets.words import WAITING, Action, State
from ticketing.web import uploads
from ticketing.web.texts import gettext as _
from ticketing.web.wish_errors import read_wish

ADD = "add"


class LooksAlike(DomainError):
    """The company has requests that look like this one; it may be filed anyway."""

    sentence = N_("这家企业有相似的诉求")

    def __init__(self, found: list[Known]) -> None:
        super().__init__()
        self.found = found


@dataclass(frozen=True, slots=True)
class Line:
    """One request that looks alike, as parts/alike.html shows it. ``again``: where it is opened anew."""

    href: str
    number: str
    title: str
    state: str
    tone: str
    unit: str
    received_at: datetime
    can_add: bool
    again: str


def lines(found: Sequence[Known], actor: Actor, locale: str) -> list[Line]:
    """Return requests that look alike as the form shows them, in the words of its reader."""
    return [_line(one, actor, locale) for one in found]


def _line(one: Known, actor: Actor, locale: str) -> Line:
    is_company = actor.enterprise_id is not None
    if is_company:
        word, tone, _doing = company_words.STANDING[one.status]
    else:
        word, tone = labels.STATES[one.status], "wait" if one.status in WAITING else "open"
    return Line(
        href=url_for("tickets.show", number=one.number),
        number=one.number,
        title=one.title,
        state=_(word),
        tone=tone if one.is_open else "",
        unit=(one.unit_en or one.unit) if locale == "en" else one.unit,
        received_at=one.received_at,
        can_add=one.is_open,
        again=url_for("tickets.act", number=one.number, action=Action.REOPEN.value)
        if is_company and not one.is_open
        else "",
    )


def chosen() -> str:
    """Return the number of the request that is to be added to; empty when a new one is to be filed."""
    return request.form.get(ADD, "")


def said(number: str) -> str:
    """Return the sentence about what was added to; empty when a new one was filed."""
    return _("已补充到 %(number)s，承办单位看得到。", number=number) if chosen() else ""


def add(actor: Actor, number: str, text: str, sent: Sequence[Upload], *, now: datetime) -> None:
    """Add what was typed, and files, to a request that is there already; raise what ``say`` raises."""
    ticket = view.ticket(actor, number)
    wish: Wish
    if ticket.status is State.NEED_INFO and actor.enterprise_id is not None:
        wish = read_wish(SupplyInfo, {"message": text})
    else:
        wish = read_wish(Message, {"body": text})
    say(actor, ticket.number, wish, sent, shelf=uploads.shelf(), now=now)
