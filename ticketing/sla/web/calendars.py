"""Pages of working calendars: the year at a glance, the versions, and changes with what they would move."""

from __future__ import annotations

import calendar as months
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from heapq import nsmallest
from itertools import islice

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ticketing.core import clock
from ticketing.core.actor import Role
from ticketing.core.errors import DomainError, NotFound
from ticketing.core.local_day import local_date
from ticketing.sla import queries
from ticketing.sla.actions import calendars
from ticketing.sla.forms.calendars import ChangeForm, DayForm, HoursForm, NewForm, NoticeForm
from ticketing.sla.rules.calendars import Era, WorkCalendar, shown
from ticketing.sla.web.base import READERS, bp, missing_year, refuse
from ticketing.sla.words import METRICS
from ticketing.web import keeping
from ticketing.web.filters import MONTHS
from ticketing.web.guards import allow, current_actor
from ticketing.web.texts import gettext as _

YEARS = range(2000, 2101)
MOST_SHOWN, MOST_COUNTED = 100, 20_000
USUAL = "cn"
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the year view; ``look`` is a class, ``mark`` a word, ``name`` what the notice calls it."""

    number: int
    look: str
    mark: str
    name: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would bring: how many promises move, the first of them, how many days a year works."""

    mark: str
    count: str
    first: list[calendars.Shift]
    years: list[tuple[int, int, int]]


@bp.get("/calendars/<name>")
@allow(*READERS)
def calendar(name: str) -> ResponseReturnValue:
    today = local_date(clock.now())
    typed = request.args.get("year", str(today.year))
    if not typed.isascii() or not typed.isdigit() or len(typed) > 4 or int(typed) not in YEARS:  # noqa: PLR2004 - a year
        raise NotFound
    found, year = queries.calendar(name), int(typed)
    return render_template(
        "sla/calendar.html",
        name=name,
        year=year,
        is_published=year in found.published_years or not found.follows_notices,
        hours=hours_words(found.hours_on(today)),
        eras=[(era.starts_on, hours_words(era)) for era in found.eras if era.starts_on > today],
        months=[(name, _weeks(found, year, month, today)) for month, name in enumerate(MONTHS, 1)],
        working_days=working_days(found, year),
        years=[one for one in (year - 1, year + 1) if one in YEARS],
        versions=queries.versions(name),
        missing=missing_year(found, today),
        provisional=queries.provisional_clocks(name, found.midnight(_first_unpublished(found, today))),
        may_write=current_actor().holds(Role.ADMIN),
    )


@bp.route("/calendars/<name>/import", methods=["GET", "POST"])
@allow(Role.ADMIN)
def import_notice(name: str) -> ResponseReturnValue:
    return _change(name, NoticeForm(), "sla/import_notice.html")


@bp.route("/calendars/<name>/hours", methods=["GET", "POST"])
@allow(Role.ADMIN)
def change_hours(name: str) -> ResponseReturnValue:
    return _change(name, HoursForm(), "sla/change_hours.html")


@bp.route("/calendars/<name>/day", methods=["GET", "POST"])
@allow(Role.ADMIN)
def change_day(name: str) -> ResponseReturnValue:
    return _change(name, DayForm(), "sla/change_day.html")


@bp.route("/calendars/new", methods=["GET", "POST"])
@allow(Role.ADMIN)
def new_calendar() -> ResponseReturnValue:
    now = clock.now()
    form = NewForm()
    form.offer(queries.calendar(USUAL), local_date(now))
    keeping.refill(form)
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate() and form.made is not None:
            try:
                calendars.create(current_actor(), form.made, note=form.why(), now=now)
            except DomainError as error:
                status = refuse(form, error, "windows")
            else:
                flash(_("工作日历已建好，可以在单位的资料里选用"), "good")
                return redirect(url_for("sla.calendar", name=form.made.name), code=303)
    return render_template("sla/new_calendar.html", form=form), status


def _change(name: str, form: ChangeForm, template: str) -> ResponseReturnValue:
    """Show the form; sent, what it would move; sent again with the mark of what was seen, make it."""
    now = clock.now()
    today = local_date(now)
    present = queries.calendar(name)
    form.offer(present, today)
    keeping.refill(form)
    preview, status, confirmed = None, 200, request.form.get("confirm", "")
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                draft = calendars.draft(name, form.change(), note=form.why(), today=today)
                preview = _preview(draft, present, today)
                if confirmed == draft.mark:
                    calendars.publish(current_actor(), draft, now=now)
                    flash(_("新版工作日历已启用，受影响的期限正在逐件重算"), "good")
                    return redirect(url_for("sla.calendar", name=name), code=303)
                status = 200
            except DomainError as error:
                preview, status = None, refuse(form, error, form.field_of(error))
    page = render_template(
        template, name=name, form=form, preview=preview, is_other=bool(preview and confirmed), metrics=METRICS
    )
    return page, status


def _preview(draft: calendars.Draft, present: WorkCalendar, today: date) -> Preview:
    count = 0

    def counted() -> Iterator[calendars.Shift]:
        nonlocal count
        for shift in islice(draft.shifts(), MOST_COUNTED):
            count += 1
            yield shift

    first = nsmallest(MOST_SHOWN, counted(), key=lambda shift: (shift.old, shift.number))
    years = [
        (year, working_days(present, year), working_days(draft.calendar, year))
        for year in (today.year, today.year + 1, today.year + 2)
    ]
    told = f"{count}+" if count == MOST_COUNTED else str(count)
    return Preview(draft.mark, told, first, [row for row in years if row[1] != row[2]])


def _first_unpublished(found: WorkCalendar, today: date) -> date:
    """The first day, from this year on, of a year without its notice."""
    year = next(year for year in range(today.year, today.year + 100) if year not in found.published_years)
    return date(year, 1, 1)


def hours_words(era: Era) -> str:
    """Say windows and weekdays: 周一至周五 09:00-12:00、13:00-17:00."""
    windows = _("、").join(shown(window) for window in era.windows)
    return _("%(days)s %(windows)s", days=_weekdays_words(sorted(era.weekdays)), windows=windows)


def _weekdays_words(days: list[int]) -> str:
    names = [_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日")]
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):  # noqa: PLR2004 - a stretch has three
        return _("%(first)s至%(last)s", first=names[days[0]], last=names[days[-1]])
    return _("、").join(names[day] for day in days)


def working_days(found: WorkCalendar, year: int) -> int:
    """Return how many days of ``year`` work."""
    first, days = date(year, 1, 1), 366 if months.isleap(year) else 365
    return sum(found.is_working(first + number * ONE_DAY) for number in range(days))


def _weeks(found: WorkCalendar, year: int, month: int, today: date) -> list[list[Day | None]]:
    """The weeks of a month, Monday first; None pads the first and the last."""
    return [
        [_day(found, date(year, month, number), today) if number else None for number in week]
        for week in months.monthcalendar(year, month)
    ]


def _day(found: WorkCalendar, on: date, today: date) -> Day:
    rule = found.days.get(on)
    name, mark = rule.name if rule else "", ""
    if rule is not None and not rule.is_working:
        look, mark = "is-off", _("休")
    elif rule is not None:
        look, mark = "is-made-up", _("短") if rule.windows else _("班")
        hours = _("、").join(f"{opens:%H:%M}-{_end(closes)}" for opens, closes in rule.windows or ())
        name = " ".join(part for part in (name, hours) if part)
    else:
        look = "" if found.is_working(on) else "is-weekend"
    return Day(on.day, f"{look} is-today".strip() if on == today else look, mark, name)


def _end(closes: time) -> str:
    return "24:00" if closes in {time.min, time.max} else f"{closes:%H:%M}"
