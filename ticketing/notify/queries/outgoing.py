"""Reads for administrators: how messages fare, what is dead, who works, where it hangs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, literal, select, union_all

from ticketing.accounts.models import User
from ticketing.core.db import UtcDateTime, db
from ticketing.core.outbox import Outbox
from ticketing.notify.models import Delivery, DeliveryEvent, Destination, Robot, WorkerBeat
from ticketing.notify.words import Channel, DeliveryState, Reason
from ticketing.sla.models import Clock
from ticketing.sla.words import ClockState
from ticketing.tickets.models import Event

LATELY = timedelta(hours=24)
PAGE = 50
_OPEN = (DeliveryState.WAITING, DeliveryState.LEASED, DeliveryState.DEAD)
_DONE = (DeliveryState.SENT, DeliveryState.CANCELLED)
Counts = dict[tuple[DeliveryState, Channel], int]


def counts(now: datetime) -> Counts:
    """Return how many messages stand how, by channel; of those that are done, only the last 24 hours'."""
    parts = [
        select(literal(state.value), Delivery.channel, func.count())
        .where(Delivery.state == state)
        .group_by(Delivery.channel)
        for state in _OPEN
    ]
    parts += [
        select(literal(state.value), Delivery.channel, func.count())
        .where(Delivery.state == state, Delivery.ended_at > now - LATELY)
        .group_by(Delivery.channel)
        for state in _DONE
    ]
    return {
        (DeliveryState(state), Channel(channel)): number
        for state, channel, number in db.session.execute(union_all(*parts))
    }


@dataclass(frozen=True, slots=True)
class Oldest:
    """The oldest of what waits for a worker: an event, a message, a clock's step. None: none does."""

    event_at: datetime | None
    message_at: datetime | None
    step_at: datetime | None


def oldest(now: datetime) -> Oldest:
    """Return since when the oldest work of each kind has been due."""
    first = select(func.min(Outbox.event_id)).scalar_subquery()
    due = select(func.min(Delivery.send_at, type_=UtcDateTime())).where(
        Delivery.state == DeliveryState.WAITING, Delivery.send_at <= now
    )
    step = select(func.min(Clock.next_step_at, type_=UtcDateTime())).where(
        Clock.state == ClockState.RUNNING, Clock.next_step_at <= now
    )
    wanted = select(
        select(Event.at).where(Event.id == first).scalar_subquery(),
        due.scalar_subquery(),
        step.scalar_subquery(),
    )
    return Oldest(*db.session.execute(wanted).one())


@dataclass(frozen=True, slots=True)
class Dead:
    """A message that was given up. ``who``: the person or robot it was for."""

    id: int
    channel: Channel
    who: str
    reason: Reason
    last_error: str
    attempts: int
    ended_at: datetime
    events: int


def dead(*, before: int | None = None) -> tuple[list[Dead], int | None]:
    """Return messages that were given up, the latest first, and the id to go on before."""
    told = select(func.count()).where(DeliveryEvent.delivery_id == Delivery.id).scalar_subquery()
    wanted = (
        select(
            Delivery.id, Delivery.channel, func.coalesce(User.name, Robot.name), Delivery.reason,
            Delivery.last_error, Delivery.attempts, Delivery.ended_at, told,
        )
        .outerjoin(User, User.id == Delivery.user_id)
        .outerjoin(Robot, Robot.id == Delivery.robot_id)
        .where(Delivery.state == DeliveryState.DEAD)
        .order_by(Delivery.id.desc())
        .limit(PAGE + 1)
    )  # fmt: skip
    if before is not None:
        wanted = wanted.where(Delivery.id < before)
    rows = [Dead(*row) for row in db.session.execute(wanted)]
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None


@dataclass(frozen=True, slots=True)
class Trouble:
    """A destination that fails: how often in a row, and until when it is left alone."""

    name: str
    failures: int
    open_until: datetime | None
    last_error: str


def troubles() -> list[Trouble]:
    """Return the destinations that failed at their last try."""
    wanted = select(
        Destination.name, Destination.failures, Destination.open_until, Destination.last_error
    ).where(Destination.failures > 0)
    return [Trouble(*row) for row in db.session.execute(wanted.order_by(Destination.name))]


@dataclass(frozen=True, slots=True)
class Beat:
    """A worker's last sign of life."""

    name: str
    started_at: datetime
    beat_at: datetime


def beats() -> list[Beat]:
    """Return the workers seen within a day, the latest first."""
    wanted = select(WorkerBeat.name, WorkerBeat.started_at, WorkerBeat.beat_at)
    return [Beat(*row) for row in db.session.execute(wanted.order_by(WorkerBeat.beat_at.desc()))]
