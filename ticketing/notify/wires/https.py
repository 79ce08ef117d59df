"""Posting JSON to a server outside: https only, no redirect, never to an address inside the house.

The name is looked up once, every address it gives is judged, and the connection goes to the very address that
was judged (a second look-up could give another one); the certificate is checked for the name.
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ticketing.notify.rules.places import HTTPS_PORT, is_public
from ticketing.notify.rules.timing import SEND_SECONDS
from ticketing.notify.wires.outcome import NotTaken, Refused

_MAX_ANSWER = 64 * 1024
_OK = range(200, 300)
_MOVED = range(300, 400)
_FOR_GOOD = {400, 422}


def look_up(host: str) -> list[str]:
    """Return the IP addresses of a host."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, HTTPS_PORT, type=socket.SOCK_STREAM)]


@dataclass(frozen=True, slots=True)
class Net:
    """The world outside: how names are looked up, which addresses may be spoken to, whom to believe."""

    look_up: Callable[[str], list[str]] = look_up
    may_reach: Callable[[str], bool] = is_public
    trust: Callable[[], ssl.SSLContext] = ssl.create_default_context
    port: int = HTTPS_PORT
    seconds: float = SEND_SECONDS


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said."""

    status: int
    body: Any = field(repr=False)


class _Pinned(http.client.HTTPSConnection):
    """A connection to one judged address, under the name it was judged for."""

    def __init__(self, host: str, address: str, net: Net) -> None:
        self._trust = net.trust()
        self._address = address
        super().__init__(host, net.port, timeout=net.seconds / 2, context=self._trust)

    def connect(self) -> None:
        """Connect to the address that was judged; the certificate must be the host's."""
        plain = socket.create_connection((self._address, self.port), self.timeout)
        try:
            self.sock = self._trust.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise


def post(url: str, body: Mapping[str, Any], headers: Mapping[str, str], net: Net) -> Answer:
    """Post ``body`` and return the answer, whose JSON is None when it is none.

    Raises Refused for what will never be taken, NotTaken for what is not taken now, a redirect among them.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    line = _Pinned(host, _judged(host, net), net)
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    raw = json.dumps(body, ensure_ascii=False).encode()
    kind = {"Content-Type": "application/json; charset=utf-8", "Connection": "close"}
    try:
        line.request("POST", path, raw, {**kind, **headers})
        answer = line.getresponse()
        status, text = answer.status, answer.read(_MAX_ANSWER)
    except (OSError, http.client.HTTPException) as error:
        raise NotTaken(_kind(error)) from None
    finally:
        line.close()
    if status in _MOVED:
        raise NotTaken("redirect")
    if status in _FOR_GOOD:
        raise Refused(f"http {status}")
    if status not in _OK:
        raise NotTaken(f"http {status}")
    return Answer(status, _json(text))


def _judged(host: str, net: Net) -> str:
    """Return an address of the host; raise NotTaken when any of them is inside the house."""
    try:
        found = net.look_up(host)
    except OSError:
        raise NotTaken("unknown host") from None
    if not found:
        raise NotTaken("unknown host")
    if not all(net.may_reach(address) for address in found):
        raise NotTaken("private address")
    return found[0]


def _json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _kind(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ssl.SSLError):
        return "tls"
    if isinstance(error, ConnectionResetError | BrokenPipeError | http.client.HTTPException):
        return "cut"
    return "unreachable"
