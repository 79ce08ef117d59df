"""Handing messages over: leases with a fence, what became of each, breakers of destinations."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, case, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ticketing.core import crash_points
from ticketing.core.db import db, transaction
from ticketing.notify.models import Delivery, Destination
from ticketing.notify.rules import timing
from ticketing.notify.words import Channel, DeliveryState, Reason

BATCH = 10
"""Few at a time: what is not leased takes further events in, so a slow server gets fewer, fuller messages."""
INTERRUPTED = "interrupted"
_log = logging.getLogger(__name__)
_ODDS = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class Leased:
    """A message this sender holds until its lease ends; ``fence`` proves it.

    ``is_doubtful``: its destination failed at its last try.
    """

    id: int
    fence: int
    channel: Channel
    user_id: int | None
    robot_id: int | None
    destination: str
    message_id: str
    is_urgent: bool
    created_at: datetime
    attempts: int
    give_up_at: datetime
    is_doubtful: bool


def claim(channel: Channel, now: datetime, limit: int = BATCH) -> list[Leased]:
    """Lease up to ``limit`` messages that are due, the oldest first; each counts as tried from now on.

    Of a destination that failed too often only one is let through a minute; of a robot one every few seconds.
    """
    if not _has_due(channel, now):
        db.session.rollback()
        return []
    with transaction():
        _take_back(channel, now)
        wanted = (
            select(Delivery)
            .where(_is_due(channel, now), Delivery.destination.not_in(_blocked(now)))
            .order_by(Delivery.send_at, Delivery.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        rows = list(db.session.scalars(wanted))
        known = _places(rows)
        found = _let_through(rows, known, now)
        for row in found:
            row.state = DeliveryState.LEASED
            row.fence += 1
            row.attempts += 1
            row.lease_until = now + timing.LEASE
    crash_points.here("10 message leased")
    return [_leased(row, known) for row in found]


def _has_due(channel: Channel, now: datetime) -> bool:
    is_left = (Delivery.state == DeliveryState.LEASED) & (Delivery.lease_until <= now)
    due = select(Delivery.id).where(Delivery.channel == channel)
    return any(
        db.session.scalar(due.where(which).limit(1)) is not None for which in (_is_due(channel, now), is_left)
    )


def _is_due(channel: Channel, now: datetime) -> ColumnElement[bool]:
    return (
        (Delivery.state == DeliveryState.WAITING) & (Delivery.send_at <= now) & (Delivery.channel == channel)
    )


def _blocked(now: datetime) -> Select[str]:
    is_blocked = or_(Destination.open_until > now, Destination.free_at > now)
    return select(Destination.name).where(is_blocked)


def _places(found: Sequence[Delivery]) -> dict[str, Destination]:
    """The destinations that failed or rest, locked."""
    names = {row.destination for row in found}
    wanted = select(Destination).where(Destination.name.in_(names)).with_for_update()
    return {row.name: row for row in db.session.scalars(wanted.execution_options(populate_existing=True))}


def _let_through(
    found: Sequence[Delivery], known: Mapping[str, Destination], now: datetime
) -> list[Delivery]:
    """Keep one of each destination that is on probation or takes only so much, and note that it is taken."""
    kept: list[Delivery] = []
    taken: set[str] = set()
    for row in found:
        place = known.get(row.destination)
        is_probing = place is not None and place.failures >= timing.BREAKER_OPENS_AT
        if not is_probing and row.channel is not Channel.ROBOT:
            kept.append(row)
        elif row.destination not in taken and not (place is not None and _is_blocked(place, now)):
            taken.add(row.destination)
            kept.append(row)
            if place is not None and is_probing:
                place.open_until = now + timing.BREAKER_WAIT
            if row.channel is Channel.ROBOT:
                _set(row.destination, now, free_at=now + timing.ROBOT_GAP)
    return kept


def _is_blocked(place: Destination, now: datetime) -> bool:
    return any(at is not None and at > now for at in (place.open_until, place.free_at))


def _take_back(channel: Channel, now: datetime) -> None:
    """Let messages whose sender died wait again: at once the first times, then with growing patience."""
    wanted = (
        select(Delivery)
        .where(
            Delivery.state == DeliveryState.LEASED,
            Delivery.lease_until <= now,
            Delivery.channel == channel,
        )
        .with_for_update(skip_locked=True)
    )
    for row in db.session.scalars(wanted.limit(BATCH)):
        is_hurt = row.attempts > timing.QUICK_ATTEMPTS
        wait = timing.next_wait(row.attempts, _ODDS.random()) if is_hurt else timing.AT_ONCE
        row.state, row.lease_until, row.last_error = DeliveryState.WAITING, None, INTERRUPTED
        row.send_at = now + wait
        if timing.is_exhausted(row.attempts, row.give_up_at, now):
            row.state, row.reason, row.ended_at = DeliveryState.DEAD, Reason.EXHAUSTED, now
    db.session.flush()


def _leased(row: Delivery, known: Mapping[str, Destination]) -> Leased:
    place = known.get(row.destination)
    return Leased(
        row.id, row.fence, row.channel, row.user_id, row.robot_id, row.destination, row.message_id,
        row.is_urgent, row.created_at, row.attempts, row.give_up_at,
        is_doubtful=place is not None and place.failures > 0,
    )  # fmt: skip


def sent(one: Leased, now: datetime, *, heals: bool = False) -> bool:
    """Note that the message was taken. Return False when the lease was lost: somebody else holds it now.

    ``heals``: its destination failed before, which is forgotten.
    """
    with transaction():
        is_ours = _end(one, DeliveryState.SENT, None, now)
        if heals:
            _recovered(one.destination, now)
    return is_ours


def cancelled(one: Leased, reason: Reason, now: datetime) -> bool:
    """Note that the message is not to be sent, and why."""
    with transaction():
        return _end(one, DeliveryState.CANCELLED, reason, now)


def refused(one: Leased, error: str, now: datetime, *, heals: bool = False) -> bool:
    """Note that the destination will never take this message; the destination is well, see ``sent``."""
    with transaction():
        is_ours = _end(one, DeliveryState.DEAD, Reason.REFUSED, now, error)
        if heals:
            _recovered(one.destination, now)
    return is_ours


def broken(one: Leased, error: str, now: datetime) -> bool:
    """Note that the message could not even be written; after three tries it is put aside."""
    with transaction():
        if one.attempts >= timing.BROKEN_AFTER:
            return _end(one, DeliveryState.DEAD, Reason.BROKEN, now, error)
        return _again(one, now + timing.next_wait(one.attempts, _ODDS.random()), error)


def failed(one: Leased, error: str, now: datetime) -> bool:
    """Note that handing over failed for now: the message waits, its destination is trusted less."""
    with transaction():
        _failed_at(one.destination, error, now)
        if timing.is_exhausted(one.attempts, one.give_up_at, now):
            return _end(one, DeliveryState.DEAD, Reason.EXHAUSTED, now, error)
        return _again(one, now + timing.next_wait(one.attempts, _ODDS.random()), error)


def postponed(one: Leased, until: datetime) -> bool:
    """Put the message off without its having been tried: quiet hours, or a sender that stops."""
    with transaction():
        return _change(
            one,
            state=DeliveryState.WAITING,
            lease_until=None,
            send_at=until,
            attempts=one.attempts - 1,
        )


def handed_back(rest: Collection[Leased], now: datetime) -> None:
    """Give back what this sender did not come to."""
    with transaction():
        for one in rest:
            _change(
                one,
                state=DeliveryState.WAITING,
                lease_until=None,
                send_at=now,
                attempts=one.attempts - 1,
            )


def _again(one: Leased, at: datetime, error: str) -> bool:
    return _change(one, state=DeliveryState.WAITING, lease_until=None, send_at=at, last_error=error)


def _end(
    one: Leased, state: DeliveryState, reason: Reason | None, now: datetime, error: str | None = None
) -> bool:
    told = {} if error is None else {"last_error": error}
    is_ours = _change(one, state=state, reason=reason, lease_until=None, ended_at=now, **told)
    if is_ours and state is DeliveryState.DEAD:
        _log.error("message %d to %s was given up: %s", one.id, one.destination, error)
    return is_ours


def _change(one: Leased, **values: object) -> bool:
    """Change a message while its lease holds; return whether it did."""
    held = update(Delivery).where(
        Delivery.id == one.id, Delivery.fence == one.fence, Delivery.state == DeliveryState.LEASED
    )
    return db.session.scalar(held.values(**values).returning(Delivery.id)) is not None


def _failed_at(name: str, error: str, now: datetime) -> None:
    """Count one failure more; from the fifth in a row on the destination is left alone for a minute."""
    _set(name, now, last_error=error, add_failure=True)


def _recovered(name: str, now: datetime) -> None:
    """Forget a destination's failures."""
    well = update(Destination).where(Destination.name == name, Destination.failures > 0)
    db.session.execute(well.values(failures=0, open_until=None, changed_at=now))


def _set(name: str, now: datetime, *, add_failure: bool = False, **values: object) -> None:
    """Write a destination's row, new or known."""
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    fresh = {"last_error": "", **values, "name": name, "failures": int(add_failure), "changed_at": now}
    again: dict[str, object] = {**values, "changed_at": now}
    if add_failure:
        again["failures"] = Destination.failures + 1
        will_open = Destination.failures + 1 >= timing.BREAKER_OPENS_AT
        again["open_until"] = case((will_open, now + timing.BREAKER_WAIT), else_=Destination.open_until)
    insert = dialect.insert(Destination).values(fresh)
    db.session.execute(insert.on_conflict_do_update(index_elements=[Destination.name], set_=again))
