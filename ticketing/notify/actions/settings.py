"""Writes of administrators and people: the ways out, who gets what, how it is worded, sending again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import delete, select, update

from ticketing.core import audit
from ticketing.core.actor import Actor, Role
from ticketing.core.db import db, transaction
from ticketing.core.errors import Invalid, NotFound
from ticketing.core.text import N_
from ticketing.network.queries import network
from ticketing.notify.models import (
    Delivery,
    MessageRule,
    MessageSwitch,
    MessageText,
    Robot,
    SmsGateway,
)
from ticketing.notify.rules import duties, places, timing, wording
from ticketing.notify.words import Channel, DeliveryState, Reach, RobotKind, Wording

KEPT_FOR = timedelta(days=183)
"""How long it stays on record what was sent: half a year, as long as the law wants logs kept."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Quiet hours as typed: both ends or none."""

    start: time | None = None
    end: time | None = None

    def check(self) -> None:
        """Raise Invalid when only one end was typed, or both are the same."""
        if (self.start is None) != (self.end is None):
            raise Invalid(fields={"quiet_to": [N_("免打扰的开始和结束要么都填，要么都不填")]})
        if self.start is not None and self.start == self.end:
            raise Invalid(fields={"quiet_to": [N_("开始和结束不能相同")]})


NIGHT = Hours(time(22, 0), time(7, 30))
"""When groups are left in peace unless somebody says otherwise."""


@dataclass(frozen=True, slots=True)
class RobotWish:
    """A robot as an administrator describes it; ``address`` is its webhook address."""

    unit: str
    name: str
    address: str
    secret: str
    hours: Hours


def add_robot(actor: Actor, wish: RobotWish, *, now: datetime) -> int:
    """Let a unit's group hear of its work through a robot; return its id. Raises Invalid."""
    wish.hours.check()
    try:
        place = places.read_robot(wish.address)
    except places.BadAddress as error:
        error.fields = {"address": [error.text]}
        raise
    if wish.secret and place.kind is RobotKind.WECOM:
        raise Invalid(fields={"secret": [N_("企业微信机器人没有签名密钥")]})
    with transaction():
        unit = network().active(wish.unit)
        known = select(Robot.id).where(Robot.kind == place.kind, Robot.token == place.token)
        if db.session.scalar(known) is not None:
            raise Invalid(fields={"address": [N_("这个机器人已经登记过了")]})
        made = Robot(
            unit_id=unit.id, kind=place.kind, name=wish.name, token=place.token, secret=wish.secret,
            quiet_from=wish.hours.start, quiet_to=wish.hours.end, created_at=now,
        )  # fmt: skip
        db.session.add(made)
        db.session.flush()
    audit.note(actor, "adds robot", str(made.id), unit=wish.unit, kind=place.kind.value)
    return made.id


def switch_robot(actor: Actor, robot_id: int, *, is_on: bool) -> None:
    """Let a robot speak or be silent. Raises NotFound."""
    with transaction():
        known = update(Robot).where(Robot.id == robot_id).values(is_active=is_on).returning(Robot.id)
        if db.session.scalar(known) is None:
            raise NotFound
    audit.note(actor, "switches robot", str(robot_id), is_on=is_on)


def set_gateway(actor: Actor, url: str, secret: str, *, is_on: bool) -> None:
    """Set the SMS gateway's address and secret; an empty secret keeps the one there is. Raises Invalid."""
    try:
        places.read_gateway(url)
    except places.BadAddress as error:
        error.fields = {"url": [error.text]}
        raise
    with transaction():
        row = db.session.scalars(select(SmsGateway)).first()
        if row is None and not secret:
            raise Invalid(fields={"secret": [N_("请填写此项")]})
        if row is None:
            row = SmsGateway(url=url, secret=secret)
            db.session.add(row)
        if secret:
            row.secret = secret
        elif row.url != url:
            # The secret belongs to the address it was typed for: it is not sent elsewhere.
            raise Invalid(fields={"secret": [N_("换了地址，请重新填写密钥")]})
        row.url, row.is_active = url, is_on
    audit.note(actor, "sets SMS gateway", url, is_on=is_on)


def set_rule(actor: Actor, role: Role, channel: Channel, reach: Reach, hours: Hours) -> None:
    """Set what a role gets over a channel, and when it is left in peace. Raises Invalid."""
    hours.check()
    with transaction():
        db.session.merge(
            MessageRule(role=role, channel=channel, reach=reach, quiet_from=hours.start, quiet_to=hours.end)
        )
    audit.note(actor, "sets message rule", f"{role}/{channel}", reach=reach.value, hours=hours)


def set_text(actor: Actor, name: Wording, language: str, body: str) -> None:
    """Word a text anew; an empty one brings back the usual wording. Raises BadWording or NotFound."""
    if language not in wording.LANGUAGES:
        raise NotFound
    with transaction():
        if body.strip():
            wording.check(name, body)
            db.session.merge(MessageText(name=name, language=language, body=body))
        else:
            db.session.execute(
                delete(MessageText).where(MessageText.name == name, MessageText.language == language)
            )
    audit.note(actor, "words", f"{name}/{language}")


def switch_channel(actor: Actor, channel: Channel, *, is_on: bool) -> None:
    """Let a person hear of everything over a channel, or only of what must be acted on. Raises Invalid."""
    if actor.user_id is None or not duties.may_be_switched(channel):
        raise Invalid
    with transaction():
        db.session.merge(MessageSwitch(user_id=actor.user_id, channel=channel, is_on=is_on))


def send_again(actor: Actor, delivery_id: int | None, *, now: datetime) -> int:
    """Let a message that was given up, or all of them, wait anew under the same id; return how many."""
    dead = update(Delivery).where(Delivery.state == DeliveryState.DEAD)
    if delivery_id is not None:
        dead = dead.where(Delivery.id == delivery_id)
    with transaction():
        again = dead.values(
            state=DeliveryState.WAITING,
            reason=None,
            ended_at=None,
            attempts=0,
            fence=Delivery.fence + 1,
            send_at=now,
            give_up_at=now + timing.GIVE_UP,
        )
        found = len(db.session.scalars(again.returning(Delivery.id)).all())
    audit.note(actor, "sends again", "all" if delivery_id is None else str(delivery_id), messages=found)
    return found


def forget_old(now: datetime) -> int:
    """Drop messages that ended half a year ago; return how many."""
    with transaction():
        gone = delete(Delivery).where(Delivery.ended_at < now - KEPT_FOR).returning(Delivery.id)
        return len(db.session.scalars(gone).all())
