"""The application under test on one database, built once and set back to a first state between tests."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path

import flask_migrate
from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.engine.interfaces import DBAPIConnection

from config import Config
from tests.kit.client import FreshClient
from tests.kit.postgres import PostgresServer
from tests.kit.rows import KeptRows
from ticketing.core.db import db
from ticketing.routing.queries import forget_rules
from ticketing.sla.queries import forget_calendars

# The states a database can be set back to: freshly migrated, or with the demo district on top.
MIGRATED, WITH_BASE = "migrated", "with_base"
SECRET = "only-for-tests-" + "0123456789" * 3


def build_app(config: Config) -> Flask:
    """Return the real application with the test client that starts every request from nothing."""
    from ticketing.app import create_app

    app = create_app(config)
    app.test_client_class = FreshClient
    return app


def loopback_socket() -> socket.socket:
    """Return a socket that holds a free port of this machine."""
    return socket.create_server(("127.0.0.1", 0))


@dataclass(frozen=True)
class Templates:
    """How one kind of database is kept under a name, and set back to what was kept.

    ``restore`` is told the server processes of our connections, and returns whether they live on.
    """

    keep: Callable[[str], None]
    restore: Callable[[str, Collection[int]], bool]
    is_shared: bool
    """Whether the rows are set back under open connections."""


class Site:
    """One application, one database. ``reset`` sets the database back to freshly migrated."""

    def __init__(self, folder: Path, database_url: str, templates: Templates) -> None:
        self._templates = templates
        self._made = {MIGRATED}
        self._backends: set[int] = set()
        self._folder = folder
        self._files = folder / "var"
        self.listener = loopback_socket()
        self.port: int = self.listener.getsockname()[1]
        self.config = replace(
            Config.from_env(
                {
                    "TICKETING_VAR": str(self._files),
                    "DATABASE_URL": database_url,
                    "SECRET_KEY": SECRET,
                    "BASE_URL": f"http://localhost:{self.port}",
                    "PORT": str(self.port),
                }
            ),
            is_testing=True,
        )
        self.app = self.build(self.config)

    def build(self, config: Config) -> Flask:
        """Return another application on the same database, with other settings."""
        app = build_app(config)
        with app.app_context():
            event.listen(db.engine, "connect", self._connected)
        return app

    def _connected(self, connection: DBAPIConnection, _record: object) -> None:
        """Know our connections; spare the disk: a test database need not survive a power cut."""
        if self._templates.is_shared:
            self._backends.add(connection.info.backend_pid)
        else:
            connection.cursor().execute("PRAGMA synchronous=OFF")

    def migrate(self) -> None:
        """Bring the empty database to the newest schema, and keep it so."""
        with self.app.app_context():
            flask_migrate.upgrade()
        self.release()
        self._templates.keep(MIGRATED)

    def release(self, *others: Flask) -> None:
        """Close every connection of this application and of ``others`` on the same database."""
        for app in (self.app, *others):
            with app.app_context():
                db.engine.dispose()
        self._backends.clear()

    def reset(self, *, with_base: bool = False) -> None:
        """Set database and files back to freshly migrated; ``with_base``: the demo district is there, too."""
        from tests.world import World

        if with_base:
            self.reset_to(WITH_BASE, lambda: World(self.app))
        else:
            self.reset_to(MIGRATED)

    def reset_to(self, state: str, make: Callable[[], object] = object) -> None:
        """Set database and files back to what ``make`` leaves, which is done once in this process."""
        if state not in self._made:
            self._keep(state, make)
        self._restore(state)
        forget_calendars()
        forget_rules()
        shutil.rmtree(self._files, ignore_errors=True)
        self._files.mkdir(parents=True)

    def _restore(self, state: str) -> None:
        if not self._templates.is_shared:
            self.release()
        if not self._templates.restore(state, self._backends):
            self.release()

    def _keep(self, state: str, make: Callable[[], object]) -> None:
        """Make a state from a freshly migrated database, and keep its rows under a name."""
        self._restore(MIGRATED)
        forget_calendars()
        forget_rules()
        with self.app.app_context():
            make()
            db.session.remove()
        self.release()
        self._templates.keep(state)
        self._made.add(state)

    def close(self) -> None:
        """Give the port and the connections back."""
        self.release()
        self.listener.close()


def sqlite_site(folder: Path) -> Site:
    """Return the application on a SQLite file of its own; resetting copies a file kept aside."""
    path = folder / "ticketing.db"

    def kept(name: str) -> Path:
        return folder / f"{name}.db"

    def keep(name: str) -> None:
        shutil.copyfile(path, kept(name))

    def restore(name: str, _ours: Collection[int]) -> bool:
        for suffix in ("-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        shutil.copyfile(kept(name), path)
        return True

    site = Site(folder, f"sqlite:///{path}", Templates(keep, restore, is_shared=False))
    site.migrate()
    return site


def postgres_site(folder: Path, server: PostgresServer) -> Site:
    """Return the application on a PostgreSQL database of its own; resetting gives it its rows back."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    database = f"test_{worker}"
    server.wait()
    server.copy("template0", database)
    kept = KeptRows(server, database)
    templates = Templates(kept.keep, kept.restore, is_shared=True)
    site = Site(folder, server.url(database), templates)
    site.migrate()
    return site


def engine_of(app: Flask) -> Engine:
    """Return the engine an application uses."""
    with app.app_context():
        return db.engine
