"""Handing letters to a mail server: one connection for many, each letter within a few seconds."""

from __future__ import annotations

import smtplib
import ssl
import time
from email.message import EmailMessage
from types import TracebackType

from config import Smtp
from ticketing.core import crash_points
from ticketing.notify.rules.timing import SEND_SECONDS
from ticketing.notify.wires.outcome import NotTaken, Refused

_FOR_GOOD = 500
_OK = 250
_FORWARDED = 251
_GO_ON = 354


class MailServer:
    """A line to the mail server, opened when needed, closed at the end or after trouble."""

    def __init__(self, settings: Smtp, seconds: float = SEND_SECONDS) -> None:
        self._settings = settings
        self._seconds = seconds
        self._line: smtplib.SMTP | None = None
        self._until = 0.0

    def __enter__(self) -> MailServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._line is not None:
            try:
                self._line.quit()
            except (OSError, smtplib.SMTPException):
                self._line.close()

    def send(self, to: str, mail: EmailMessage) -> None:
        """Hand one letter over. Raises Refused when the server never will take it, NotTaken when not now."""
        self._until = time.monotonic() + self._seconds
        try:
            self._hand_over(to, mail)
        except Refused:
            self._reset()
            raise
        except NotTaken:
            self._hang_up()
            raise
        except (OSError, smtplib.SMTPException) as error:
            self._hang_up()
            raise NotTaken(_kind(error)) from None
        except UnicodeError:
            self._hang_up()
            raise Refused("address") from None

    def _hand_over(self, to: str, mail: EmailMessage) -> None:
        line = self._line if self._line is not None else self._connect()
        self._line = line
        self._step(line.mail(self._settings.sender), is_about_us=True)
        self._hurry(line)
        self._step(line.rcpt(to))
        self._hurry(line)
        line.putcmd("data")
        self._step(line.getreply(), _GO_ON)
        self._hurry(line)
        line.send(_dotted(mail.as_bytes()))
        crash_points.here("11 letter handed over, not confirmed")
        self._step(line.getreply())
        crash_points.here("12 letter confirmed, not marked")

    def _connect(self) -> smtplib.SMTP:
        settings = self._settings
        left = self._left()
        if settings.security == "ssl":
            safe = ssl.create_default_context()
            line: smtplib.SMTP = smtplib.SMTP_SSL(settings.host, settings.port, timeout=left, context=safe)
        else:
            line = smtplib.SMTP(settings.host, settings.port, timeout=left)
        try:
            if settings.security == "starttls":
                line.starttls(context=ssl.create_default_context())
            line.ehlo_or_helo_if_needed()
            if settings.user:
                line.login(settings.user, settings.password)
        except BaseException:
            line.close()
            raise
        self._hurry(line)
        return line

    def _hurry(self, line: smtplib.SMTP) -> None:
        """Let the next step take no longer than what is left for this letter."""
        if line.sock is not None:
            line.sock.settimeout(self._left())

    def _left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise NotTaken("timeout")
        return left

    def _step(self, answer: tuple[int, bytes], wanted: int = _OK, *, is_about_us: bool = False) -> None:
        """Go on or raise. ``is_about_us``: a refusal then speaks of this installation, not of the letter."""
        code = answer[0]
        if code == wanted or (wanted == _OK and code == _FORWARDED):
            return
        if code >= _FOR_GOOD and not is_about_us:
            raise Refused(f"smtp {code}")
        raise NotTaken(f"smtp {code}")

    def _reset(self) -> None:
        """Make the line ready for the next letter."""
        try:
            if self._line is not None:
                self._line.rset()
        except (OSError, smtplib.SMTPException):
            self._hang_up()

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None


def _dotted(raw: bytes) -> bytes:
    """Return a letter as it goes over the line: CRLF, leading dots doubled, a dot at the end."""
    lines = raw.splitlines()
    return b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines) + b".\r\n"


def _kind(error: Exception) -> str:
    """Name the trouble without a word of what the server wrote."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "login"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"smtp {error.smtp_code}"
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return "timeout"
    if isinstance(error, smtplib.SMTPServerDisconnected | ConnectionResetError | BrokenPipeError):
        return "cut"
    if isinstance(error, ssl.SSLError | smtplib.SMTPNotSupportedError):
        return "tls"
    return "unreachable"
