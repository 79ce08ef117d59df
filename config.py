"""Every setting of the product, read once from the environment and checked before anything starts."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

DISTRICT_ZONE = ZoneInfo("Asia/Shanghai")
MIN_SECRET_CHARS = 32
DEMO_SECRET = "demo-mode-only-do-not-use-in-production"  # noqa: S105 - refused outside demo mode
TRUE_WORDS = {"1", "true", "yes", "on"}
SMTP_PORTS = {"starttls": 587, "ssl": 465, "none": 25}
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class BadSettings(ValueError):
    """Raised with the full list of what is wrong, so that one restart is enough to mend it."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("Cannot start:\n" + "\n".join(f"  - {problem}" for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Smtp:
    """The mail server that takes our letters. ``security``: "starttls", "ssl" or "none"."""

    host: str
    port: int
    security: str
    user: str
    password: str = field(repr=False)
    sender: str


@dataclass(frozen=True, slots=True)
class Config:
    """The settings, checked. Times are seconds, sizes bytes.

    TICKETING_VAR   folder for the embedded database, attachments and benchmark results (default ``var``)
    DATABASE_URL    default SQLite in TICKETING_VAR; PostgreSQL as ``postgresql+psycopg://user:pw@host/db``
    SECRET_KEY      signs sessions and links; at least 32 characters; required unless DEMO_MODE is on
    DEMO_MODE       ``1`` shows the demo accounts and allows the built-in key; never on a public host
    BASE_URL        how people reach the site; used in links and for the trusted host name
    PORT            where ``make run`` listens (default 8000)
    REDIS_URL       optional, kept for deployments that share rate limits through Redis
    PROXY_COUNT     how many reverse proxies stand in front and set X-Forwarded-* (default 0)
    METRICS_ALLOW   comma-separated networks that may read /metrics and /readyz (default loopback)
    ATTACHMENT_MAX_BYTES, FORM_MAX_BYTES   upload limits (default 10 MiB per file, 1 MiB of form text)
    SESSION_DAYS    how long a sign-in lasts without use (default 14)
    SMTP_HOST       mail server for outgoing letters; without it no e-mail goes out
    SMTP_SECURITY   ``starttls`` (default), ``ssl`` or ``none``; SMTP_PORT defaults to 587, 465 or 25
    SMTP_USER, SMTP_PASSWORD   sign in there, if it asks for it
    MAIL_FROM       sender's address (default noreply@ the host of BASE_URL)
    LIVE_STREAM     ``1`` when the events instance runs: pages listen to /inbox/stream instead of asking
    SERVES_STREAM   ``1`` only in the events instance (deploy/closed-loop-events.service): it answers there
    """

    var_dir: Path
    database_url: str
    secret_key: str
    is_demo: bool
    base_url: str
    port: int
    redis_url: str | None
    proxy_count: int
    metrics_allow: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]
    attachment_max_bytes: int
    form_max_bytes: int
    session_days: int
    smtp: Smtp | None = None
    has_stream: bool = False
    serves_stream: bool = False
    is_testing: bool = False
    engine_options: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_sqlite(self) -> bool:
        """Whether the embedded database is in use."""
        return self.database_url.startswith("sqlite")

    @property
    def is_https(self) -> bool:
        """Whether people reach the site over TLS, so that cookies and headers may insist on it."""
        return self.base_url.startswith("https://")

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Config:
        """Read and check the environment; raise BadSettings naming everything that is wrong."""
        problems: list[str] = []
        is_demo = _is_on(env, "DEMO_MODE")
        var_dir = Path(env.get("TICKETING_VAR") or "var").resolve()
        port = _whole(env, "PORT", 8000, problems, low=1, high=65535)
        base_url = _base_url(env, port, problems)
        config = cls(
            var_dir=var_dir,
            database_url=_database_url(env, var_dir, problems),
            secret_key=_secret_key(env, is_demo, problems),
            is_demo=is_demo,
            base_url=base_url,
            port=port,
            redis_url=env.get("REDIS_URL") or None,
            proxy_count=_whole(env, "PROXY_COUNT", 0, problems, low=0, high=5),
            metrics_allow=_networks(env, problems),
            attachment_max_bytes=_whole(env, "ATTACHMENT_MAX_BYTES", 10 << 20, problems, low=1024),
            form_max_bytes=_whole(env, "FORM_MAX_BYTES", 1 << 20, problems, low=65536),
            session_days=_whole(env, "SESSION_DAYS", 14, problems, low=1, high=90),
            smtp=_smtp(env, base_url, problems),
            has_stream=_is_on(env, "LIVE_STREAM"),
            serves_stream=_is_on(env, "SERVES_STREAM"),
        )
        if problems:
            raise BadSettings(problems)
        return config


def _is_on(env: Mapping[str, str], name: str) -> bool:
    return env.get(name, "").strip().lower() in TRUE_WORDS


def _smtp(env: Mapping[str, str], base_url: str, problems: list[str]) -> Smtp | None:
    host = (env.get("SMTP_HOST") or "").strip()
    if not host:
        return None
    security = (env.get("SMTP_SECURITY") or "starttls").strip().lower()
    if security not in SMTP_PORTS:
        problems.append(f"SMTP_SECURITY must be starttls, ssl or none, not {security!r}")
    user = env.get("SMTP_USER") or ""
    if user and security == "none" and host not in LOOPBACK:
        problems.append("SMTP_SECURITY=none would send SMTP_PASSWORD in the clear")
    sender = env.get("MAIL_FROM") or f"noreply@{urlsplit(base_url).hostname or 'localhost'}"
    if not re.fullmatch(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+", sender):
        problems.append(f"MAIL_FROM must be a plain address like noreply@example.org, not {sender!r}")
    port = _whole(env, "SMTP_PORT", SMTP_PORTS.get(security, 25), problems, low=1, high=65535)
    return Smtp(host, port, security, user, env.get("SMTP_PASSWORD") or "", sender)


def _whole(
    env: Mapping[str, str], name: str, default: int, problems: list[str], *, low: int, high: int = 2**31
) -> int:
    raw = env.get(name) or str(default)
    try:
        value = int(raw)
    except ValueError:
        problems.append(f"{name} must be a whole number, not {raw!r}")
        return default
    if not low <= value <= high:
        problems.append(f"{name} must be between {low} and {high}, not {value}")
    return value


def _database_url(env: Mapping[str, str], var_dir: Path, problems: list[str]) -> str:
    url = env.get("DATABASE_URL") or f"sqlite:///{var_dir / 'ticketing.db'}"
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        problems.append("DATABASE_URL must start with sqlite:/// or postgresql+psycopg://")
    return url


def _secret_key(env: Mapping[str, str], is_demo: bool, problems: list[str]) -> str:
    key = env.get("SECRET_KEY") or ""
    if is_demo and not key:
        return DEMO_SECRET
    if not key:
        problems.append("SECRET_KEY is required outside demo mode (at least 32 random characters)")
    elif len(key) < MIN_SECRET_CHARS or (key == DEMO_SECRET and not is_demo):
        problems.append("SECRET_KEY must be at least 32 random characters of your own")
    return key


def _base_url(env: Mapping[str, str], port: int, problems: list[str]) -> str:
    url = (env.get("BASE_URL") or f"http://localhost:{port}").rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path:
        problems.append(f"BASE_URL must be like https://host, not {url!r}")
    return url


def _networks(
    env: Mapping[str, str], problems: list[str]
) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    found = []
    for word in (env.get("METRICS_ALLOW") or "127.0.0.0/8,::1/128").split(","):
        try:
            found.append(ipaddress.ip_network(word.strip()))
        except ValueError:
            problems.append(f"METRICS_ALLOW has no network in {word.strip()!r}")
    return tuple(found)
