"""Fixtures: the application on a real port, and a real browser that looks at it."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Condition, Thread, local
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from tests.kit import chromium
from tests.kit.site import Site

AXE = chromium.NODE_MODULES / "axe-core" / "axe.min.js"
# There is one site, and whoever visits it is told apart by cookies: few processes draw all pages.
FLAGS = [
    *("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--font-render-hinting=none"),
    *("--disable-site-isolation-trials", "--renderer-process-limit=1"),
]
ANSWER = "tests.answer"
# The browser reports a page that answers 4xx on purpose as a failed load; that is no fault of the page.
EXPECTED_NOISE = "Failed to load resource"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what needs a browser, and look at each page once: it is the same on either database.

    `-m "not browser"` leaves all of it out.
    """
    looked_at = {item.nodeid.partition("[")[0] for item in items if _database(item) == "sqlite"}
    twice = []
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
            is_second = _database(item) == "postgresql" and item.nodeid.partition("[")[0] in looked_at
            if is_second:
                twice.append(item)
    if twice:
        config.hook.pytest_deselected(items=twice)
        items[:] = [item for item in items if item not in twice]


def _database(item: pytest.Item) -> object:
    call = getattr(item, "callspec", None)
    return call.params.get("database") if call else None


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
        """Keep the access log out of the test report."""
        logging.getLogger("tests.live").debug(message, *args)

    def connection_dropped(self, error: BaseException, environ: Any = None) -> None:
        """Close the file whose reader has gone, which werkzeug leaves open."""
        super().connection_dropped(error, environ)
        answer: Any = (environ or {}).get(ANSWER)
        if hasattr(answer, "close"):
            answer.close()


class _Server(ThreadedWSGIServer):
    """Knows how many requests it has taken and not answered: pages ask in the background, too.

    One counts from the moment its connection is taken until the application has done with it; what is
    streamed after that reads the database on its own.
    """

    daemon_threads = True

    def __init__(self, site: Site, app: Flask) -> None:
        self._answering = 0
        self._change = Condition()
        self._own = local()

        def counted(environ: Any, start: Any) -> Any:
            try:
                environ[ANSWER] = app(environ, start)
                return environ[ANSWER]
            finally:
                self._is_done()

        super().__init__("127.0.0.1", site.port, counted, _Quiet, fd=site.listener.fileno())

    def process_request(self, request: Any, client_address: Any) -> None:
        """Take a connection."""
        with self._change:
            self._answering += 1
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer it, in a thread of its own; a connection may also come to nothing."""
        self._own.is_open = True
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._is_done()

    def _is_done(self) -> None:
        if not getattr(self._own, "is_open", False):
            return
        self._own.is_open = False
        with self._change:
            self._answering -= 1
            self._change.notify_all()

    def rest(self) -> None:
        """Wait for the requests under way: the database is about to be set back."""
        with self._change:
            self._change.wait_for(lambda: not self._answering, 5)


@pytest.fixture
def live_server(site: Site, app: Flask) -> Iterator[str]:
    """Serve the application under test from a thread; return its address, like http://localhost:40123."""
    server = _Server(site, app)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield site.config.base_url
    server.shutdown()
    thread.join(timeout=5)
    server.socket.close()
    server.rest()


def page_width(page: Page) -> int:
    """Return how wide the page is, once it is whole: right after a click it may not have begun yet."""
    page.wait_for_load_state()
    while not (width := page.evaluate("document.documentElement?.scrollWidth")):
        page.wait_for_timeout(20)
    return int(width)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return a running Chromium; without one the run says so, and under CI=true it fails."""
    try:
        command = chromium.find()
    except chromium.NoBrowserError as error:
        message = f"NO BROWSER: pages were not looked at. {error}"
        if os.environ.get("CI", "").lower() in {"1", "true"}:
            pytest.fail(message, pytrace=False)
        pytest.skip(message)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=command.path,
            args=FLAGS,
            env={**os.environ, **command.environment},
        )
        yield running
        running.close()


class Windows:
    """Windows of the one browser, each with cookies and storage of its own: emptied, one serves many tests.

    Opening a window takes the browser longer than drawing a page. A first page that is never shown keeps the
    window open while the pages of the tests come and go; what it has loaded of style and script stays, too.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._idle: dict[str, list[BrowserContext]] = {}
        self._lent: list[tuple[str, BrowserContext]] = []
        self._alone: list[BrowserContext] = []

    def lend(self, **options: Any) -> BrowserContext:
        """Return a window with nothing in it, set up as asked."""
        kind = repr(sorted(options.items()))
        idle = self._idle.get(kind)
        if idle:
            context = idle.pop()
        else:
            context = self._open(options)
            context.new_page()
        self._lent.append((kind, context))
        return context

    def lend_alone(self, **options: Any) -> BrowserContext:
        """Return a window without a first page: the network can be taken from one page, not from two."""
        self._alone.append(self._open(options))
        return self._alone[-1]

    def _open(self, options: dict[str, Any]) -> BrowserContext:
        context = self._browser.new_context(**options)
        context.set_default_timeout(10_000)
        return context

    def take_back(self, origin: str) -> None:
        """Close every page of the windows lent, and forget all that was kept there for ``origin``."""
        for kind, context in self._lent:
            blank, *others = context.pages
            for page in others:
                page.close()
            context.clear_cookies()
            devtools = context.new_cdp_session(blank)
            devtools.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
            devtools.detach()
            self._idle.setdefault(kind, []).append(context)
        self._lent.clear()
        for context in self._alone:
            context.close()
        self._alone.clear()


@pytest.fixture(scope="session")
def windows(browser: Browser) -> Windows:
    """Return the windows of this run."""
    return Windows(browser)


@pytest.fixture
def new_page(windows: Windows, live_server: str) -> Iterator[Callable[..., Page]]:
    """Return a maker of visitors, each with cookies of their own: new_page(java_script_enabled=False).

    Takes what playwright's ``new_context`` takes; ``is_alone`` is for who wants to set it offline. After the
    test no page may have thrown an error or broken the content security policy.
    """
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and EXPECTED_NOISE not in message.text:
            complaints.append(message.text)

    def make(*, is_alone: bool = False, **settings: Any) -> Page:
        options = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "base_url": live_server, **settings}
        page = (windows.lend_alone if is_alone else windows.lend)(**options).new_page()
        page.on("console", listen)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield make
    windows.take_back(live_server)
    assert not complaints, complaints


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """Return one visitor's page in Chinese; ``page.goto("/login")`` is relative to the live server."""
    return new_page()


@pytest.fixture
def accessibility() -> Callable[[Page], list[str]]:
    """Return a checker that lists what axe-core finds on a page: rule, element and what to do.

    For many pages in one window: ``add_init_script(path=AXE)``, or the rules are sent to each page anew.
    """
    if not AXE.exists():
        message = "NO AXE: accessibility was not checked. Run `make setup-dev`"
        if os.environ.get("CI", "").lower() in {"1", "true"}:
            pytest.fail(message, pytrace=False)
        pytest.skip(message)
    source = AXE.read_text(encoding="utf-8")

    def check(page: Page) -> list[str]:
        if not page.evaluate("'axe' in window"):
            page.evaluate(f"() => {{ {source}\n }}")
        found = page.evaluate("async () => (await axe.run(document)).violations")
        return [
            f"{rule['id']}: {rule['help']} - {json.dumps(node['target'], ensure_ascii=False)}"
            for rule in found
            for node in rule["nodes"]
        ]

    return check


def shot(page: Page, folder: Path, name: str) -> Path:
    """Save a picture of the whole page and return where it is."""
    path = folder / f"{name}.png"
    page.screenshot(path=path, full_page=True)
    return path
