"""The forms of a meeting: shape only; the rules decide what is taken."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import cast

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import HiddenField

from ticketing.meetings import rules
from ticketing.meetings.actions.agenda import ItemWish, TaskWish
from ticketing.meetings.actions.calling import MeetingWish
from ticketing.meetings.words import ISSUES, Issue
from ticketing.network.queries import UnitInfo
from ticketing.web.forms import (
    BaseForm,
    ChoiceField,
    DayField,
    LineField,
    MomentField,
    MultiChoiceField,
    ParagraphField,
    choices,
)

MAX_TEXT = 4000
Person = tuple[int, str]


class VersionedForm(BaseForm):
    """A form that knows which version of the meeting the person saw."""

    version = HiddenField()

    @property
    def seen_version(self) -> int | None:
        """The version seen; None when the form does not say."""
        typed = str(self.version.data or "")
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None  # noqa: PLR2004 - a count


class MeetingForm(VersionedForm):
    """A meeting: about what, when, where, who."""

    theme = LineField(_("主题"), max_chars=200, min_chars=2)
    host = ChoiceField(_("牵头单位"))
    starts_at = MomentField(_("开始时间"))
    ends_at = MomentField(_("结束时间"))
    place = LineField(_("地点或视频会议链接"), max_chars=200)
    units = MultiChoiceField(_("参会单位"))
    people = MultiChoiceField(_("点名参会的人"))
    guests = LineField(_("其他参会人员"), max_chars=400, required=False)

    def offer(
        self, hosts: Iterable[UnitInfo], units: Iterable[UnitInfo], people: Iterable[Person], locale: str
    ) -> None:
        """Fill the lists."""
        self.host.choices = choices((unit.code, unit.label(locale)) for unit in hosts)
        self.units.choices = choices((unit.code, unit.label(locale)) for unit in units)
        if "people" in self:
            self.people.choices = choices((str(user_id), name) for user_id, name in people)

    def wish(self) -> MeetingWish:
        """Return what is wanted, once the form has been checked."""
        people = [int(one) for one in self.people.data or ()] if "people" in self else None
        return MeetingWish(
            theme=self.theme.data,
            host=self.host.data,
            place=self.place.data,
            hours=rules.Hours(cast(datetime, self.starts_at.data), cast(datetime, self.ends_at.data)),
            units=tuple(self.units.data or ()),
            guests=self.guests.data or "",
            people=None if people is None else tuple(people),
        )


class ItemForm(VersionedForm):
    """One question of the agenda; after the meeting, its decision too."""

    issue = ParagraphField(_("问题"), max_chars=MAX_TEXT)
    kind = ChoiceField(_("类型"))
    ticket = LineField(_("诉求编号"), max_chars=40, required=False)
    raised_by = ChoiceField(_("提出单位"), required=False)
    decision = ParagraphField(_("会商决定"), max_chars=MAX_TEXT, required=False)
    for_company = ParagraphField(_("告诉企业的话"), max_chars=2000, required=False)

    def offer(self, units: Iterable[UnitInfo], locale: str) -> None:
        """Fill the lists."""
        self.kind.choices = choices((word.value, gettext(name)) for word, name in ISSUES.items())
        self.raised_by.choices = choices(
            ((unit.code, unit.label(locale)) for unit in units), empty=gettext("不注明")
        )

    def wish(self) -> ItemWish:
        """Return what is wanted, once the form has been checked."""
        return ItemWish(
            issue=self.issue.data,
            kind=Issue(self.kind.data),
            ticket=self.ticket.data or "",
            raised_by=self.raised_by.data or "",
            decision=(self.decision.data or "") if "decision" in self else "",
            for_company=(self.for_company.data or "") if "for_company" in self else "",
        )


class TaskForm(VersionedForm):
    """What a unit has to do by a day."""

    what = ParagraphField(_("任务"), max_chars=2000)
    unit = ChoiceField(_("责任单位"))
    user_id = ChoiceField(_("责任人"), required=False)
    due_on = DayField(_("完成期限"))

    def offer(self, units: Iterable[UnitInfo], people: Iterable[Person], locale: str) -> None:
        """Fill the lists."""
        self.unit.choices = choices(
            ((unit.code, unit.label(locale)) for unit in units), empty=gettext("请选择单位")
        )
        self.user_id.choices = choices(
            ((str(user_id), name) for user_id, name in people), empty=gettext("由单位安排")
        )

    def wish(self) -> TaskWish:
        """Return what is wanted, once the form has been checked."""
        return TaskWish(
            what=self.what.data,
            unit=self.unit.data,
            due_on=cast(date, self.due_on.data),
            user_id=int(self.user_id.data) if self.user_id.data else None,
        )


class CancelForm(VersionedForm):
    """Why there will be no meeting."""

    because = ParagraphField(_("取消的原因"), max_chars=500)


class AmendForm(BaseForm):
    """What is to be corrected in minutes that are issued."""

    text = ParagraphField(_("更正说明"), max_chars=MAX_TEXT)


class EvidenceForm(BaseForm):
    """By what one sees that a task is done."""

    evidence = ParagraphField(_("完成情况和依据"), max_chars=MAX_TEXT)


class IssueForm(VersionedForm):
    """Nothing to fill in: the minutes are issued as they stand."""
