"""The manager's first page put into words: cards, trend, units, categories."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from ticketing.insight.queries import Figures, UnitFigures
from ticketing.insight.rules import Period, Rate, Tally
from ticketing.insight.web.links import Links
from ticketing.network.queries import CategoryInfo, Network
from ticketing.tickets.words import State
from ticketing.web.filters import number, percent

MONTHLY_FROM_DAYS = 63
_POINTS = 100


@dataclass(frozen=True, slots=True)
class Card:
    """One big number: what it is, how it changed, how it is made."""

    label: str
    value: str
    unit: str
    href: str
    change: str
    way: str
    mood: str
    note: str


@dataclass(frozen=True, slots=True)
class Point:
    """One day or month of the trend: received and closed."""

    label: str
    a: int
    b: int
    href: str
    href_b: str


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit in the table of where it burns; addresses are empty where there is nothing to see."""

    code: str
    name: str
    href: str
    received: int
    open: int
    overdue: int
    closed: int
    overdue_share: float
    closure: Rate
    on_time: Rate
    href_received: str
    href_open: str
    href_overdue: str
    href_closed: str
    href_closure: str


@dataclass(frozen=True, slots=True)
class CategoryLine:
    """One bar of the Pareto picture, with the share of all up to and including it."""

    label: str
    href: str
    count: int
    share: float
    running: float


def cards(found: Figures, period: Period, links: Links) -> list[Card]:
    """Return the four numbers a manager asks for first."""
    now, before = found.now, found.before
    closure_note = _("收到的里面已办结 %(part)s 件，应办 %(all)s 件（不含并单、撤回、不予受理）")
    satisfaction_note = _("收到的里面已评价 %(all)s 件，其中基本满意及以上 %(part)s 件")
    closed_of_these = links.received(period, status=State.CLOSED)
    satisfied = links.satisfied(period)
    return [
        _count(_("收到"), (now.received, before.received), links.received(period), _("时段内接到的全部诉求")),
        _count(
            _("办结"),
            (found.closed_now, found.closed_before),
            links.closed(period),
            _("时段内办结，不论何时收到"),
            is_more_better=True,
        ),
        _rate(_("办结率"), now.closure, before.closure, closed_of_these, closure_note),
        _rate(_("满意率"), now.satisfaction, before.satisfaction, satisfied, satisfaction_note),
    ]


def _count(
    label: str, numbers: tuple[int, int], href: str, note: str, *, is_more_better: bool = False
) -> Card:
    """A number of requests, now and in the period before."""
    value, before = numbers
    gap = value - before
    if gap == 0:
        change, way = _("与上期持平"), "flat"
    elif gap > 0:
        change, way = _("比上期多 %(count)s 件", count=number(gap)), "rise"
    else:
        change, way = _("比上期少 %(count)s 件", count=number(-gap)), "fall"
    mood = "" if gap == 0 or not is_more_better else "good" if gap > 0 else "bad"
    return Card(label, number(value), _("件"), href, change, way, mood, note)


def _rate(label: str, rate: Rate, before: Rate, href: str, formula: str) -> Card:
    note = formula % {"part": number(int(rate.numerator)), "all": number(rate.denominator)}
    value = percent(rate.value)
    if rate.value is None or before.value is None:
        return Card(label, value, "", href, _("上期没有可比的数"), "flat", "", note)
    points = round((rate.value - before.value) * _POINTS, 1)
    if points == 0:
        return Card(label, value, "", href, _("与上期持平"), "flat", "", note)
    if points > 0:
        return Card(
            label, value, "", href, _("比上期高 %(points)s 个百分点", points=points), "rise", "good", note
        )
    return Card(
        label, value, "", href, _("比上期低 %(points)s 个百分点", points=-points), "fall", "bad", note
    )


def trend(found: Figures, period: Period, links: Links) -> list[Point]:
    """Return received and closed by day; by month when the period is long."""
    if period.days < MONTHLY_FROM_DAYS:
        stretches = [Period(day, day) for day in period.each_day()]
    else:
        stretches = period.each_month()
    return [
        Point(
            label=_label(stretch),
            a=_sum(found.received_by_day, stretch),
            b=_sum(found.closed_by_day, stretch),
            href=links.received(stretch),
            href_b=links.closed(stretch),
        )
        for stretch in stretches
    ]


def _label(stretch: Period) -> str:
    if stretch.days == 1:
        return f"{stretch.first.month}-{stretch.first.day:02d}"
    return f"{stretch.first.year}-{stretch.first.month:02d}"


def _sum(by_day: dict[str, int], stretch: Period) -> int:
    if stretch.days == 1:
        return by_day.get(stretch.first.isoformat(), 0)
    return sum(
        count for day, count in by_day.items() if stretch.first <= date.fromisoformat(day) <= stretch.last
    )


def units(
    found: Figures, period: Period, links: Links, net: Network, locale: str
) -> tuple[list[UnitLine], UnitLine | None]:
    """Return the units by how much of their open work is overdue, then by how much is; and the sum of all."""
    lines = [_line(one, period, links, net, locale) for one in found.units.values()]
    lines.sort(key=lambda line: (-line.overdue_share, -line.overdue, -line.open, line.code))
    return lines, _total(found, period, links) if len(lines) > 1 else None


def _line(one: UnitFigures, period: Period, links: Links, net: Network, locale: str) -> UnitLine:
    unit = net.by_id[one.unit_id]
    return UnitLine(
        code=unit.code,
        name=unit.label(locale),
        href=links.figures(period, unit.code),
        received=one.tally.received,
        open=one.open,
        overdue=one.overdue,
        closed=one.closed,
        overdue_share=one.overdue_share,
        closure=one.tally.closure,
        on_time=one.tally.on_time,
        href_received=links.received(period, at=unit.code),
        href_open=links.open(at=unit.code),
        href_overdue=links.open(at=unit.code, is_overdue=True),
        href_closed=links.closed(period, at=unit.code),
        href_closure=links.received(period, at=unit.code, status=State.CLOSED),
    )


def _total(found: Figures, period: Period, links: Links) -> UnitLine:
    together = sum((one.tally for one in found.units.values()), Tally())
    return UnitLine(
        code="",
        name=_("合计"),
        href="",
        received=found.now.received,
        open=found.open,
        overdue=found.overdue,
        closed=found.closed_now,
        overdue_share=found.overdue / found.open if found.open else 0.0,
        closure=together.closure,
        on_time=together.on_time,
        href_received=links.received(period),
        href_open=links.open(),
        href_overdue=links.open(is_overdue=True),
        href_closed=links.closed(period),
        href_closure=links.received(period, status=State.CLOSED),
    )


def categories(
    found: Figures, period: Period, links: Links, known: Iterable[CategoryInfo], locale: str
) -> list[CategoryLine]:
    """Return what it is about, most frequent first; bars are relative to the first."""
    names = {one.code: one.label(locale) for one in known}
    ordered = sorted(found.by_category.items(), key=lambda pair: (-pair[1], pair[0]))
    total = sum(count for _code, count in ordered)
    lines, running = [], 0
    for code, count in ordered:
        running += count
        href = links.received(period, category=code)
        label = names.get(code, code)
        lines.append(CategoryLine(label, href, count, _POINTS * count / ordered[0][1], running / total))
    return lines
