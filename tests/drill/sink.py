"""The mail server of the drill: takes every letter and keeps it as it came, with the moment."""

from __future__ import annotations

import time
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.kit.site import loopback_socket


@dataclass(frozen=True)
class Taken:
    """One letter that was taken."""

    at: float
    to: tuple[str, ...]
    raw: bytes

    @property
    def mail(self) -> EmailMessage:
        """The letter, parsed."""
        return message_from_bytes(self.raw, policy=policy.default)


class Sink:
    """Listens on a free port of this machine."""

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        with loopback_socket() as free:
            self.port: int = free.getsockname()[1]
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    def start(self) -> None:
        """Listen."""
        self._controller.start()

    def stop(self) -> None:
        """Listen no more."""
        self._controller.stop()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a letter. It counts as taken before the sender is told, as with any mail server."""
        assert isinstance(envelope.content, bytes)
        self.taken.append(Taken(time.time(), tuple(envelope.rcpt_tos), envelope.content))
        return "250 taken"
