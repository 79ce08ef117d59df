"""Lost sessions: what was typed is still there after signing in again."""

import re

import pytest
from sqlalchemy import select

from tests.accounts import kit
from tests.accounts.kit import NOW, PASSWORD, browser, csrf_of, post
from ticketing.accounts.actions import people, signing
from ticketing.accounts.models import User
from ticketing.core.db import db
from ticketing.web import keeping

TEXT = "车间停电\n已经两小时 ⚡ <script>alert(1)</script>"


@pytest.fixture
def town(app):
    return kit.district()


def sealed_of(page):
    return page.text.split('name="kept"')[1].split('value="')[1].split('"')[0]


def lose(client):
    """Let the session end on the server while a form is open."""
    token = csrf_of(client.get("/me"))
    post(client, "/sign-out", page="/me")
    return token


def sign_in_from(client, page, email="owner@x.example", **changed):
    fields = {
        "csrf_token": csrf_of(page),
        "email": email,
        "password": PASSWORD,
        "kept": sealed_of(page),
        "next": "",
    }
    return client.post("/sign-in", data={**fields, **changed})


def test_the_text_is_back_in_the_form_after_signing_in(town, app):
    client = browser(app, "owner@x.example")
    token = lose(client)

    asked = client.post(
        "/company/invite?from=mail", data={"csrf_token": token, "email": TEXT, "is_admin": "y"}
    )
    entered = sign_in_from(client, asked)
    page = client.get(entered.location)

    assert asked.status_code == 401
    assert "已保留" in asked.text
    assert TEXT.partition("\n")[0] not in asked.text
    assert entered.location == "/company/invite?from=mail&kept=1"
    assert "已经两小时 ⚡ &lt;script&gt;" in page.text
    assert "checked" in page.text
    assert "您填写的内容还在；如果选过附件，请重新选择" in page.text


def test_without_any_cookie_the_text_survives_too(town, client):
    asked = client.post("/me", data={"name": "李娜", "phone": "13812345678"})
    entered = sign_in_from(client, asked)

    assert asked.status_code == 401
    assert 'value="13812345678"' in client.get(entered.location).text


def test_a_mistyped_password_does_not_lose_it(town, client):
    asked = client.post("/me", data={"name": "李娜"})
    again = sign_in_from(client, asked, password="not the password")
    entered = sign_in_from(client, again)

    assert again.status_code == 422
    assert 'value="李娜"' in client.get(entered.location).text


def test_a_form_without_a_page_of_its_own_is_offered_for_sending(town, app):
    client = browser(app, "owner@x.example")
    path = f"/company/people/{town.member.id}/active"
    token = lose(client)

    entered = sign_in_from(
        client, client.post(path, data={"csrf_token": token, "is_active": "0", "note": TEXT})
    )
    page = client.get(entered.location)
    sent = client.post(path, data={"csrf_token": csrf_of(page), "is_active": "0"})

    assert entered.location.startswith("/kept?path=")
    assert f'action="{path}"' in page.text
    assert "已经两小时 ⚡ &lt;script&gt;" in page.text
    assert sent.status_code == 303


def test_an_old_page_s_text_stands_in_its_form_again(town, app):
    client = browser(app, "owner@x.example")

    answer = client.post("/me", data={"csrf_token": "old", "name": "<b>李娜</b>", "phone": "13812345678"})
    form = client.get(answer.location)

    assert answer.status_code == 303
    assert form.text.count("刚才没有提交成功。请核对后再提交一次") == 1
    assert "附件" not in form.text
    assert 'value="&lt;b&gt;李娜&lt;/b&gt;"' in form.text
    assert "<b>李娜" not in form.text
    assert db.session.scalars(select(User.name).where(User.email == "owner@x.example")).one() != "<b>李娜</b>"


@pytest.mark.parametrize("who", ["owner@x.example", None])
def test_a_public_form_offers_its_text_whoever_sends_it(town, app, who):
    client = browser(app, who) if who else app.test_client()

    answer = client.post("/track", data={"csrf_token": "old", "number": "QS26-1", "phone": "13812345678"})

    assert answer.status_code == 400
    assert re.findall(r"<bdi>(.*?)</bdi>", answer.text) == ["QS26-1", "13812345678"]


def test_a_form_without_a_page_of_its_own_shows_what_was_written_and_no_codes(town, app):
    client = browser(app, "owner@x.example")
    path = f"/company/people/{town.member.id}/active"
    typed = {"csrf_token": "old", "once": "x" * 22, "way": "by_load", "is_active": "0", "note": "<b>离职</b>"}

    answer = client.post(path, data=typed)
    again = client.post(path, data={**typed, "csrf_token": csrf_of(answer)})

    assert answer.status_code == 400
    assert re.findall(r"<bdi>(.*?)</bdi>", answer.text) == ["&lt;b&gt;离职&lt;/b&gt;"]
    assert "附件没有保留" not in answer.text
    assert again.status_code == 303


def test_secrets_are_never_carried(town, app):
    client = browser(app, "owner@x.example")
    token = lose(client)
    asked = client.post(
        "/password", data={"csrf_token": token, "old_password": "canary-1", "password": "canary-2"}
    )

    assert asked.status_code == 401
    assert 'name="kept" type="hidden" value=""' in asked.text
    with app.test_request_context(
        "/x", method="POST", data={"a": "1", "new_password": "2", "api_token": "3", "kept": "4"}
    ):
        assert keeping.posted_fields() == [("a", "1")]


def test_too_long_a_text_is_said_to_be_lost(town, client):
    asked = client.post("/me", data={"name": "长" * 100_000})

    assert asked.status_code == 401
    assert "未能保留" in asked.text


def test_somebody_else_does_not_get_it(town, app):
    client = browser(app, "owner@x.example")
    token = csrf_of(client.get("/me"))
    people.set_active(kit.actor(town.chief), town.owner.id, is_active=False, now=NOW)

    asked = client.post("/me", data={"csrf_token": token, "name": "秘密"})
    entered = sign_in_from(client, asked, email="member@x.example")

    assert entered.location == "/"
    assert "秘密" not in client.get("/me?kept=1").text


def test_an_altered_or_foreign_packet_is_dropped(town, client):
    asked = client.post("/me", data={"name": "李娜"})
    for spoil in (
        lambda _kept: "x",
        lambda kept: kept[:20],
        lambda kept: kept.swapcase(),
        lambda kept: kept + ".",
    ):
        kept = spoil(sealed_of(asked))
        entered = sign_in_from(client, asked, kept=kept)

        assert entered.location == "/"
        post(client, "/sign-out", page="/me")
        asked = client.post("/me", data={"name": "李娜"})


def test_another_site_cannot_plant_text(town, client):
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        asked = client.post("/me", data={"name": "planted"}, headers=headers)

        assert asked.status_code == 400
        assert 'name="kept"' not in asked.text


def test_without_the_mark_nothing_is_refilled(town, app):
    signing.keep_form(town.owner.id, "/me", [("name", "李娜")], now=kit.real_now())
    client = browser(app, "owner@x.example")

    assert "李娜" not in client.get("/me").text
    assert "李娜" in client.get("/me?kept=1").text
    assert "李娜" not in browser(app, "member@x.example").get("/me?kept=1").text
