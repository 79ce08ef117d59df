"""Who is behind a request: the cookie for pages, the bearer token for the API, never the other way round."""

from contextvars import Context

import pytest
from flask import session
from flask_login import current_user

from tests.accounts.kit import bearer, enter, real_now
from tests.kit.client import forget_rows
from ticketing.accounts.actions import signing


@pytest.fixture
def secret(town):
    return signing.create_token(town.clerk.id, "import", now=real_now())


def seen(app, path, authorization=None, cookie=None):
    """Return the address of the person a request of its own comes from, None for nobody."""
    email = Context().run(_seen, app, path, authorization, cookie)
    forget_rows()
    return email


def _seen(app, path, authorization, cookie):
    headers = {} if authorization is None else {"Authorization": authorization}
    with app.test_request_context(path, headers=headers):
        if cookie:
            session["_user_id"] = cookie
        return current_user.email if current_user.is_authenticated else None


def test_the_api_takes_a_bearer_token(app, secret):
    assert seen(app, "/api/v1/tickets", f"Bearer {secret}") == "clerk@x.example"


@pytest.mark.parametrize(
    "shape", ["{}", "Basic {}", "bearer{}", "Bearer x{}", "Bearer {}x", "Bearer ", "", "Bearer %", "Bearer *"]
)
def test_nothing_that_only_looks_like_it(app, secret, shape):
    assert seen(app, "/api/v1/tickets", shape.format(secret)) is None


def test_pages_take_no_token_and_the_api_no_cookie(app, secret):
    cookie = enter("owner@x.example", now=real_now())

    assert seen(app, "/me", f"Bearer {secret}") is None
    assert seen(app, "/api/v1/tickets", cookie=cookie) is None
    assert seen(app, "/me", cookie=cookie) == "owner@x.example"
    assert seen(app, "/api/v1/tickets", f"Bearer {cookie}") is None


def test_the_use_of_a_token_is_written_down(app, secret):
    assert bearer(secret, now=real_now()).seen_at is None

    seen(app, "/api/v1/tickets", f"Bearer {secret}")

    assert bearer(secret, now=real_now()).seen_at is not None


def test_without_a_token_the_api_answers_401_in_its_own_form(app, town):
    with app.test_request_context("/api/v1/tickets", method="POST", json={"title": "x"}):
        answer = app.make_response(app.login_manager.unauthorized())

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'
    assert answer.content_type == "application/problem+json"
    assert answer.get_json()["status"] == 401
