"""The forms of changes to a working calendar: shape only; the rules decide what is taken."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, ClassVar, cast

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, FileField

from ticketing.core.errors import DomainError
from ticketing.core.text import N_
from ticketing.sla.rules.announcement import read_any, stretches
from ticketing.sla.rules.calendars import DayKind, Era, WorkCalendar, shown
from ticketing.sla.rules.changes import (
    BadDay,
    BadName,
    BadWindows,
    Change,
    Hours,
    Notice,
    SpecialDay,
    new_calendar,
    off,
    read_windows,
    working,
)
from ticketing.sla.rules.notices import decoded
from ticketing.web.forms import (
    BaseForm,
    DayField,
    LineField,
    MultiChoiceField,
    ParagraphField,
    RadioField,
    choices,
)

MOST_CHARS = 60_000
MOST_NAME_CHARS = 40
WEEKDAYS = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))


class ChangeForm(BaseForm):
    """What the forms of all changes have: a change to give, why, and the field a refusal belongs to."""

    main_field: ClassVar[str] = ""
    day_field: ClassVar[str] = ""
    _change: Change | None = None

    def offer(self, present: WorkCalendar, today: date) -> None:
        """Fill in what holds now."""

    def read(self) -> Change:
        """Return the change that was typed; raise what the rules say of it."""
        raise NotImplementedError  # each kind of change has its own form, which says it

    def why(self) -> str:
        """Return what the version is for, in few words."""
        raise NotImplementedError  # said by the form of each kind of change

    def change(self) -> Change:
        """Return the change, once the form has been checked."""
        return cast(Change, self._change)

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, then whether they make a change that can be read."""
        if not super().validate(extra_validators):
            return False
        try:
            self._change = self.read()
        except DomainError as error:
            self.take_errors({self.field_of(error): [gettext(error.text, **error.facts)]})
            return False
        return True

    def field_of(self, error: DomainError) -> str:
        """Return the field a refusal belongs to."""
        return self.day_field if isinstance(error, BadDay) else self.main_field


class NoticeForm(ChangeForm):
    """A year's notice: as a file, or pasted."""

    main_field = day_field = "text"
    text = ParagraphField(_("通知内容"), max_chars=MOST_CHARS, required=False)
    file = FileField(_("或者上传文件"))

    def validate(self, extra_validators: Any = None) -> bool:
        """Put an uploaded file's text into the box, where it stays while the page is looked at."""
        if isinstance(self.file.data, FileStorage) and self.file.data.filename:
            try:
                self.text.data = decoded(self.file.data.stream.read(MOST_CHARS + 1))
            except DomainError as error:
                self.file.errors = [gettext(error.text, **error.facts)]
                return False
        return super().validate(extra_validators)

    def read(self) -> Notice:
        """Return the notice."""
        return Notice(tuple(read_any(self.text.data or "")))

    def understood(self) -> list[tuple[str, list[tuple[date, date]], list[date]]]:
        """Return what was read, holiday by holiday: its name, the stretches off, the days worked for it."""
        days = cast(Notice, self.change()).days
        names = dict.fromkeys(day.name for day in days)
        off, worked = (
            {name: [day.on for day in days if day.name == name and day.kind is kind] for name in names}
            for kind in (DayKind.HOLIDAY, DayKind.WORKDAY)
        )
        return [(name, stretches(off[name]), worked[name]) for name in names]

    def why(self) -> str:
        """Return the year it is for."""
        return str(gettext("%(year)s 年放假安排", year=cast(Notice, self.change()).year))


class OpenForm(ChangeForm):
    """When a calendar is open, and why."""

    main_field = "windows"
    weekdays = MultiChoiceField(_("哪些天上班"))
    windows = ParagraphField(_("上班时段"), max_chars=400)
    note = LineField(_("为什么改"), max_chars=100)

    def offer(self, present: WorkCalendar, today: date) -> None:
        """Start from the hours that hold now."""
        self.weekdays.choices = choices((str(day), name) for day, name in enumerate(WEEKDAYS))
        if not self.is_submitted():
            now = present.hours_on(today)
            self.weekdays.data = [str(day) for day in sorted(now.weekdays)]
            self.windows.data = "\n".join(shown(window) for window in now.windows)

    def era(self, starts_on: date) -> Era:
        """Return the hours, as they hold from a date on."""
        weekdays = frozenset(int(day) for day in self.weekdays.data or ())
        return Era(starts_on, read_windows(self.windows.data), weekdays)

    def why(self) -> str:
        """Return the reason that was given."""
        return str(self.note.data)


class HoursForm(OpenForm):
    """Other opening hours from a date on."""

    day_field = "starts_on"
    starts_on = DayField(_("从哪天起"))

    def offer(self, present: WorkCalendar, today: date) -> None:
        """Start from the hours that hold now, tomorrow."""
        super().offer(present, today)
        if not self.is_submitted():
            self.starts_on.data = today + timedelta(days=1)

    def read(self) -> Hours:
        """Return the hours."""
        return Hours(self.era(cast(date, self.starts_on.data)))


class NewForm(OpenForm):
    """A calendar of another name with hours of its own."""

    name = LineField(_("名称"), max_chars=20)
    follows_notices = BooleanField(_("法定节假日和调休照放假安排"), default=True)
    made: WorkCalendar | None = None

    def offer(self, present: WorkCalendar, today: date) -> None:
        """Start from the hours of another calendar, and remember it."""
        super().offer(present, today)
        self._like = present

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, then whether they make a calendar."""
        if not BaseForm.validate(self, extra_validators):
            return False
        try:
            hours, follows = self.era(date.min), bool(self.follows_notices.data)
            self.made = new_calendar(str(self.name.data), hours, self._like, follows_notices=follows)
        except DomainError as error:
            field = "name" if isinstance(error, BadName) else "windows"
            self.take_errors({field: [gettext(error.text, **error.facts)]})
            return False
        return True


class DayForm(ChangeForm):
    """One date that is off, works, or has hours of its own."""

    main_field, day_field = "windows", "day"
    day = DayField(_("哪一天"))
    sort = RadioField(
        _("这一天"),
        choices=[("off", _("放假")), ("working", _("照常上班")), ("short", _("按下面的时段上班"))],
    )
    windows = ParagraphField(_("当天时段"), max_chars=400, required=False)
    note = LineField(_("名称或原因"), max_chars=MOST_NAME_CHARS)

    def offer(self, present: WorkCalendar, today: date) -> None:
        """Start from tomorrow."""
        if not self.is_submitted():
            self.day.data = today + timedelta(days=1)
            self.sort.data = "off"

    def read(self) -> SpecialDay:
        """Return the day."""
        name, day = str(self.note.data), cast(date, self.day.data)
        if self.sort.data == "off":
            return SpecialDay(day, off(name))
        if self.sort.data == "working":
            return SpecialDay(day, working(name))
        windows = read_windows(self.windows.data or "")
        if not windows:
            raise BadWindows(N_("请填写当天的时段，例如 09:00-12:00"))
        return SpecialDay(day, working(name, windows))

    def why(self) -> str:
        """Return the date and its name."""
        return f"{self.day.data} {self.note.data}"
