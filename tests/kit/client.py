"""The test client: every request starts from nothing, as it does in production."""

from __future__ import annotations

from contextvars import Context
from typing import Any

from flask import has_app_context
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ticketing.core.db import db


class FreshClient(FlaskClient):
    """Runs each request in a context of its own, so that nothing of the test's own context leaks in.

    The test holds an application context (for ``world`` and ``actions``). A request joining it would share
    its database session and its ``g``, and with ``g`` the person who signed in last.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send the request; afterwards rows the test had loaded are read anew when next looked at."""
        forget_rows()
        response: TestResponse = Context().run(super().open, *args, **kwargs)
        forget_rows()
        return response


def forget_rows() -> None:
    """End the test's own read, and read every loaded row anew when it is next looked at."""
    if has_app_context():
        db.session.rollback()
        db.session.expire_all()
