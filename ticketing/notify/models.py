"""Tables of messages: inboxes, what goes out to whom, the ways out, and the workers' signs of life."""

from __future__ import annotations

from datetime import datetime, time

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.core.actor import Role
from ticketing.core.db import Model, words
from ticketing.notify.words import Channel, DeliveryState, Reach, Reason, RobotKind, Wording


class InboxEntry(Model):
    """One event that concerns one person."""

    __tablename__ = "inbox_entries"
    __table_args__ = (
        UniqueConstraint("event_id", "user_id"),
        Index("ix_inbox_entries_user_id_id", "user_id", "id"),
        Index(
            "ix_inbox_entries_unread",
            "user_id",
            postgresql_where=text("read_at IS NULL"),
            sqlite_where=text("read_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    entered_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class Delivery(Model):
    """One message to one recipient over one channel, about one event or several.

    ``address`` names recipient and channel ("email:12", "robot:3"). ``fence`` rises with each lease: only its
    holder may say what became of the message. ``last_error`` is a kind of trouble, never what a server wrote.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        CheckConstraint("(user_id IS NULL) <> (robot_id IS NULL)", name="one_recipient"),
        CheckConstraint("(state = 'leased') = (lease_until IS NOT NULL)", name="leased_has_an_end"),
        CheckConstraint(
            "(state IN ('sent', 'dead', 'cancelled')) = (ended_at IS NOT NULL)", name="ended_has_a_time"
        ),
        CheckConstraint(
            "(state IN ('dead', 'cancelled')) = (reason IS NOT NULL)", name="unsent_has_a_reason"
        ),
        Index(
            "ix_deliveries_waiting",
            "send_at",
            "id",
            postgresql_where=text("state = 'waiting'"),
            sqlite_where=text("state = 'waiting'"),
        ),
        Index(
            "ix_deliveries_waiting_address",
            "address",
            postgresql_where=text("state = 'waiting'"),
            sqlite_where=text("state = 'waiting'"),
        ),
        Index(
            "ix_deliveries_leased",
            "lease_until",
            postgresql_where=text("state = 'leased'"),
            sqlite_where=text("state = 'leased'"),
        ),
        Index(
            "ix_deliveries_dead",
            "id",
            postgresql_where=text("state = 'dead'"),
            sqlite_where=text("state = 'dead'"),
        ),
        Index("ix_deliveries_ended_at", "ended_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(String(40))
    channel: Mapped[Channel] = mapped_column(words(Channel))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    robot_id: Mapped[int | None] = mapped_column(ForeignKey("robots.id"))
    is_urgent: Mapped[bool] = mapped_column(default=False)
    destination: Mapped[str] = mapped_column(String(120))
    message_id: Mapped[str] = mapped_column(String(160), unique=True)
    state: Mapped[DeliveryState] = mapped_column(words(DeliveryState), default=DeliveryState.WAITING)
    reason: Mapped[Reason | None] = mapped_column(words(Reason))
    created_at: Mapped[datetime]
    send_at: Mapped[datetime]
    give_up_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(String(40), default="")
    ended_at: Mapped[datetime | None]


class DeliveryEvent(Model):
    """An event a message tells of. The key holds for good: an event reaches an address at most once."""

    __tablename__ = "delivery_events"

    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), primary_key=True)
    address: Mapped[str] = mapped_column(String(40), primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id", ondelete="CASCADE"), index=True)


class DeliveryNotice(Model):
    """A notice a message tells of; like an event, it reaches an address at most once."""

    __tablename__ = "delivery_notices"

    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"), primary_key=True)
    address: Mapped[str] = mapped_column(String(40), primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id", ondelete="CASCADE"), index=True)


class Destination(Model):
    """A server or robot that failed lately or takes only so much: its breaker and when it is free again."""

    __tablename__ = "destinations"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    open_until: Mapped[datetime | None]
    free_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(String(40), default="")
    changed_at: Mapped[datetime]


class Robot(Model):
    """A robot in the group chat of a unit. ``token`` and ``secret`` are never shown again."""

    __tablename__ = "robots"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    kind: Mapped[RobotKind] = mapped_column(words(RobotKind))
    name: Mapped[str] = mapped_column(String(60))
    token: Mapped[str] = mapped_column(String(128))
    secret: Mapped[str] = mapped_column(String(128), default="")
    quiet_from: Mapped[time | None]
    quiet_to: Mapped[time | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class SmsGateway(Model):
    """The gateway that turns our webhook into short messages; at most one."""

    __tablename__ = "sms_gateway"

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(String(300))
    secret: Mapped[str] = mapped_column(String(200))
    is_active: Mapped[bool] = mapped_column(default=True)


class MessageRule(Model):
    """What a role gets over a channel, and the hours of the district's day in which it is left in peace."""

    __tablename__ = "message_rules"

    role: Mapped[Role] = mapped_column(words(Role), primary_key=True)
    channel: Mapped[Channel] = mapped_column(words(Channel), primary_key=True)
    reach: Mapped[Reach] = mapped_column(words(Reach))
    quiet_from: Mapped[time | None]
    quiet_to: Mapped[time | None]


class MessageSwitch(Model):
    """A person's own wish for a channel, for what need not be acted on."""

    __tablename__ = "message_switches"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    channel: Mapped[Channel] = mapped_column(words(Channel), primary_key=True)
    is_on: Mapped[bool]


class MessageText(Model):
    """A text worded anew by an administrator."""

    __tablename__ = "message_texts"

    name: Mapped[Wording] = mapped_column(words(Wording), primary_key=True)
    language: Mapped[str] = mapped_column(String(2), primary_key=True)
    body: Mapped[str] = mapped_column(Text)


class WorkerBeat(Model):
    """The last sign of life of each worker process."""

    __tablename__ = "worker_beats"

    name: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    beat_at: Mapped[datetime]
