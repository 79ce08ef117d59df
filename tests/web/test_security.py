"""Headers, hosts, request ids, limits."""

import logging

import pytest

from tests.accounts import kit
from tests.accounts.kit import browser
from ticketing.web.security import RequestIdFilter


def test_every_page_has_the_strict_policy_with_a_fresh_nonce(client):
    first, second = client.get("/sign-in"), client.get("/sign-in")

    policy = first.headers["Content-Security-Policy"]
    assert policy != second.headers["Content-Security-Policy"]
    nonce = policy.split("'nonce-")[1].split("'")[0]
    assert policy == (
        f"default-src 'self'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; "
        "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    )
    assert f'nonce="{nonce}"' in first.text


@pytest.mark.parametrize("path", ["/sign-in", "/no-such-page", "/static/css/base.css", "/api/no-such-call"])
def test_every_answer_has_the_fixed_headers(client, path):
    with client.get(path) as answer:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert "Strict-Transport-Security" not in answer.headers


def test_pages_of_a_person_are_stored_nowhere(app):
    kit.district()
    page = browser(app, "owner@x.example").get("/me")

    assert page.headers["Cache-Control"] == "no-store"
    assert "Cookie" in page.headers["Vary"]
    assert app.test_client().get("/sign-in").headers["Cache-Control"] == "private, no-cache"


def test_strict_transport_only_over_https(make_app):
    secure = make_app(base_url="https://loop.example").test_client()

    answer = secure.get("/sign-in", base_url="https://loop.example")

    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


HOSTS = [
    "evil.example", "evil.example:80", "localhost.evil.example", "evil-localhost",
    "localhost@evil.example", "localhost/", "localhost:99999", "localhost:x", "127.0.0.1.evil.example",
    "10.0.0.1", "[::1]", "*", "%00", "", "localhost,evil.example", "localhost evil.example", ".localhost",
    "localhost.", "169.254.169.254", "xn--lcalhost-5nb",
]  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
def test_a_foreign_host_is_refused(client, host):
    answer = client.get("/sign-in", headers={"Host": host})

    assert answer.status_code == 400
    assert "href" not in answer.text


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:5000"])
def test_the_own_hosts_are_served(client, host):
    assert client.get("/sign-in", headers={"Host": host}).status_code == 200


def test_forwarded_headers_are_believed_only_behind_a_proxy(make_app):
    forged = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example", "X-Request-ID": "abcdefgh12"}

    alone = make_app().test_client().get("/sign-in", headers=forged)
    behind = make_app(proxy_count=1).test_client().get("/sign-in", headers=forged)

    assert alone.headers["X-Request-ID"] != "abcdefgh12"
    assert behind.headers["X-Request-ID"] == "abcdefgh12"
    assert "evil.example" not in alone.text + behind.text


@pytest.mark.parametrize("given", ["short", "x" * 65, "a b c d e f", "<script>alert"])
def test_a_strange_request_id_is_replaced(make_app, given):
    answer = make_app(proxy_count=1).test_client().get("/sign-in", headers={"X-Request-ID": given})

    assert answer.headers["X-Request-ID"] != given


def test_log_lines_carry_the_request_id(app):
    record = logging.makeLogRecord({"msg": "x"})

    assert RequestIdFilter().filter(record)
    assert vars(record)["request_id"]
