"""The sender: takes messages that are due, writes them, hands them over, notes what became of each.

Nothing is held open in the database while a server is spoken to. A sender that dies leaves its messages to
the end of their lease; what it handed over without noting it goes out once more under the same Message-ID.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.exc import DBAPIError

from config import Smtp
from ticketing.core.db import db
from ticketing.notify import letters
from ticketing.notify.actions import handing
from ticketing.notify.actions.handing import Leased
from ticketing.notify.queries import ways
from ticketing.notify.rules.timing import LEASE, SEND_SECONDS
from ticketing.notify.wires import https, robots, sms
from ticketing.notify.wires.outcome import NotTaken, Refused
from ticketing.notify.wires.smtp import MailServer
from ticketing.notify.words import Channel

# A message is begun only while its lease leaves time for it.
_BEGIN_WITHIN = LEASE.total_seconds() - SEND_SECONDS - 2
Wire = Callable[[Leased, letters.Letter], None]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sender:
    """What one sender works with: the mail server if any, the clock, the world outside, when to stop."""

    smtp: Smtp | None
    now: Callable[[], datetime]
    net: https.Net = field(default_factory=https.Net)
    seconds: float = SEND_SECONDS
    is_stopping: Callable[[], bool] = lambda: False

    def send_due(self, channel: Channel) -> int:
        """Hand over what is due on ``channel`` until nothing is; return how many were taken up."""
        total = 0
        if channel is Channel.EMAIL and self.smtp is None:
            return 0
        while not self.is_stopping():
            batch = handing.claim(channel, self.now())
            if not batch:
                break
            self._send(channel, batch)
            total += len(batch)
        return total

    def _send(self, channel: Channel, leased: Sequence[Leased]) -> None:
        begun = time.monotonic()
        doubtful = {one.destination for one in leased if one.is_doubtful}
        with self._wire(channel) as wire:
            batch = _Batch(self.now, letters.Desk(), wire, doubtful)
            for place, one in enumerate(leased):
                if self.is_stopping() or time.monotonic() - begun > _BEGIN_WITHIN:
                    handing.handed_back(leased[place:], self.now())
                    return
                batch.send(one)

    def _wire(self, channel: Channel) -> AbstractContextManager[Wire]:
        if channel is Channel.EMAIL and self.smtp is not None:
            return _mail(self.smtp, self.seconds)
        return nullcontext(self._text if channel is Channel.SMS else self._say)

    def _text(self, one: Leased, letter: letters.Letter) -> None:
        gateway = ways.gateway()
        db.session.rollback()
        if gateway is None or not gateway.is_active:
            raise NotTaken("not set up")
        sms.text(gateway, letter.to, letter.body, one.message_id, self.net)

    def _say(self, one: Leased, letter: letters.Letter) -> None:
        if letter.robot is None:
            raise NotTaken("not set up")
        robots.say(letter.robot, letter.body, self.now(), self.net)


@dataclass(frozen=True, slots=True)
class _Batch:
    """Some messages over one wire. ``doubtful``: destinations that failed at their last try."""

    now: Callable[[], datetime]
    desk: letters.Desk
    wire: Wire
    doubtful: set[str]

    def send(self, one: Leased) -> None:
        """Send one message; whatever happens to it happens to it alone."""
        try:
            written = self.desk.write(one, self.now())
        except DBAPIError:
            raise  # the database's trouble is not the message's
        except Exception as error:  # noqa: BLE001 - a message that cannot be written must not stop the others
            db.session.rollback()
            _log.warning("message %d cannot be written: %s", one.id, type(error).__name__)
            handing.broken(one, type(error).__name__[:40], self.now())
            return
        db.session.rollback()  # nothing stays open while a server is spoken to
        if isinstance(written, letters.Unsendable):
            handing.cancelled(one, written.reason, self.now())
        elif isinstance(written, letters.NotNow):
            handing.postponed(one, written.until)
        else:
            self._hand_over(one, written)

    def _hand_over(self, one: Leased, letter: letters.Letter) -> None:
        try:
            self.wire(one, letter)
        except Refused as error:
            handing.refused(one, error.kind, self.now(), heals=self._heals(one))
            _log.info("message %d was refused by %s: %s", one.id, one.destination, error.kind)
        except NotTaken as error:
            self.doubtful.add(one.destination)
            handing.failed(one, error.kind, self.now())
            _log.info("message %d was not taken by %s: %s", one.id, one.destination, error.kind)
        else:
            if not handing.sent(one, self.now(), heals=self._heals(one)):
                _log.warning("message %d was sent after its lease had ended", one.id)

    def _heals(self, one: Leased) -> bool:
        is_doubtful = one.destination in self.doubtful
        self.doubtful.discard(one.destination)
        return is_doubtful


@contextmanager
def _mail(smtp: Smtp, seconds: float) -> Iterator[Wire]:
    with MailServer(smtp, seconds) as server:

        def hand_over(one: Leased, letter: letters.Letter) -> None:
            server.send(letter.to, letters.as_mail(letter, smtp.sender, one.message_id, one.created_at))

        yield hand_over
