"""Carrying notices, the news that is of no ticket, to the ways out; inboxes have them at once."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import insert, select

from ticketing.core.db import db, transaction
from ticketing.core.notices import NoticeReader
from ticketing.notify.actions.planning import Outlets
from ticketing.notify.models import Delivery, DeliveryNotice
from ticketing.notify.queries import ways
from ticketing.notify.rules import duties, timing
from ticketing.notify.words import Channel

BATCH = 200
_log = logging.getLogger(__name__)


def carry(now: datetime, limit: int = BATCH, *, outlets: Outlets) -> int:
    """Write the messages of up to ``limit`` waiting readers of notices, the oldest first; return how many.

    Several workers may run it at once; message and mark are one transaction. Whoever is told by a notice has
    to act, so it goes out to those whom their duties reach.
    """
    waits = NoticeReader.carried_at.is_(None)
    if db.session.scalar(select(NoticeReader.notice_id).where(waits).limit(1)) is None:
        db.session.rollback()
        return 0
    with transaction():
        oldest = select(NoticeReader).where(waits).order_by(NoticeReader.notice_id, NoticeReader.user_id)
        rows = list(db.session.scalars(oldest.limit(limit).with_for_update(skip_locked=True)))
        _plan(rows, outlets, now)
        for row in rows:
            row.carried_at = now
    _log.info("carried notices to %d readers", len(rows))
    return len(rows)


def _plan(rows: Iterable[NoticeReader], outlets: Outlets, now: datetime) -> None:
    destinations: dict[Channel, str] = {}
    gateway = ways.gateway()
    if outlets.mail_host:
        destinations[Channel.EMAIL] = outlets.mail_host
    if gateway is not None and gateway.is_active:
        destinations[Channel.SMS] = Channel.SMS.value
    if not destinations:
        return
    known = ways.rules()
    people = ways.listeners({row.user_id for row in rows})
    for row in rows:
        person = people.get(row.user_id)
        if person is None:
            continue
        for channel, destination in destinations.items():
            has_address = channel is not Channel.SMS or bool(person.phone)
            if has_address and duties.goes_out(person.reach(channel, known), is_duty=True, is_urgent=False):
                rest = timing.quiet_until(ways.quiet_hours(person.roles, channel, known), now)
                _write(row, channel, destination, rest or now, outlets.mail_domain, now)


def _write(
    row: NoticeReader, channel: Channel, destination: str, send_at: datetime, domain: str, now: datetime
) -> None:
    # An address of its own, so that no event joins a message that tells of something else.
    address = f"{channel}:{row.user_id}:notice"
    message = Delivery(
        address=address,
        channel=channel,
        user_id=row.user_id,
        destination=destination,
        message_id=f"<{secrets.token_hex(16)}@{domain}>",
        created_at=now,
        send_at=send_at,
        give_up_at=send_at + timing.GIVE_UP,
    )
    db.session.add(message)
    db.session.flush()
    told = {"notice_id": row.notice_id, "address": address, "delivery_id": message.id}
    db.session.execute(insert(DeliveryNotice), told)
