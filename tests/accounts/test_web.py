"""The accounts pages over HTTP: people, companies, links; who gets which answer."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.accounts import kit
from tests.accounts.kit import browser, post, real_now
from ticketing.accounts import rules
from ticketing.accounts.actions import people, signing
from ticketing.accounts.actions.people import Invite
from ticketing.accounts.models import Enterprise, Membership, User, UserSession
from ticketing.core.actor import Role
from ticketing.core.db import db


@pytest.mark.parametrize(
    "path", ["/me", "/password", "/company", "/admin/people", "/admin/people/1", "/kept"]
)
def test_nobody_gets_in_without_signing_in(town, client, path):
    assert client.get(path).status_code == 302


@pytest.mark.parametrize(
    ("email", "path", "status"),
    [
        ("owner@x.example", "/admin/people", 403),
        ("clerk@x.example", "/admin/people/new", 403),
        ("clerk@x.example", "/company", 403),
        ("chief@x.example", "/admin/people/999999", 404),
        ("chief@x.example", "/admin/people/99999999999999999999", 404),
        ("areaadmin@x.example", "/admin/people/1", 404),
        ("owner@x.example", "/kept?path=/me", 404),
    ],
)
def test_the_wrong_person_is_refused(town, app, email, path, status):
    assert browser(app, email).get(path).status_code == status


def test_a_company_s_administrator_cannot_touch_another_company(town, app):
    client = browser(app, "owner@x.example")
    for path in (f"/company/people/{town.stranger.id}/active", f"/company/people/{town.stranger.id}/admin"):
        answer = post(client, path, page="/company", is_active="0", is_admin="0")

        assert answer.status_code == 404
    row = db.session.get_one(User, town.stranger.id, populate_existing=True)
    assert (row.is_active, row.is_enterprise_admin) == (True, True)


def test_inviting_shows_the_link_once_and_the_link_lets_in(town, app):
    client = browser(app, "owner@x.example")
    post(client, "/company/invite", page="/company", email="fang@x.example", is_admin="y")
    page = client.get("/company").text
    assert f'value="{app.config["BASE_URL"]}/invitation/' in page  # whatever name the site was called by
    path = page.split('value="http://localhost')[1].split('"')[0].partition("/invitation/")
    link = f"/invitation/{path[2]}"

    guest = app.test_client()
    shown = guest.get(link)
    joined = post(guest, link, name="王芳", phone="", password="boats on the lake", again="boats on the lake")

    assert "/invitation/" not in client.get("/company").text
    assert "青禾精密" in shown.text
    assert joined.status_code == 303
    assert guest.get("/company").status_code == 200
    assert app.test_client().get(link).status_code == 404


@pytest.mark.parametrize("token", ["x", "%25", "*", "null", "..%2f"])
def test_a_dead_link_says_so(town, client, token):
    answer = client.get(f"/invitation/{token}")

    assert answer.status_code == 404


def test_a_member_sees_colleagues_but_no_keys(town, app):
    page = browser(app, "member@x.example").get("/company").text

    assert "owner@x.example" in page
    assert "设为管理员" not in page
    assert (
        post(
            browser(app, "member@x.example"), "/company/invite", page="/company", email="f@x.example"
        ).status_code
        == 403
    )


def test_the_administrator_makes_an_account_and_gives_it_roles(town, app):
    client = browser(app, "chief@x.example")
    made = post(
        client,
        "/admin/people/new",
        email="new@x.example",
        name="新同事",
        role_1="handler",
        unit_1=str(town.area.id),
    )
    page = client.get(made.location)
    user = db.session.scalars(select(User).where(User.email == "new@x.example")).one()
    saved = post(client, made.location, role_1="liaison", unit_1=str(town.area.id))

    assert made.status_code == 303
    assert "/invitation/" in page.text
    assert "还没有设置密码" in page.text
    assert saved.status_code == 303
    held = db.session.scalars(select(Membership.role).where(Membership.user_id == user.id)).all()
    assert held == [Role.LIAISON]


@pytest.mark.parametrize(
    "fields",
    [
        {"role_1": "handler"},
        {"unit_1": "1"},
        {"role_1": "emperor", "unit_1": "1"},
        {"role_1": "enterprise", "unit_1": "1"},
        {"role_1": "handler", "unit_1": "abc"},
        {"role_1": "handler", "unit_1": "9" * 30},
        {"memberships": "admin:999"},
        {"memberships": "x"},
        {},
    ],
)
def test_what_is_not_on_the_lists_is_refused(town, app, fields):
    answer = post(
        browser(app, "chief@x.example"), "/admin/people/new", email="n@x.example", name="新同事", **fields
    )

    assert answer.status_code == 422
    assert "新同事" in answer.text
    assert db.session.scalar(select(User).where(User.email == "n@x.example")) is None


def test_a_new_company_gets_a_link_for_its_first_person(town, app):
    client = browser(app, "chief@x.example")
    code = rules.make_uscc("91320505MA2222222")

    bad = post(client, "/admin/companies/new", uscc=code[:-1], name="新芽生物", email="b@z.example")
    good = post(client, "/admin/companies/new", uscc=code, name="新芽生物", email="b@z.example")

    assert (bad.status_code, good.status_code) == (422, 303)
    assert "应为 18 位，这里是 17 位" in bad.text
    assert "/invitation/" in client.get(good.location).text
    assert db.session.scalars(select(Enterprise.is_verified).where(Enterprise.uscc == code)).one()


def test_the_list_of_people_is_searched_and_paged(town, app):
    for number in range(55):
        kit.user(f"extra{number:02}@z.example")
    client = browser(app, "chief@x.example")

    first = client.get("/admin/people")
    found = client.get("/admin/people?q=extra07&after=abc")

    assert "下一页" in first.text
    assert "extra07@z.example" in found.text
    assert "extra08@z.example" not in found.text
    assert "没有找到" in client.get("/admin/people?q=%00%25").text


def test_a_deactivated_person_is_out_at_the_next_click(town, app):
    chief, member = browser(app, "chief@x.example"), browser(app, "member@x.example")

    answer = post(
        chief, f"/admin/people/{town.member.id}/active", page=f"/admin/people/{town.member.id}", is_active="0"
    )

    assert answer.status_code == 303
    assert member.get("/me").status_code == 302


def test_reading_changes_no_row_but_the_last_use(town, app):
    client = browser(app, "chief@x.example")
    dump = lambda: [list(db.session.execute(select(table))) for table in db.metadata.sorted_tables]  # noqa: E731
    before = dump()

    for path in (
        "/me",
        "/admin/people",
        "/admin/people/new",
        f"/admin/people/{town.owner.id}",
        "/sign-in",
        "/password",
    ):
        client.get(path)
    client.get("/invitation/x")

    assert dump() == before


def test_the_last_use_is_written_down_after_five_minutes(town, app):
    client = browser(app, "owner@x.example")
    row = db.session.scalars(select(UserSession)).one()
    signing.touch_session(row.id, now=real_now() - timedelta(minutes=6))

    client.get("/me")

    assert db.session.get_one(
        UserSession, row.id, populate_existing=True
    ).last_seen_at > real_now() - timedelta(minutes=1)


def test_the_demo_lists_its_accounts_and_production_does_not(app, make_app):
    for name in ("clerk", "enterprise", "e00002"):
        kit.user(f"{name}@demo.example")

    assert "enterprise@demo.example" not in app.test_client().get("/sign-in").text
    page = make_app(is_demo=True).test_client().get("/sign-in?email=clerk@demo.example").text
    assert page.index('value="clerk@demo') < page.index(">enterprise@demo") < page.index(">clerk@demo")
    assert "e00002@demo.example" not in page
    assert rules.DEMO_PASSWORD in page


def test_the_language_is_remembered_for_the_person(town, app):
    client = browser(app, "owner@x.example")
    answer = post(client, "/language", page="/me", lang="en", next="/me")

    assert (answer.status_code, answer.location) == (303, "/me")
    assert db.session.get_one(User, town.owner.id, populate_existing=True).locale == "en"
    assert '<html lang="en"' in client.get("/me").text
    assert post(client, "/language", page="/me", lang="xx").status_code == 422


def test_a_link_made_for_one_host_never_follows_the_host_header(town, app):
    token = people.invite(kit.actor(town.owner), Invite("fang@x.example"), now=real_now())
    assert token
    for host in ("evil.example", "localhost.evil.example", "evil.example:80", "localhost@evil.example"):
        assert app.test_client().get("/sign-in", headers={"Host": host}).status_code == 400
    page = app.test_client().get("/sign-in", headers={"X-Forwarded-Host": "evil.example"})
    assert "evil.example" not in page.text
    assert page.status_code == 200


def test_a_name_sent_by_a_header_is_ignored(town, client):
    for header in ("X-Remote-User", "Remote-User", "X-Forwarded-User"):
        assert client.get("/me", headers={header: "chief@x.example"}).status_code == 302
