"""Fixtures: sinks for what goes out, and a post office that relays and sends at the world's time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time

import pytest
from sqlalchemy import func, select

from config import Smtp
from tests.notify.sinks import MailSink, WebSink, trusting
from tests.world import World
from ticketing.accounts.models import User
from ticketing.core.actor import Role
from ticketing.core.db import db, transaction
from ticketing.network.models import Unit
from ticketing.notify.actions import relay
from ticketing.notify.actions.planning import Outlets
from ticketing.notify.models import Delivery, DeliveryEvent, MessageRule, Robot, SmsGateway
from ticketing.notify.sender import Sender
from ticketing.notify.wires.https import Net
from ticketing.notify.words import Channel, DeliveryState, Reach, RobotKind

SENDER = "noreply@loop.example"


@dataclass
class Post:
    """The worker's part: relays what happened and hands it over, at the world's moment."""

    world: World
    mail: MailSink
    web: WebSink
    seconds: float = 8.0
    addresses: list[str] = field(default_factory=lambda: ["127.0.0.1"])

    def relay(self) -> None:
        """Empty the outbox."""
        outlets = Outlets("mail.example", "loop.example")
        while relay.relay(self.now(), outlets=outlets):
            pass

    def now(self) -> datetime:
        """The world's moment."""
        return self.world.now

    @property
    def smtp(self) -> Smtp:
        """The sink as a mail server."""
        return Smtp("127.0.0.1", self.mail.port, "none", "", "", SENDER)

    def sender(self) -> Sender:
        """Return a sender that speaks to the sinks alone."""
        net = Net(
            look_up=lambda _host: self.addresses,
            may_reach=lambda address: address == "127.0.0.1",
            trust=trusting,
            port=self.web.port,
            seconds=self.seconds,
        )
        return Sender(self.smtp, self.now, net, seconds=self.seconds)

    def send(self, channel: Channel = Channel.EMAIL) -> int:
        """Hand over what is due."""
        return self.sender().send_due(channel)

    def deliver(self, channel: Channel = Channel.EMAIL) -> None:
        """Relay and hand over."""
        self.relay()
        self.send(channel)

    def rows(self, **wanted: object) -> list[Delivery]:
        """Return the stored messages, read anew."""
        db.session.rollback()
        db.session.expire_all()
        found = select(Delivery).filter_by(**wanted).order_by(Delivery.id)
        return list(db.session.scalars(found))

    def to(self, who: str, channel: Channel = Channel.EMAIL) -> list[Delivery]:
        """Return the stored messages to one person."""
        return self.rows(user_id=self.world.actor(who).user_id, channel=channel)

    def states(self) -> dict[DeliveryState, int]:
        """Return how many messages stand how."""
        db.session.rollback()
        counted = select(Delivery.state, func.count()).group_by(Delivery.state)
        return dict(db.session.execute(counted).all())

    def events_of(self, delivery: Delivery) -> int:
        """Return of how many events a message tells."""
        wanted = select(func.count()).select_from(DeliveryEvent)
        return db.session.scalar(wanted.where(DeliveryEvent.delivery_id == delivery.id)) or 0

    def mails_to(self, who: str) -> list[str]:
        """Return the texts of the letters one person got."""
        address = f"{who}@demo.example"
        return [
            mail.get_content()
            for mail, to in zip(self.mail.mails, self.mail.to, strict=True)
            if to == address
        ]

    def rule(
        self, role: Role, channel: Channel, reach: Reach, quiet: tuple[time, time] | None = None
    ) -> None:
        """Set what a role gets over a channel."""
        with transaction():
            row = db.session.get_one(MessageRule, (role, channel))
            row.reach = reach
            row.quiet_from, row.quiet_to = quiet or (None, None)

    def robot(self, unit: str = "D-PWR", kind: RobotKind = RobotKind.WECOM, **fields: object) -> Robot:
        """Give a unit a robot."""
        with transaction():
            unit_id = db.session.scalars(select(Unit.id).where(Unit.code == unit)).one()
            made = Robot(
                unit_id=unit_id,
                kind=kind,
                name="值班群",
                token="0123456789abcdef",
                created_at=self.now(),
                **fields,
            )
            db.session.add(made)
        return made

    def gateway(self) -> None:
        """Set up an SMS gateway."""
        with transaction():
            db.session.add(SmsGateway(url="https://sms.example.com/send", secret="open sesame"))

    def phone(self, who: str, number: str = "13800001234") -> None:
        """Give a person a phone."""
        with transaction():
            user = db.session.get_one(User, self.world.actor(who).user_id)
            user.phone = number


@pytest.fixture
def mail() -> Iterator[MailSink]:
    sink = MailSink().start()
    yield sink
    sink.stop()


@pytest.fixture
def web() -> Iterator[WebSink]:
    sink = WebSink().start()
    yield sink
    sink.stop()


@pytest.fixture
def post(world: World, mail: MailSink, web: WebSink) -> Post:
    return Post(world, mail, web)
