"""The pages of signing in and of one's own account: who gets which answer, and what a browser keeps."""

import pytest
from sqlalchemy import select

from tests.accounts.kit import PASSWORD, browser, csrf_of, post
from ticketing.accounts.models import User, UserSession
from ticketing.core.db import db


def try_in(client, email, password=PASSWORD, **more):
    return post(client, "/sign-in", email=email, password=password, **more)


def test_signing_in_leads_to_the_start_page_and_a_strict_cookie(town, client):
    answer = try_in(client, "owner@x.example")

    assert (answer.status_code, answer.location) == (303, "/")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert client.get("/me").status_code == 200


def test_over_https_the_cookie_is_bound_to_the_host(town, make_app):
    app = make_app(base_url="https://loop.example")
    page = app.test_client().get("/sign-in", base_url="https://loop.example")

    assert page.headers["Set-Cookie"].startswith("__Host-loop=")
    assert "Secure" in page.headers["Set-Cookie"]
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_unknown_and_known_get_the_same_answer(town, client):
    def body(email):
        answer = try_in(app_client(client), email, "not the password")
        page = answer.text.replace(email, "")
        for secret in (csrf_of(answer), once_of(answer), nonce_of(answer)):
            page = page.replace(secret, "")
        return answer.status_code, page

    assert body("owner@x.example") == body("nobody@x.example")
    assert body("owner@x.example")[0] == 422


def app_client(client):
    return client.application.test_client()


def once_of(answer):
    return (
        "\0"
        if 'name="once"' not in answer.text
        else answer.text.split('name="once"')[1].split('value="')[1][:22]
    )


def nonce_of(answer):
    return answer.headers["Content-Security-Policy"].split("'nonce-")[1].split("'")[0]


def test_the_password_is_never_in_the_answer(town, client):
    answer = try_in(client, "owner@x.example", "canary-7f3e-password")

    assert "canary-7f3e-password" not in answer.text
    assert "owner@x.example" in answer.text


def test_a_locked_account_is_told_when_to_come_back(town, client):
    answers = [try_in(client, "nobody@x.example", "wrong") for _ in range(6)]

    assert [one.status_code for one in answers] == [422] * 5 + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 900
    assert "分钟后再试" in answers[-1].text


def test_a_session_brought_along_is_not_the_session_signed_in(town, app):
    client = app.test_client()
    before = client.get("/sign-in").headers["Set-Cookie"]
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
        session["_user_id"] = "a token of the attacker's choice"

    try_in(client, "owner@x.example")

    with client.session_transaction() as session:
        assert "planted" not in session
        assert session["_user_id"] != "a token of the attacker's choice"
    assert cookie_of(client) not in before


def cookie_of(client):
    cookie = client.get_cookie("loop")
    assert cookie
    return cookie.value


def test_no_session_token_is_on_a_page_or_in_an_address(town, app):
    client = browser(app, "owner@x.example")
    with client.session_transaction() as session:
        token = session["_user_id"]

    pages = [client.get(path) for path in ("/me", "/company", "/password")]

    assert all(token not in page.text for page in pages)


def test_signing_out_ends_the_session_for_a_copied_cookie_too(town, app):
    client, thief = browser(app, "owner@x.example"), app.test_client()
    thief.set_cookie("loop", cookie_of(client))
    assert thief.get("/me").status_code == 200

    post(client, "/sign-out", page="/me")

    assert client.get("/me").status_code == 302
    assert thief.get("/me").status_code == 302


def test_changing_the_password_signs_the_other_browser_out(town, app):
    here, there = browser(app, "owner@x.example"), browser(app, "owner@x.example")

    answer = post(here, "/password", old=PASSWORD, password="boats on the lake", again="boats on the lake")

    assert answer.status_code == 303
    assert here.get("/me").status_code == 200
    assert there.get("/me").status_code == 302


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"old": "wrong", "password": "boats on the lake", "again": "boats on the lake"}, "现在的密码不正确"),
        ({"old": PASSWORD, "password": "short", "again": "short"}, "至少 10 个字符"),
        (
            {"old": PASSWORD, "password": "boats on the lake", "again": "boats on the pond"},
            "两次输入的密码不一样",
        ),
        ({"old": "", "password": "", "again": ""}, "请填写此项"),
    ],
)
def test_a_refused_password_change_says_why(town, app, fields, told):
    answer = post(browser(app, "owner@x.example"), "/password", **fields)

    assert answer.status_code == 422
    assert told in answer.text


def test_a_device_can_be_signed_out_from_another(town, app):
    here, there = browser(app, "owner@x.example"), browser(app, "owner@x.example")
    other = db.session.scalars(select(UserSession.id).order_by(UserSession.id.desc())).first()

    assert post(here, f"/me/sessions/{other}/end", page="/me").status_code == 303

    assert there.get("/me").status_code == 302
    stranger = browser(app, "stranger@y.example")
    assert post(stranger, "/me/sessions/1/end", page="/me").status_code == 404


def test_my_own_data_and_nothing_else_can_be_changed(town, app):
    client = browser(app, "member@x.example")

    answer = post(
        client, "/me", name="李娜", phone="0512-6666 8888", email="x@x.example", is_enterprise_admin="1",
        enterprise_id="2", is_active="0", id="1", password_hash="x", locale="xx",
    )  # fmt: skip

    changed = db.session.get_one(User, town.member.id, populate_existing=True)
    assert answer.status_code == 303
    assert (changed.name, changed.phone) == ("李娜", "0512-6666 8888")
    assert (changed.email, changed.is_enterprise_admin, changed.enterprise_id, changed.is_active) == (
        "member@x.example", False, town.firm.id, True,
    )  # fmt: skip
    assert changed.locale is None


BYPASSES = [
    "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example",
    "http://evil.example", "https:evil.example", "https:/evil.example", "HTTPS://evil.example",
    "javascript:alert(1)", "data:text/html,x", "/\tevil.example", "/\n/evil.example", "\t//evil.example",
    " //evil.example", "/%09/evil.example", "//evil.example/me", "/me@evil.example", "@evil.example",
    "evil.example", "./", "../", "?next=x", "#x", "", "/no-such-page", "/sign-out",
    "//evil.example\\@localhost", "http://localhost@evil.example", "//localhost/me", "/%2f/evil.example",
    "/..//evil.example", "/;/evil.example", "/\x00/evil.example", "http://localhost/me", "/language",
    "\u3000//evil.example", "\uff0f\uff0fevil.example",
]  # fmt: skip


@pytest.mark.parametrize("target", BYPASSES)
def test_nobody_is_sent_away_after_signing_in(town, client, target):
    answer = try_in(client, "owner@x.example", next=target)

    assert answer.status_code == 303
    assert answer.location == "/"


@pytest.mark.parametrize("target", ["/me", "/company?x=1", "/admin/people?q=a&after=3", "/password"])
def test_one_comes_back_to_the_page_one_wanted(town, client, target):
    asked = client.get(target)
    answer = client.post(
        "/sign-in",
        data={
            "csrf_token": csrf_of(client.get(asked.location)),
            "next": target,
            "email": "owner@x.example",
            "password": PASSWORD,
        },
    )

    assert asked.status_code == 302
    assert asked.location.startswith("/sign-in?next=/")
    assert answer.location == target


def test_every_post_asks_for_a_csrf_token(town, app):
    client = browser(app, "owner@x.example")
    posts = [rule for rule in app.url_map.iter_rules() if "POST" in rule.methods]
    names = sorted(rule.endpoint for rule in posts if rule.endpoint.startswith(("accounts.", "web.")))
    before = db.session.scalars(select(UserSession.ended_at)).all()

    for rule in posts:
        if rule.endpoint in names:
            values = dict.fromkeys(rule.arguments, "1")
            path = rule.rule
            for name, value in values.items():
                path = path.replace(f"<{name}>", value).replace(f"<int(max=2147483647):{name}>", value)
            answer = client.post(path, data={"lang": "en"})
            assert answer.status_code == 400 or answer.location.endswith("kept=1"), path

    assert len(names) >= 15
    assert db.session.scalars(select(UserSession.ended_at)).all() == before


def test_another_site_s_form_is_refused_without_an_offer_to_repeat_it(town, app):
    client = browser(app, "owner@x.example")
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        answer = client.post("/me", data={"name": "planted text"}, headers=headers)

        assert answer.status_code == 400
        assert "planted text" not in answer.text


def test_a_sign_in_page_left_open_too_long_keeps_the_address(town, client):
    answer = client.post(
        "/sign-in", data={"csrf_token": "old", "email": "owner@x.example", "password": PASSWORD}
    )

    assert answer.status_code == 400
    assert "owner@x.example" in answer.text
    assert PASSWORD not in answer.text
