"""What the drill plays on: database, site, workers and mail server, each started again when it dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import psutil

from config import Config
from tests.drill.database import Database, ending_with_parent
from tests.drill.sink import Sink
from tests.kit.site import loopback_socket

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = ("enterprise", "enterprise2", "clerk", "dispatcher", "dept", "deptlead", "caller")
LIMIT = "1min"
READY_WITHIN_SECONDS = 60
LOOK_EVERY_SECONDS = 0.05
FLASK = (sys.executable, "-m", "flask", "--app", "wsgi")
WEB = "web"
# Short limits on the 24-hour clock, so that steps fall due while the drill runs.
SHORTEN = f"""UPDATE limit_rules SET "limit" = '{LIMIT}', steps = NULL WHERE "limit" IS NOT NULL"""


@dataclass
class Part:
    """One process of the product that is to run all the time."""

    name: str
    command: tuple[str, ...]
    process: subprocess.Popen[bytes] | None = None


@dataclass(frozen=True)
class End:
    """A part that ended: when, and how (a signal is negative)."""

    at: float
    name: str
    code: int


class Scene:
    """Set up on entry, taken down on exit; ``start`` begins the supervision."""

    def __init__(self, folder: Path, *, workers: int = 2) -> None:
        self.folder = folder
        self.orders = folder / "orders"
        self.orders.mkdir()
        with loopback_socket() as free:
            self.port: int = free.getsockname()[1]
        web = (sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "wsgi:app")
        self.parts = [
            Part(WEB, web),
            *(Part(f"worker {n}", (*FLASK, "worker")) for n in range(1, workers + 1)),
        ]
        self.ends: list[End] = []
        self.tokens: dict[str, str] = {}
        self.sink = Sink()
        self._stopping = threading.Event()
        self._watch = threading.Thread(target=self._supervise, daemon=True)

    def __enter__(self) -> Scene:
        self.database = Database()
        try:
            self._prepare()
            self.sink.start()
        except BaseException:
            self.database.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        if self._watch.is_alive():
            self._watch.join()
        for part in self.parts:
            _kill_group(part)
        self.sink.stop()
        self.database.stop()

    @property
    def environment(self) -> dict[str, str]:
        """The settings of the product."""
        return {name: value for name, value in os.environ.items() if not name.startswith("FLASK_")} | {
            "DATABASE_URL": self.database.url,
            "TICKETING_VAR": str(self.folder / "var"),
            "SECRET_KEY": "drill-" * 8,
            "PORT": str(self.port),
            "BASE_URL": f"http://127.0.0.1:{self.port}",
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(self.sink.port),
            "SMTP_SECURITY": "none",
            "MAIL_FROM": "noreply@loop.example",
            "WEB_BIND": f"127.0.0.1:{self.port}",
            "WEB_PROCESSES": "2",
            "LOG_LEVEL": "error",
            "CRASH_ORDERS": str(self.orders),
        }

    def _prepare(self) -> None:
        """Make schema, district, short limits and everybody's token, with the product's own code."""
        import flask_migrate

        from ticketing.accounts.actions.signing import create_token
        from ticketing.accounts.queries import identity
        from ticketing.app import create_app
        from ticketing.core import clock
        from ticketing.core.db import db
        from ticketing.demo import load

        app = create_app(Config.from_env(self.environment))
        with app.app_context():
            flask_migrate.upgrade()
            load.base(clock.now())
            for who in PEOPLE:
                owner = identity.person_by_email(f"{who}@demo.example")
                self.tokens[who] = create_token(owner.id, "drill", now=clock.now())
            db.session.remove()
            db.engine.dispose()
        with self.database.connect() as line:
            line.execute(SHORTEN)

    def start(self) -> None:
        """Start every part, wait until the site answers, and keep them running from now on."""
        self._watch.start()
        self.wait_for_site()

    def wait_for_site(self) -> None:
        """Wait until the site can answer from the database."""
        until = time.monotonic() + READY_WITHIN_SECONDS
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5).close()
            except (urllib.error.URLError, OSError):
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)
            else:
                return

    def _supervise(self) -> None:
        """Start what does not run, as a service manager does: with a dead master goes its whole group."""
        while not self._stopping.is_set():
            for part in self.parts:
                if part.process is not None and part.process.poll() is not None:
                    self.ends.append(End(time.time(), part.name, part.process.returncode))
                    _kill_group(part)
                    part.process = None
                if part.process is None:
                    self._start(part)
            self._stopping.wait(LOOK_EVERY_SECONDS)

    def _start(self, part: Part) -> None:
        with (self.folder / "product.log").open("ab") as log:
            part.process = subprocess.Popen(
                part.command,
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=ending_with_parent(signal.SIGKILL),  # noqa: PLW1509 - it takes no lock
            )

    def flask(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the product to its end."""
        return subprocess.run(
            [*FLASK, *words], cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )

    def web_workers(self) -> list[psutil.Process]:
        """The processes that answer requests, the oldest first; those just starting are among them."""
        web = next(part for part in self.parts if part.name == WEB)
        try:
            found = psutil.Process(web.process.pid).children() if web.process is not None else []
        except psutil.NoSuchProcess:
            return []
        return sorted(found, key=lambda one: one.pid)

    def order(self, point: str) -> Path:
        """Order the next process that passes ``point`` to kill itself there; the file goes when one does."""
        path = self.orders / point
        path.touch()
        return path


def _kill_group(part: Part) -> None:
    if part.process is None:
        return
    with suppress(ProcessLookupError):
        os.killpg(part.process.pid, signal.SIGKILL)
    part.process.wait()
