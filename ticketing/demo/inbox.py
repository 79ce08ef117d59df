"""Puts the latest events into the inboxes of the demo accounts: histories by themselves tell nobody."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from ticketing.accounts.models import User
from ticketing.accounts.rules import DEMO_DOMAIN
from ticketing.core.db import db, transaction
from ticketing.demo import people
from ticketing.notify.models import InboxEntry
from ticketing.tickets.models import Event
from ticketing.tickets.queries import audience

_LATEST_EVENTS = 800
_MOST_EACH = 12
_UNREAD_EACH = 4
_READ_AFTER = timedelta(hours=3)
_COMPANIES = ("enterprise", "enterprise2")


def fill(first_event_id: int, now: datetime) -> int:
    """Give each demo account a handful of entries from the latest events that concern it; return how many.

    Only events from ``first_event_id`` on count: of older ones people have been told. All but the newest few
    entries are read already.
    """
    logins = [*(plan.login for plan in people.NAMED), *_COMPANIES]
    with transaction():
        wanted = select(User.id).where(User.email.in_(f"{login}@{DEMO_DOMAIN}" for login in logins))
        owners = set(db.session.scalars(wanted))
        newest = select(Event.id, Event.at).where(Event.id >= first_event_id)
        latest = newest.order_by(Event.at.desc(), Event.id.desc()).limit(_LATEST_EVENTS)
        moments = dict(db.session.execute(latest).all())
        occasions = {occasion.event_id: occasion for occasion in audience.occasions(list(moments))}
        told = audience.told(list(occasions.values()))
        given: dict[int, int] = dict.fromkeys(owners, 0)
        entries = []
        for event_id, at in moments.items():
            for user_id in owners.intersection(told[event_id]):
                if given[user_id] < _MOST_EACH:
                    read_at = min(at + _READ_AFTER, now) if given[user_id] >= _UNREAD_EACH else None
                    entries.append(_entry(occasions[event_id], user_id, at, read_at))
                    given[user_id] += 1
        db.session.add_all(reversed(entries))
    return len(entries)


def _entry(occasion: audience.Occasion, user_id: int, at: datetime, read_at: datetime | None) -> InboxEntry:
    return InboxEntry(
        event_id=occasion.event_id,
        ticket_id=occasion.ticket_id,
        user_id=user_id,
        entered_at=at,
        read_at=read_at,
    )
