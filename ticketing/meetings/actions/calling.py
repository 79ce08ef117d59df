"""Calling a meeting, moving it, calling it off, and who takes part."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select

from ticketing.accounts.queries.people import users_in
from ticketing.core.actor import TICKET_READERS, Actor
from ticketing.core.db import db, transaction
from ticketing.core.errors import Invalid, NotPermitted
from ticketing.core.local_day import local_date
from ticketing.core.text import N_
from ticketing.meetings import rules
from ticketing.meetings.actions import agenda, notices
from ticketing.meetings.actions.holding import led, tell_tickets, tickets_of
from ticketing.meetings.models import Meeting, MeetingPerson, MeetingUnit
from ticketing.meetings.words import Issue, MeetingState
from ticketing.network.queries import Network, network
from ticketing.tickets.words import MeetingPhase


@dataclass(frozen=True, slots=True)
class MeetingWish:
    """What a meeting is to be; units by code, people by id; ``people`` None leaves them as they are."""

    theme: str
    host: str
    place: str
    hours: rules.Hours
    units: tuple[str, ...]
    guests: str = ""
    people: tuple[int, ...] | None = None


def call(actor: Actor, wish: MeetingWish, *, now: datetime, ticket: str | None = None) -> str:
    """Call a meeting, its first item about ``ticket`` if one is named; return the meeting's number.

    Raises NotPermitted, UnknownUnit, NobodyInvited, BadHours, TooFarOff, or what adding an item raises.
    """
    net = network()
    with transaction():
        host = net.active(wish.host, field="host")
        if not rules.leads(actor, host.path):
            raise NotPermitted
        rules.check_hours(wish.hours, now)
        unit_ids = _invited(wish, net)
        meeting = Meeting(
            number=_next_number(now),
            theme=wish.theme,
            host_unit_id=host.id,
            place=wish.place,
            starts_at=wish.hours.starts_at,
            ends_at=wish.hours.ends_at,
            guests=wish.guests,
            called_by=actor.user_id,
            called_at=now,
        )
        db.session.add(meeting)
        db.session.flush()
        _set_units(meeting.id, unit_ids)
        if ticket is not None:
            first = agenda.ItemWish(issue=wish.theme, kind=Issue.OTHER, ticket=ticket)
            agenda.add_item(actor, meeting.number, first, now=now)
        notices.called(meeting, now)
    return meeting.number


def edit(actor: Actor, number: str, wish: MeetingWish, *, now: datetime, seen_version: int | None) -> None:
    """Change a meeting before its minutes are issued; whom it concerns is told of another time or place.

    Raises NotFound, NotPermitted, MeetingIsOver, MeetingChanged and what ``call`` raises.
    """
    net = network()
    with transaction():
        meeting = led(actor, number, net, seen_version)
        host = net.active(wish.host, field="host")
        if not rules.leads(actor, host.path):
            raise NotPermitted
        rules.check_hours(wish.hours, now)
        unit_ids = _invited(wish, net)
        before = (meeting.starts_at, meeting.ends_at, meeting.place)
        known = _unit_ids(meeting.id)
        meeting.theme, meeting.host_unit_id, meeting.guests = wish.theme, host.id, wish.guests
        meeting.starts_at, meeting.ends_at, meeting.place = (
            wish.hours.starts_at,
            wish.hours.ends_at,
            wish.place,
        )
        _set_units(meeting.id, unit_ids)
        new_people = _set_people(meeting.id, wish.people, unit_ids)
        db.session.flush()
        if before != (meeting.starts_at, meeting.ends_at, meeting.place):
            about = [ticket.number for _item, ticket in tickets_of(meeting)]
            tell_tickets(actor, meeting, about, MeetingPhase.MOVED, now)
            notices.moved(meeting, now)
        else:
            notices.called(meeting, now, units=unit_ids - known, people=new_people)


def cancel(actor: Actor, number: str, because: str, *, now: datetime, seen_version: int | None) -> None:
    """Call a meeting off, saying why.

    Raises NotFound, NotPermitted, MeetingIsOver, MeetingChanged or Invalid.
    """
    if not because:
        raise Invalid(fields={"because": [N_("请填写此项")]})
    with transaction():
        meeting = led(actor, number, network(), seen_version)
        meeting.state = MeetingState.CANCELLED
        meeting.cancelled_because = because
        about = [ticket.number for _item, ticket in tickets_of(meeting)]
        tell_tickets(actor, meeting, about, MeetingPhase.CANCELLED, now, because=because)
        notices.cancelled(meeting, now)


def _next_number(now: datetime) -> str:
    """The next number of the year; who loses the race for it is rolled back and tries again."""
    start = f"HS{local_date(now).year % 100:02d}-"
    last = db.session.scalar(
        select(func.max(Meeting.number)).where(Meeting.number.startswith(start, autoescape=True))
    )
    return f"{start}{int(last[len(start) :]) + 1 if last else 1:04d}"


def _invited(wish: MeetingWish, net: Network) -> set[int]:
    units = {net.active(code, field="units").id for code in wish.units} | {net.by_code[wish.host].id}
    if len(units) < 2:  # noqa: PLR2004 - the host and somebody
        raise rules.NobodyInvited(fields={"units": [rules.NobodyInvited.sentence]})
    return units


def _unit_ids(meeting_id: int) -> set[int]:
    return set(db.session.scalars(select(MeetingUnit.unit_id).where(MeetingUnit.meeting_id == meeting_id)))


def _set_units(meeting_id: int, unit_ids: Collection[int]) -> None:
    known = _unit_ids(meeting_id)
    gone, new = known - set(unit_ids), set(unit_ids) - known
    if gone:
        for table in (MeetingUnit, MeetingPerson):
            db.session.execute(
                delete(table).where(table.meeting_id == meeting_id, table.unit_id.in_(sorted(gone)))
            )
    if new:
        rows = [{"meeting_id": meeting_id, "unit_id": unit_id} for unit_id in sorted(new)]
        db.session.execute(insert(MeetingUnit), rows)


def _set_people(meeting_id: int, wanted: tuple[int, ...] | None, unit_ids: Collection[int]) -> set[int]:
    """Ask for people by name, all of the units that take part; return who is new."""
    if wanted is None:
        return set()
    homes = {one.user_id: one.unit_id for one in users_in(sorted(unit_ids), TICKET_READERS)}
    chosen = {user_id: homes[user_id] for user_id in wanted if user_id in homes}
    mine = select(MeetingPerson.user_id).where(MeetingPerson.meeting_id == meeting_id)
    known = set(db.session.scalars(mine))
    db.session.execute(delete(MeetingPerson).where(MeetingPerson.meeting_id == meeting_id))
    if chosen:
        db.session.execute(
            insert(MeetingPerson),
            [
                {"meeting_id": meeting_id, "user_id": user_id, "unit_id": unit_id}
                for user_id, unit_id in chosen.items()
            ],
        )
    return set(chosen) - known
