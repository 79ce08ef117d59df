"""The outbox: events written but not yet relayed to people, in the transaction of the event itself."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.core.db import Model


class Outbox(Model):
    """One event that waits for the worker; the row goes when its messages exist."""

    __tablename__ = "outbox"

    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), primary_key=True)
