"""People in browsers for the tests of the staff's pages, and what their pages hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from tests.accounts.kit import csrf_of
from tests.kit.entering import client_of
from tests.world import World
from ticketing.core.db import db

_HIDDEN = re.compile(r'<input(?=[^>]*type="hidden")(?=[^>]*name="([^"]+)")(?=[^>]*value="([^"]*)")[^>]*>')
Visit = Callable[[str], FlaskClient]


def world_now(app: Flask) -> World:
    """Return the demo district as it was today, an hour ago."""
    made = World(app)
    made.come_to_today()
    return made


def visits(app: Flask) -> Visit:
    """Return who signs people in by the first part of their demo address, each once."""
    known: dict[str, FlaskClient] = {}

    def visit(who: str) -> FlaskClient:
        if who not in known:
            known[who] = client_of(app, who)
        return known[who]

    return visit


def hidden(page: TestResponse, action: str) -> dict[str, str]:
    """Return the hidden fields of the form on ``page`` that posts to ``action``."""
    form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page.text, re.DOTALL)
    assert form, f"no form for {action}"
    return fields_of(form.group(0))


def fields_of(form: str) -> dict[str, str]:
    """Return the hidden fields of a form's text."""
    return {name: unescape(value) for name, value in _HIDDEN.findall(form)}


def fill(client: FlaskClient, number: str, action: str, **fields: Any) -> TestResponse:
    """Open the page of an action, fill it in and send it."""
    path = f"/tickets/{number}/{action}"
    page = client.get(path)
    assert page.status_code == 200, (page.status_code, path)
    return client.post(path, data={**hidden(page, path), **fields})


def send(client: FlaskClient, path: str, **fields: Any) -> TestResponse:
    """Post to ``path`` with the token of a page of one's own."""
    return client.post(path, data={"csrf_token": csrf_of(client.get("/me")), **fields})


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """Collect the SQL statements sent meanwhile."""
    sent: list[str] = []

    def listen(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    engine = db.engine
    event.listen(engine, "before_cursor_execute", listen)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", listen)
