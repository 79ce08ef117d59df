"""Telling those who take part: one piece of news a meeting, however many tickets it is about.

The events on the tickets' timelines tell the people of the tickets. Who is invited need have nothing to do
with any of them, and an invitation opens no ticket; so participants are told of the meeting itself.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from ticketing.accounts.queries.people import users_in
from ticketing.core.actor import Role
from ticketing.core.db import db
from ticketing.core.local_day import DISTRICT_ZONE
from ticketing.core.notices import give_notice
from ticketing.core.text import N_
from ticketing.meetings.models import Meeting, MeetingPerson, MeetingUnit

# Whom a unit sends, or who sees to it that somebody goes.
TOLD_ROLES = (Role.LIAISON, Role.UNIT_LEADER, Role.STATION_HEAD, Role.DISPATCHER)
CALLED = N_("请参加联席会商：%(when)s，%(place)s")
MOVED = N_("联席会商改到：%(when)s，%(place)s")
CANCELLED = N_("联席会商取消：%(because)s")
ISSUED = N_("联席会商纪要已印发，请查看本单位的任务")
AMENDED = N_("联席会商纪要有更正")


def called(
    meeting: Meeting,
    now: datetime,
    *,
    units: Collection[int] | None = None,
    people: Collection[int] = (),
    by: int | None = None,
) -> None:
    """Invite the units that take part, or ``units`` and ``people`` who are new."""
    told = _staff(units) | set(people) if units is not None else _everybody(meeting)
    _tell(meeting, CALLED, told - {by if by is not None else meeting.called_by}, now)


def moved(meeting: Meeting, now: datetime) -> None:
    """Tell everybody of the new time and place."""
    _tell(meeting, MOVED, _everybody(meeting), now)


def cancelled(meeting: Meeting, now: datetime) -> None:
    """Tell everybody that there will be no meeting."""
    _tell(meeting, CANCELLED, _everybody(meeting), now)


def issued(meeting: Meeting, now: datetime) -> None:
    """Tell everybody that the minutes are there."""
    _tell(meeting, ISSUED, _everybody(meeting), now)


def amended(meeting: Meeting, now: datetime) -> None:
    """Tell everybody that the minutes were corrected."""
    _tell(meeting, AMENDED, _everybody(meeting), now)


def _tell(meeting: Meeting, sentence: str, readers: Collection[int | None], now: datetime) -> None:
    facts = {
        "when": f"{meeting.starts_at.astimezone(DISTRICT_ZONE):%Y-%m-%d %H:%M}",
        "place": meeting.place,
        "because": meeting.cancelled_because[:200],
    }
    about = (meeting.number, meeting.theme, f"/meetings/{meeting.number}")
    give_notice(about, sentence, facts, {one for one in readers if one is not None}, now)


def _everybody(meeting: Meeting) -> set[int]:
    units = db.session.scalars(select(MeetingUnit.unit_id).where(MeetingUnit.meeting_id == meeting.id))
    people = db.session.scalars(select(MeetingPerson.user_id).where(MeetingPerson.meeting_id == meeting.id))
    return _staff(list(units)) | set(people)


def _staff(unit_ids: Collection[int]) -> set[int]:
    return {one.user_id for one in users_in(sorted(unit_ids), TOLD_ROLES)} if unit_ids else set()
