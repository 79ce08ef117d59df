"""Template filters: moments, spans and figures as people say them, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from flask import Flask, g
from markupsafe import Markup, escape

from config import DISTRICT_ZONE
from ticketing.core import clock
from ticketing.core.text import N_
from ticketing.web import assets
from ticketing.web.texts import gettext as _
from ticketing.web.texts import ngettext

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
# Below two of a unit a span is said in the smaller one: rounded down, "1 day" would be less than "35 hours".
SAY_HOURS_FROM = 2 * HOUR
SAY_DAYS_FROM = 2 * DAY
# Days ahead that are called by their weekday alone.
COMING_DAYS = range(2, 7)
_MINUTE_CHARS = len("2026-11-27 17:00")

# fmt: off
WEEKDAYS = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))
MONTHS = (
    N_("1月"), N_("2月"), N_("3月"), N_("4月"), N_("5月"), N_("6月"),
    N_("7月"), N_("8月"), N_("9月"), N_("10月"), N_("11月"), N_("12月"),
)
# fmt: on


def moment(value: datetime | None, now: datetime) -> str:
    """Return a moment as people say it: 今天 17:00, 周五 17:00, 11月28日 17:00, 2025年11月28日.

    A bare weekday always means the coming one, two to six days ahead. Both arguments are
    timezone-aware; an absent value gives an empty text.
    """
    if value is None:
        return ""
    local = value.astimezone(DISTRICT_ZONE)
    today = now.astimezone(DISTRICT_ZONE).date()
    time = f"{local.hour:02}:{local.minute:02}"
    days = (local.date() - today).days
    match days:
        case -1:
            return _("昨天 %(time)s", time=time)
        case 0:
            return _("今天 %(time)s", time=time)
        case 1:
            return _("明天 %(time)s", time=time)
        case _ if days in COMING_DAYS:
            return _("%(weekday)s %(time)s", weekday=_weekday(local), time=time)
    if local.year == today.year:
        return _("%(month)s%(day)s日 %(time)s", month=_month(local), day=local.day, time=time)
    return day(local, now)


def until(value: datetime, start: datetime, now: datetime) -> str:
    """Return the end of what began at ``start``: the time alone when that is on the same day."""
    local = value.astimezone(DISTRICT_ZONE)
    if local.date() == start.astimezone(DISTRICT_ZONE).date():
        return f"{local:%H:%M}"
    return moment(value, now)


def dated(value: datetime) -> str:
    """Return a moment by its date, for what is read on another day: 11月28日 17:00."""
    local = value.astimezone(DISTRICT_ZONE)
    time = f"{local.hour:02}:{local.minute:02}"
    return _("%(month)s%(day)s日 %(time)s", month=_month(local), day=local.day, time=time)


def day(value: date, now: datetime) -> str:
    """Return a date as people say it: 12月2日; with its year where that is not this one."""
    if value.year == now.astimezone(DISTRICT_ZONE).year:
        return _("%(month)s%(day)s日", month=_month(value), day=value.day)
    return _("%(year)s年%(month)s%(day)s日", year=value.year, month=_month(value), day=value.day)


def due(value: datetime | None, now: datetime) -> str:
    """Return a deadline as people say it: 周五 17:00 前; empty when there is none."""
    return _("%(moment)s 前", moment=moment(value, now)) if value else ""


def exact(value: datetime | None) -> str:
    """Return the full local time, alike in every language, for tooltip and paper: 2026-11-27 17:00."""
    if value is None:
        return ""
    return value.astimezone(DISTRICT_ZONE).isoformat(" ", "minutes")[:_MINUTE_CHARS]


def duration(value: timedelta | float | None) -> str:
    """Return a span in its one sensible unit; a plain number is taken as seconds. The sign is dropped."""
    if value is None:
        return ""
    seconds = abs(value.total_seconds() if isinstance(value, timedelta) else value)
    if seconds < MINUTE:
        return _("不到 1 分钟")
    if seconds < SAY_HOURS_FROM:
        return ngettext("%(num)s 分钟", "%(num)s 分钟", int(seconds // MINUTE))
    if seconds < SAY_DAYS_FROM:
        return ngettext("%(num)s 小时", "%(num)s 小时", int(seconds // HOUR))
    return ngettext("%(num)s 天", "%(num)s 天", int(seconds // DAY))


def left(value: datetime | None, now: datetime) -> str:
    """Return the time to a deadline or past it: 还剩 3 小时, 已超时 2 天; empty when there is none."""
    if value is None:
        return ""
    if value < now:
        return _("已超时 %(span)s", span=duration(now - value))
    return _("还剩 %(span)s", span=duration(value - now))


def ago(value: datetime | None, now: datetime) -> str:
    """Return how long ago something happened: 刚刚, 5 分钟前, 3 小时前; from yesterday on, the moment."""
    if value is None:
        return ""
    seconds = (now - value).total_seconds()
    if 0 <= seconds < MINUTE:
        return _("刚刚")
    if 0 < seconds < DAY and value.astimezone(DISTRICT_ZONE).date() == now.astimezone(DISTRICT_ZONE).date():
        return _("%(span)s前", span=duration(seconds))
    return moment(value, now)


def time_element(at: datetime | None, how: str, now: datetime) -> Markup:
    """Return a moment as people say it, as HTML with the exact time on hover; empty when there is none.

    ``how``: "moment" (周五 17:00), "due" (周五 17:00 前), "left" (还剩 3 小时) or "ago" (5 分钟前). A page
    has dozens: a macro would take four times as long.
    """
    if at is None:
        return Markup()
    said = escape(_SAID[how](at, now))
    return Markup(f'<time class="num" datetime="{at.isoformat()}" title="{exact(at)}">{said}</time>')  # noqa: S704


_SAID: dict[str, Callable[[datetime, datetime], str]] = {
    "moment": moment,
    "due": due,
    "left": left,
    "ago": ago,
}


def number(value: float | None) -> str:
    """Return a figure with its thousands apart; a dash when there is none."""
    return "–" if value is None else f"{value:,}"


def percent(value: float | None, digits: int = 1) -> str:
    """Return a share between 0 and 1 as per cent; a dash when it has no denominator."""
    return "–" if value is None else f"{value * 100:.{digits}f}%"


def permille(value: int | None) -> str:
    """Return a whole permille rate as per cent with one decimal; a dash when there is none."""
    return "–" if value is None else f"{value // 10}.{value % 10}%"


def _weekday(local: datetime) -> str:
    return _(WEEKDAYS[local.weekday()])


def _month(local: date) -> str:
    return _(MONTHS[local.month - 1])


def register(app: Flask) -> None:
    """Give the templates these filters, with one `now` for the whole page.

    And what they call: `moment(at, how)`, `asset(path)`, `icon(name)`.
    """
    timed: dict[str, Callable[..., str]] = {**_SAID, "day": day, "until": until}
    for name, told in timed.items():
        app.add_template_filter(_at_page_time(told), name)
    for plain in (exact, duration, number, percent, permille):
        app.add_template_filter(plain, plain.__name__)
    app.add_template_global(_time_on_a_page, "moment")
    asset = assets.set_up(app)
    app.add_template_global(asset, "asset")
    app.add_template_global(_icons(asset), "icon")


def _time_on_a_page(at: datetime | None, how: str = "moment") -> Markup:
    return time_element(at, how, _page_now())


def _at_page_time(told: Callable[..., str]) -> Callable[..., str]:
    def shown(*values: Any) -> str:
        return told(*values, _page_now())

    return shown


def _page_now() -> datetime:
    """The one moment a page is told at. Asked a hundred times a page: past the proxy that ``g`` is."""
    page = g._get_current_object()  # noqa: SLF001 - Werkzeug documents it
    if "page_now" not in page:
        page.page_now = clock.now()
    found: datetime = page.page_now
    return found


def _icons(asset: Callable[[str], str]) -> Callable[..., Markup]:
    """Return the maker of icons, for the eye only: a word always stands beside one.

    ``name``: the id of a symbol in static/img/icons.svg; ``size``: "" or "big". A page has dozens of them.
    """

    @cache
    def icon(name: str, size: str = "") -> Markup:
        look = f"icon icon--{size}" if size else "icon"
        return Markup('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>').format(
            look, asset("img/icons.svg"), name
        )

    return icon
