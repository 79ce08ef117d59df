"""Signing somebody in without typing: what the sign-in page does is proven once, where it is at home."""

from __future__ import annotations

from flask import Flask, current_app
from flask.testing import FlaskClient
from playwright.sync_api import Page
from sqlalchemy import select

from ticketing.accounts.actions import signing
from ticketing.accounts.models import User
from ticketing.core import clock
from ticketing.core.db import db


def client_of(app: Flask, who: str) -> FlaskClient:
    """Return a client with the cookie of a new session of a person of the demo district."""
    user_id = db.session.scalars(select(User.id).where(User.email == f"{who}@demo.example")).one()
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = signing.new_session(user_id, "test", clock.now())
    return client


def enter(page: Page, who: str) -> Page:
    """Give the page the cookie of a new session, and return it."""
    cookie = client_of(current_app, who).get_cookie(current_app.config["SESSION_COOKIE_NAME"])
    assert cookie
    page.context.add_cookies(
        [{"name": cookie.key, "value": cookie.value, "domain": "localhost", "path": "/"}]
    )
    return page
