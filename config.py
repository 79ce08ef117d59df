"""Every setting of the product, read once from the environment and checked before anything starts."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

DISTRICT_ZONE = ZoneInfo("Asia/Shanghai")
MIN_SECRET_CHARS = 32
DEMO_SECRET = "demo-mode-only-do-not-use-in-production"  # noqa: S105 - refused outside demo mode
TRUE_WORDS = {"1", "true", "yes", "on"}


class BadSettings(ValueError):
    """Raised with the full list of what is wrong, so that one restart is enough to mend it."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("Cannot start:\n" + "\n".join(f"  - {problem}" for problem in problems))
        self.problems = problems


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
        is_demo = env.get("DEMO_MODE", "").strip().lower() in TRUE_WORDS
        var_dir = Path(env.get("TICKETING_VAR") or "var").resolve()
        port = _whole(env, "PORT", 8000, problems, low=1, high=65535)
        config = cls(
            var_dir=var_dir,
            database_url=_database_url(env, var_dir, problems),
            secret_key=_secret_key(env, is_demo, problems),
            is_demo=is_demo,
            base_url=_base_url(env, port, problems),
            port=port,
            redis_url=env.get("REDIS_URL") or None,
            proxy_count=_whole(env, "PROXY_COUNT", 0, problems, low=0, high=5),
            metrics_allow=_networks(env, problems),
            attachment_max_bytes=_whole(env, "ATTACHMENT_MAX_BYTES", 10 << 20, problems, low=1024),
            form_max_bytes=_whole(env, "FORM_MAX_BYTES", 1 << 20, problems, low=65536),
            session_days=_whole(env, "SESSION_DAYS", 14, problems, low=1, high=90),
        )
        if problems:
            raise BadSettings(problems)
        return config


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
