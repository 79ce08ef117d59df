"""What goes out besides the inbox: messages about relayed events, in the relay's own transaction."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import insert, select

from ticketing.core.actor import Actor, is_within
from ticketing.core.db import db
from ticketing.notify.models import Delivery, DeliveryEvent
from ticketing.notify.queries import ways
from ticketing.notify.rules import duties, timing
from ticketing.notify.rules.duties import Weight
from ticketing.notify.words import Channel, DeliveryState
from ticketing.tickets.flow import Party
from ticketing.tickets.models import Event, Ticket
from ticketing.tickets.queries import audience

Key = tuple[str, bool, bool]
"""A recipient's address, whether the message presses, and whether it tells of what was found out late."""


@dataclass(frozen=True, slots=True)
class Outlets:
    """What this installation can send by: the mail server (None: no mail), and the domain of Message-IDs."""

    mail_host: str | None = None
    mail_domain: str = "localhost"


@dataclass(slots=True)
class Planned:
    """A message to be: to whom, about which events, from when on."""

    channel: Channel
    destination: str
    send_at: datetime
    user_id: int | None = None
    robot_id: int | None = None
    event_ids: list[int] = field(default_factory=list)


def plan(
    occasions: Sequence[audience.Occasion],
    told: Mapping[int, Collection[int]],
    outlets: Outlets,
    now: datetime,
) -> int:
    """Write the messages about ``occasions``; return how many rows of events were given to messages.

    Several events for one recipient are one message; a message that still waits takes further ones in.
    """
    plan_of = _Plan(outlets, now)
    heard = [occasion for occasion in occasions if told[occasion.event_id]]
    if not plan_of.has_ways_out or not heard:
        return 0
    plan_of.gather(heard, told)
    planned = _without_known(plan_of.planned)
    rows = _join_waiting(planned, now)
    rows += _new(planned, outlets.mail_domain, now)
    if rows:
        db.session.execute(insert(DeliveryEvent), rows)
    return len(rows)


class _Plan:
    """The messages to be, by recipient and weight, as the events are gone through."""

    def __init__(self, outlets: Outlets, now: datetime) -> None:
        gateway = ways.gateway()
        self._now = now
        self._robots = ways.robots(active_only=True)
        self._destinations: dict[Channel, str] = {}
        if outlets.mail_host:
            self._destinations[Channel.EMAIL] = outlets.mail_host
        if gateway is not None and gateway.is_active:
            self._destinations[Channel.SMS] = Channel.SMS.value
        self._rules = ways.rules() if self._destinations else {}
        self.planned: dict[Key, Planned] = {}

    @property
    def has_ways_out(self) -> bool:
        """Whether anything can go out at all."""
        return bool(self._destinations or self._robots)

    def gather(self, heard: Sequence[audience.Occasion], told: Mapping[int, Collection[int]]) -> None:
        """Go through the events and note who is to get which."""
        people = ways.listeners({user_id for occasion in heard for user_id in told[occasion.event_id]})
        weights = _weights([occasion.event_id for occasion in heard])
        around = audience.crowd([occasion.stake for occasion in heard], self._now)
        for occasion in heard:
            ids = set(told[occasion.event_id]) & people.keys()
            # Where no word on duties is said, everybody who is told has to act.
            parties = duties.DUTIES.get(occasion.action, frozenset(Party))
            on_duty = [one for one in around.holding(occasion.stake, parties) if one.user_id in ids]
            duty_ids = {actor.user_id for actor in on_duty}
            if occasion.action not in duties.DUTIES:
                duty_ids |= ids
            weight = weights[occasion.event_id]
            for user_id in sorted(ids):
                self._note_person(occasion, people[user_id], weight, is_duty=user_id in duty_ids)
            for robot in _robots_of(occasion, on_duty, self._robots):
                self._note_robot(occasion, robot, weight)

    def _note_person(
        self, occasion: audience.Occasion, person: ways.Listener, weight: Weight, *, is_duty: bool
    ) -> None:
        for channel, destination in self._destinations.items():
            reach = person.reach(channel, self._rules)
            has_address = channel is not Channel.SMS or bool(person.phone)
            if has_address and duties.goes_out(reach, is_duty=is_duty, is_urgent=weight.is_urgent):
                at = self._start(weight, ways.quiet_hours(person.roles, channel, self._rules))
                one = Planned(channel, destination, at, user_id=person.user_id)
                self._note(occasion, f"{channel}:{person.user_id}", one, weight)

    def _note_robot(self, occasion: audience.Occasion, robot: ways.RobotInfo, weight: Weight) -> None:
        at = self._start(weight, [robot.quiet])
        one = Planned(Channel.ROBOT, robot.address, at, robot_id=robot.id)
        self._note(occasion, robot.address, one, weight)

    def _note(self, occasion: audience.Occasion, address: str, one: Planned, weight: Weight) -> None:
        kept = self.planned.setdefault((address, weight.is_urgent, weight.is_late), one)
        kept.event_ids.append(occasion.event_id)

    def _start(self, weight: Weight, hours: Iterable[timing.Quiet | None]) -> datetime:
        """When it may go: what presses at once, the rest after quiet hours; what is late waits a bit."""
        earliest = self._now + timing.LATE_HOLD if weight.is_late else self._now
        if weight.is_urgent:
            return earliest
        return timing.quiet_until(hours, earliest) or earliest


def _robots_of(
    occasion: audience.Occasion, on_duty: Iterable[Actor], robots: Sequence[ways.RobotInfo]
) -> list[ways.RobotInfo]:
    """The robots of units in which somebody has to act, and which may read the ticket."""
    stake = occasion.stake
    paths = {
        grant.path
        for actor in on_duty
        for grant in actor.grants
        if is_within(stake.unit_path, grant.path) or grant.path in stake.co_paths
    }
    return [
        robot
        for robot in robots
        if robot.unit_path in paths and any(is_within(part, robot.unit_path) for part in occasion.part_paths)
    ]


def _weights(event_ids: Sequence[int]) -> dict[int, Weight]:
    wanted = select(Event.id, Event.data, Ticket.level).join(Ticket, Ticket.id == Event.ticket_id)
    return {
        event_id: duties.weight(level, data.get("said", {}))
        for event_id, data, level in db.session.execute(wanted.where(Event.id.in_(event_ids)))
    }


def _without_known(planned: dict[Key, Planned]) -> dict[Key, Planned]:
    """Leave out events that have reached their address before."""
    wanted = select(DeliveryEvent.event_id, DeliveryEvent.address).where(
        DeliveryEvent.event_id.in_({event_id for one in planned.values() for event_id in one.event_ids})
    )
    known = {(event_id, address) for event_id, address in db.session.execute(wanted)}
    for (address, _is_urgent, _is_late), one in planned.items():
        one.event_ids = [event_id for event_id in one.event_ids if (event_id, address) not in known]
    return {key: one for key, one in planned.items() if one.event_ids}


def _join_waiting(planned: dict[Key, Planned], now: datetime) -> list[dict[str, object]]:
    """Take events into messages that wait and were never tried; what found its place leaves the plan."""
    wanted = (
        select(Delivery.id, Delivery.address, Delivery.is_urgent, Delivery.send_at)
        .where(
            Delivery.state == DeliveryState.WAITING,
            Delivery.attempts == 0,
            Delivery.address.in_({address for address, _is_urgent, _is_late in planned}),
        )
        .order_by(Delivery.id)
        .with_for_update(skip_locked=True)
    )
    rows: list[dict[str, object]] = []
    for delivery_id, address, is_urgent, send_at in db.session.execute(wanted).all():
        for key in ((address, is_urgent, False), (address, is_urgent, True)):
            if key in planned and _fits(planned[key], send_at, now, is_late=key[2]):
                rows += _told_of(delivery_id, address, planned.pop(key).event_ids)
    return rows


def _fits(one: Planned, send_at: datetime, now: datetime, *, is_late: bool) -> bool:
    """Whether events may go with a message of then: news is not delayed, what is late waits for its like."""
    return send_at > now if is_late else send_at <= one.send_at


def _new(planned: dict[Key, Planned], domain: str, now: datetime) -> list[dict[str, object]]:
    """Write the messages that are new."""
    if not planned:
        return []
    named = {f"<{secrets.token_hex(16)}@{domain}>": (key, one) for key, one in planned.items()}
    values = [
        {
            "address": key[0],
            "channel": one.channel,
            "user_id": one.user_id,
            "robot_id": one.robot_id,
            "is_urgent": key[1],
            "destination": one.destination,
            "message_id": message_id,
            "created_at": now,
            "send_at": one.send_at,
            "give_up_at": one.send_at + timing.GIVE_UP,
        }
        for message_id, (key, one) in named.items()
    ]
    made = db.session.execute(insert(Delivery).returning(Delivery.id, Delivery.message_id), values).all()
    return [
        row
        for delivery_id, message_id in made
        for row in _told_of(delivery_id, named[message_id][0][0], named[message_id][1].event_ids)
    ]


def _told_of(delivery_id: int, address: str, event_ids: Iterable[int]) -> list[dict[str, object]]:
    return [{"event_id": event_id, "address": address, "delivery_id": delivery_id} for event_id in event_ids]
