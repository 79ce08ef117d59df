"""Pages of supervision: what has risen to whom, the cases and the cards, and the written notice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ticketing.core import clock
from ticketing.core.actor import Actor
from ticketing.core.errors import NotFound
from ticketing.core.text import clean_line
from ticketing.escalation import queries
from ticketing.escalation.queries import CaseRow, Raised, Watch
from ticketing.network.queries import Network, network
from ticketing.sla.rules.step_rows import AUDIENCES
from ticketing.sla.rules.steps import Audience
from ticketing.tickets.escalation_words import step_said
from ticketing.tickets.labels import CARDS
from ticketing.tickets.words import Card
from ticketing.web.guards import allow, current_actor
from ticketing.web.texts import gettext as _
from ticketing.web.texts import language

bp = Blueprint("escalation", __name__, url_prefix="/supervision")
MOST = 100
OPEN_CASES, LATE_CASES = "cases", "late"
_TONES = {Audience.DISTRICT_LEADER: "red", Audience.SUPERVISION: "red", Audience.PARENT: "yellow"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One number that leads to its list."""

    label: str
    href: str
    is_current: bool
    count: int
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One ticket of the list that is shown."""

    href: str
    number: str
    title: str
    unit: str
    at: datetime
    due: datetime | None
    is_late: bool
    why: str = ""
    notice_href: str = ""
    demand: str = ""
    is_answered: bool = False
    revoke_href: str = ""


@bp.get("")
@allow(*queries.OVERSEERS)
def supervision() -> ResponseReturnValue:
    actor, now, net = current_actor(), clock.now(), network()
    watched = queries.watch(actor, net)
    levels = queries.levels(watched)
    counts = queries.case_counts(watched, now)
    wanted = _wanted(levels, counts[0])
    return render_template(
        "escalation/supervision.html",
        levels=_level_choices(levels, wanted),
        cases=_case_choices(counts, wanted),
        overdue=queries.overdue(watched, now),
        overdue_href=url_for("tickets.index", overdue=1, unit=_heads(actor, net) or None),
        lines=_lines(wanted, watched, now, net),
        heading=_heading(wanted),
        is_case_list=wanted not in set(Audience),
        most=MOST,
    )


def _wanted(levels: dict[Audience, int], cases: int) -> str:
    """Which list is asked for; else that of the highest level there is anything on, else the open cases."""
    asked = clean_line(request.args.get("show", ""))[:20]
    if asked in {*Audience, *Card, OPEN_CASES, LATE_CASES}:
        return asked
    usual = OPEN_CASES if cases else Audience.DISTRICT_LEADER
    return next((word for word, count in levels.items() if count), usual)


def _heading(wanted: str) -> str:
    if wanted in set(Audience):
        return str(_("已升级到%(level)s", level=_(AUDIENCES[Audience(wanted)])))
    if wanted in set(Card):
        return str(_(CARDS[Card(wanted)]))
    return str(_("督办逾期未答复") if wanted == LATE_CASES else _("督办未答复"))


def _here(show: str) -> str:
    return url_for("escalation.supervision", show=show, _anchor="list")


def _level_choices(levels: dict[Audience, int], wanted: str) -> list[Choice]:
    return [
        Choice(_(AUDIENCES[word]), _here(word), word == wanted, count, _TONES.get(word, ""))
        for word, count in levels.items()
    ]


def _case_choices(counts: tuple[int, int, int, int], wanted: str) -> list[Choice]:
    kinds = (
        (OPEN_CASES, _("督办未答复"), ""),
        (LATE_CASES, _("其中已逾期"), "red"),
        (Card.YELLOW.value, _(CARDS[Card.YELLOW]), "yellow"),
        (Card.RED.value, _(CARDS[Card.RED]), "red"),
    )
    return [
        Choice(label, _here(show), show == wanted, count, tone)
        for (show, label, tone), count in zip(kinds, counts, strict=True)
    ]


def _heads(actor: Actor, net: Network) -> list[str]:
    """The codes of the units somebody heads; none for the district's own people."""
    paths = {grant.path for grant in actor.grants if grant.role in queries.OVERSEERS}
    if any("/" not in path for path in paths):
        return []
    return sorted(unit.code for unit in net.by_id.values() if unit.path in paths)


def _lines(wanted: str, watched: Watch, now: datetime, net: Network) -> list[Line]:
    if wanted in set(Audience):
        return list(_raised(queries.raised(watched, Audience(wanted), MOST), now, net))
    card = Card(wanted) if wanted in set(Card) else None
    found = queries.cases(watched, now, card=card, is_late=wanted == LATE_CASES, limit=MOST)
    return list(_cases(found, now, net))


def _about(row: Raised | CaseRow, net: Network) -> tuple[str, str, str, str]:
    """What begins every line: address, number, title, unit."""
    unit = net.by_id[row.unit_id].label(language())
    return url_for("tickets.show", number=row.number), row.number, row.title, unit


def _raised(rows: Iterable[Raised], now: datetime, net: Network) -> Iterable[Line]:
    for row in rows:
        yield Line(
            *_about(row, net),
            at=row.fired_at,
            due=row.late_at,
            is_late=row.late_at is not None and row.late_at <= now,
            why=step_said(row.metric, row.step),
            notice_href=url_for("escalation.notice", number=row.number) if row.has_notice else "",
        )


def _cases(rows: Iterable[CaseRow], now: datetime, net: Network) -> Iterable[Line]:
    for row in rows:
        yield Line(
            *_about(row, net),
            at=row.opened_at,
            due=row.due_at,
            is_late=row.answered_at is None and row.due_at <= now,
            demand=row.demand,
            is_answered=row.answered_at is not None,
            revoke_href=url_for("tickets.act", number=row.number, action="revoke_card") if row.card else "",
        )


@bp.get("/<number>/notice")
@allow(*queries.OVERSEERS)
def notice(number: str) -> ResponseReturnValue:
    actor, now, net = current_actor(), clock.now(), network()
    found = queries.notice(actor, queries.watch(actor, net), number)
    if found is None:
        raise NotFound(number=number)
    return render_template(
        "escalation/notice.html",
        notice=found,
        unit=net.by_id[found.unit_id].label(language()),
        now=now,
    )
