"""Servers that take what the product sends, and misbehave when told to: a mail server and an https one."""

from __future__ import annotations

import asyncio
import http.server
import json
import ssl
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.kit.site import loopback_socket

TLS = Path(__file__).parent / "tls"
TAKEN = "250 taken"
CUT = "cut"
HANG = "hang"
HANG_SECONDS = 20


@dataclass
class MailSink:
    """A mail server. ``answers``: what it says after each letter, "250 taken" when none is left.

    An answer may be a reply ("451 later", "550 no"), CUT (the line is cut once the letter is there:
    the sender cannot know) or HANG.
    """

    raw: list[bytes] = field(default_factory=list)
    to: list[str] = field(default_factory=list)
    answers: deque[str] = field(default_factory=deque)
    always: str = TAKEN
    recipients: dict[str, str] = field(default_factory=dict)
    port: int = 0
    is_port_given: bool = False
    arrived: list[tuple[float, bytes]] = field(default_factory=list)
    _controller: Controller | None = None

    def start(self) -> MailSink:
        """Listen on the port given, else on a free one."""
        if not self.is_port_given:
            held = loopback_socket()
            self.port = held.getsockname()[1]
            held.close()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()
        return self

    def stop(self) -> None:
        """Stop listening."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def forget(self) -> None:
        """Forget what was taken so far."""
        self.raw.clear()
        self.to.clear()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take or refuse a recipient."""
        answer = self.recipients.get(address, "250 ok")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep a letter and say what was asked for."""
        answer = self.answers.popleft() if self.answers else self.always
        if answer == HANG:
            await asyncio.sleep(HANG_SECONDS)
            return "451 hung"
        if answer == CUT or answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.arrived.append((time.time(), envelope.content))
            self.raw.append(envelope.content)
            self.to += envelope.rcpt_tos
        if answer == CUT:
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        return answer if answer != CUT else TAKEN

    @property
    def mails(self) -> list[EmailMessage]:
        """The letters taken, parsed."""
        return [message_from_bytes(raw, policy=policy.default) for raw in self.raw]

    @property
    def ids(self) -> list[str]:
        """Their Message-IDs, in order."""
        return [str(mail["Message-ID"]) for mail in self.mails]


@dataclass
class WebSink:
    """An https server under any name in tls/cert.pem. ``status``, ``answer``, ``headers``: what it says."""

    status: int = 200
    answer: Any = field(default_factory=lambda: {"errcode": 0})
    headers: dict[str, str] = field(default_factory=dict)
    seen: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    port: int = 0
    _server: http.server.ThreadingHTTPServer | None = None

    def start(self) -> WebSink:
        """Listen on a free port."""
        sink = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                sink.seen.append((self.path, dict(self.headers), json.loads(body)))
                self.send_response(sink.status)
                raw = json.dumps(sink.answer).encode()
                for name, value in {**sink.headers, "Content-Length": str(len(raw))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_args: object) -> None:
                """Keep quiet."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(TLS / "cert.pem", TLS / "key.pem")
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def stop(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()


def trusting() -> ssl.SSLContext:
    """Return what believes the sinks' certificate and no other."""
    return ssl.create_default_context(cafile=str(TLS / "cert.pem"))
