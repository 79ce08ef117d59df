"""Fixtures: the application on SQLite and on PostgreSQL, fresh for every test."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from tests.kit.postgres import PostgresServer, roomy_memory
from tests.kit.site import Site, engine_of, postgres_site, sqlite_site
from tests.world import World
from ticketing.core.db import db

KNOWN = ("sqlite", "postgresql")
CHOSEN = tuple(os.environ.get("TEST_DATABASES", ",".join(KNOWN)).replace(" ", "").split(","))
# Fixtures that are, or make, a World: its rows are put back, which takes a fiftieth of making them.
WORLDS = {"world", "today", "here"}
SERVER = pytest.StashKey[PostgresServer]()

if unknown := set(CHOSEN) - set(KNOWN):
    raise pytest.UsageError(f"TEST_DATABASES: unknown {sorted(unknown)}, known are {KNOWN}")


def _server(config: pytest.Config) -> PostgresServer:
    """Return the one server of this run, started by whoever asks first in the controlling process."""
    if SERVER not in config.stash:
        config.stash[SERVER] = PostgresServer.start()
    return config.stash[SERVER]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell each xdist worker where the controller's server is; it comes up while they collect."""
    if "postgresql" in CHOSEN:
        node.workerinput["postgres_folder"] = str(_server(node.config).folder)


def pytest_configure(config: pytest.Config) -> None:
    """In an xdist worker: take the controller's server."""
    folder = getattr(config, "workerinput", {}).get("postgres_folder")
    if folder:
        config.stash[SERVER] = PostgresServer(Path(folder))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server at the end of the run."""
    if SERVER in config.stash:
        config.stash[SERVER].stop()


class Sites:
    """The applications this process has built so far, one for each database."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._folder = tempfile.TemporaryDirectory(
            prefix="sites-", dir=roomy_memory(), ignore_cleanup_errors=True
        )
        self._built: dict[str, Site] = {}

    def on(self, name: str) -> Site:
        """Return the application on the database called ``name``, built at first use."""
        if name not in self._built:
            folder = Path(self._folder.name, name)
            folder.mkdir()
            if name == "sqlite":
                self._built[name] = sqlite_site(folder)
            else:
                self._built[name] = postgres_site(folder, _server(self._config))
        return self._built[name]

    def close(self) -> None:
        """Close all of them."""
        for site in self._built.values():
            site.close()
        self._folder.cleanup()


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config) -> PostgresServer:
    """Return the run's PostgreSQL, for tests that want a database of their own: copy("template0", name)."""
    server = _server(pytestconfig)
    server.wait()
    return server


@pytest.fixture(scope="session")
def sites(pytestconfig: pytest.Config) -> Iterator[Sites]:
    """Return the store of applications; tests ask for ``app`` instead."""
    built = Sites(pytestconfig)
    yield built
    built.close()


@pytest.fixture(params=CHOSEN)
def database(request: pytest.FixtureRequest) -> str:
    """Return the name of the database in use; every test that leads here runs once on each."""
    name: str = request.param
    if name not in CHOSEN:
        pytest.skip(f"{name} is not among TEST_DATABASES")
    return name


@pytest.fixture
def site(sites: Sites, database: str, request: pytest.FixtureRequest) -> Site:
    """Return the application with its database just migrated and no row of another test.

    A test that asks for one of WORLDS finds the demo district there already.
    """
    found = sites.on(database)
    found.reset(with_base=not WORLDS.isdisjoint(request.fixturenames))
    return found


@pytest.fixture
def app(site: Site) -> Iterator[Flask]:
    """Return the application, inside one of its contexts: ``actions`` and ``queries`` can be called."""
    with site.app.app_context():
        yield site.app
        db.session.remove()


@pytest.fixture
def world(app: Flask) -> World:
    """Return the demo district on a fresh database."""
    return World(app)


@pytest.fixture
def statements(app: Flask) -> Callable[[], AbstractContextManager[list[str]]]:
    """Return a recorder: ``with statements() as seen:`` lists the statements sent to the database."""

    @contextmanager
    def record() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            seen.append(statement)

        engine = engine_of(app)
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return record


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a visitor who has not signed in; ``app.test_client()`` gives more of them."""
    return app.test_client()


@pytest.fixture
def make_app(site: Site) -> Iterator[Callable[..., Flask]]:
    """Return a maker of applications with other settings on the same database: make_app(is_demo=True)."""
    made: list[Flask] = []

    def make(**settings: Any) -> Flask:
        made.append(site.build(replace(site.config, **settings)))
        return made[-1]

    yield make
    site.release(*made)
