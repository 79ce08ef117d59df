"""Letting people in and out: invitations, colleagues, staff; and who may not."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.accounts import kit
from tests.accounts.kit import NOW, PASSWORD, actor, enter, is_out, who
from ticketing.accounts import rules
from ticketing.accounts.actions import people, signing
from ticketing.accounts.actions.people import Invite, NewCompany, NewStaff, Welcome
from ticketing.accounts.models import Enterprise, Invitation, Membership, User
from ticketing.accounts.queries import identity
from ticketing.accounts.queries import people as queries
from ticketing.core.actor import Role
from ticketing.core.db import db
from ticketing.core.errors import Invalid, NotFound, NotPermitted

WELCOME = Welcome("王芳", "138 1234 5678", PASSWORD, "Edge · Windows")
LAST_MOMENT = NOW + timedelta(days=7) - timedelta(seconds=1)


def row(user_id):
    return db.session.get_one(User, user_id, populate_existing=True)


def test_an_invited_colleague_joins_the_company_and_is_signed_in(town):
    token = people.invite(actor(town.owner), Invite("Fang@X.example"), now=NOW)

    session_token = people.accept_invitation(token, WELCOME, now=LAST_MOMENT)

    joined = who(session_token, now=LAST_MOMENT)
    assert (joined.email, joined.name, joined.actor.enterprise_id) == ("fang@x.example", "王芳", town.firm.id)
    assert not joined.actor.is_enterprise_admin
    assert enter("fang@x.example")


def test_an_invitation_is_stored_hashed(town):
    token = people.invite(actor(town.owner), Invite("fang@x.example"), now=NOW)

    assert len(token) >= 43
    assert db.session.scalar(select(Invitation.token_hash)) == rules.hashed(token)


@pytest.mark.parametrize("token", ["", "%", "*", "_", "None", "null", "\x00", "0"])
def test_no_wild_link_opens_anything(town, token):
    people.invite(actor(town.owner), Invite("fang@x.example"), now=NOW)

    with pytest.raises(NotFound):
        people.accept_invitation(token, WELCOME, now=NOW)
    with pytest.raises(NotFound):
        queries.invitation(token, now=NOW)


def test_a_link_works_once_and_for_seven_days(town):
    used = people.invite(actor(town.owner), Invite("fang@x.example"), now=NOW)
    late = people.invite(actor(town.owner), Invite("late@x.example"), now=NOW)
    people.accept_invitation(used, WELCOME, now=NOW)

    for token, now in ((used, NOW), (late, NOW + timedelta(days=7))):
        with pytest.raises(NotFound):
            people.accept_invitation(token, WELCOME, now=now)
    assert db.session.scalar(select(User).where(User.email == "late@x.example")) is None


def test_a_mistake_does_not_use_the_link_up(town):
    token = people.invite(actor(town.owner), Invite("fang@x.example"), now=NOW)
    for welcome in (
        Welcome("", "", PASSWORD),
        Welcome("王芳", "abc", PASSWORD),
        Welcome("王芳", "", "short"),
    ):
        with pytest.raises(Invalid):
            people.accept_invitation(token, welcome, now=NOW)

    assert people.accept_invitation(token, WELCOME, now=NOW)


def test_inviting_again_stops_the_first_link(town):
    first = people.invite(actor(town.owner), Invite("fang@x.example"), now=NOW)
    second = people.invite(actor(town.owner), Invite("fang@x.example"), now=NOW)

    with pytest.raises(NotFound):
        people.accept_invitation(first, WELCOME, now=NOW)
    assert people.accept_invitation(second, WELCOME, now=NOW)


def test_inviting_does_not_tell_who_has_an_account_elsewhere(town):
    token = people.invite(actor(town.owner), Invite("stranger@y.example"), now=NOW)

    with pytest.raises(Invalid) as caught:
        people.accept_invitation(token, WELCOME, now=NOW)

    assert caught.value.fields == {"email": ["这个邮箱已有账号"]}
    assert row(town.stranger.id).enterprise_id != town.firm.id
    assert row(town.stranger.id).name == "Stranger"
    assert db.session.scalar(select(Invitation.used_at)) is None


def test_a_colleague_cannot_be_invited_twice(town):
    with pytest.raises(Invalid):
        people.invite(actor(town.owner), Invite("member@x.example"), now=NOW)


def test_only_administrators_invite(town):
    for person in (town.member, town.clerk, town.area_admin):
        with pytest.raises(NotPermitted):
            people.invite(actor(person), Invite("fang@x.example", enterprise_id=town.firm.id), now=NOW)


def test_nobody_invites_into_another_company(town):
    with pytest.raises(NotFound):
        people.invite(actor(town.stranger), Invite("f@x.example", enterprise_id=town.firm.id), now=NOW)
    with pytest.raises(NotFound):
        people.invite(actor(town.chief), Invite("f@x.example", enterprise_id=999), now=NOW)


def test_the_centre_admits_a_company_with_its_first_administrator(town):
    code = rules.make_uscc("91320505MA2222222")

    token = people.admit_company(
        actor(town.chief), NewCompany(code.lower(), "新芽生物", "boss@z.example"), now=NOW
    )
    boss = who(people.accept_invitation(token, WELCOME, now=NOW))

    assert boss.actor.is_enterprise_admin
    company = queries.own_company(boss.actor)
    assert (company.uscc, company.name, company.is_verified) == (code, "新芽生物", True)
    with pytest.raises(NotPermitted):
        people.admit_company(actor(town.area_admin), NewCompany(code, "x", "b@z.example"), now=NOW)


def test_a_refused_admission_leaves_no_company(town):
    code = rules.make_uscc("91320505MA2222222")

    with pytest.raises(Invalid):
        people.admit_company(actor(town.chief), NewCompany(code, "新芽生物", "no address"), now=NOW)

    assert db.session.scalar(select(Enterprise).where(Enterprise.uscc == code)) is None


def test_an_invitation_can_be_withdrawn_by_the_own_company_only(town):
    token = people.invite(actor(town.owner), Invite("fang@x.example"), now=NOW)
    (waiting,) = queries.open_invitations(actor(town.owner), now=NOW)

    with pytest.raises(NotFound):
        people.withdraw_invitation(actor(town.stranger), waiting.id, now=NOW)
    people.withdraw_invitation(actor(town.owner), waiting.id, now=NOW)

    assert queries.open_invitations(actor(town.owner), now=NOW) == []
    with pytest.raises(NotFound):
        people.accept_invitation(token, WELCOME, now=NOW)


def test_deactivating_a_colleague_ends_everything_at_once(town):
    session_token = enter("member@x.example")
    secret = signing.create_token(town.member.id, "x", now=NOW)

    people.set_colleague_active(actor(town.owner), town.member.id, is_active=False, now=NOW)
    people.set_colleague_active(actor(town.owner), town.member.id, is_active=True, now=NOW)

    assert is_out(session_token)
    assert identity.person_by_api_token(secret, now=NOW) is None
    assert enter("member@x.example")


def test_a_deactivated_administrator_s_links_stop(town):
    people.set_colleague_admin(actor(town.owner), town.member.id, is_admin=True)
    token = people.invite(actor(town.member), Invite("fang@x.example"), now=NOW)

    people.set_colleague_active(actor(town.owner), town.member.id, is_active=False, now=NOW)

    with pytest.raises(NotFound):
        people.accept_invitation(token, WELCOME, now=NOW)


def test_another_company_s_people_do_not_exist(town):
    for other in (town.stranger.id, town.chief.id, 999_999):
        with pytest.raises(NotFound):
            people.set_colleague_active(actor(town.owner), other, is_active=False, now=NOW)
        with pytest.raises(NotFound):
            people.set_colleague_admin(actor(town.owner), other, is_admin=True)
    assert row(town.stranger.id).is_active
    assert not row(town.chief.id).is_enterprise_admin


def test_a_member_without_the_key_changes_nobody(town):
    for person in (town.member, town.clerk, town.chief):
        with pytest.raises(NotPermitted):
            people.set_colleague_active(actor(person), town.owner.id, is_active=False, now=NOW)
    assert row(town.owner.id).is_active


def test_one_administrator_always_remains(town):
    stale = actor(town.owner)
    for call in (
        lambda: people.set_colleague_active(stale, town.owner.id, is_active=False, now=NOW),
        lambda: people.set_colleague_admin(stale, town.owner.id, is_admin=False),
    ):
        with pytest.raises(Invalid):
            call()
    people.set_colleague_admin(stale, town.member.id, is_admin=True)
    people.set_colleague_admin(actor(town.member), town.owner.id, is_admin=False)

    with pytest.raises(NotPermitted):
        people.set_colleague_admin(stale, town.member.id, is_admin=False)


def test_the_company_sees_its_own_people_only(town):
    assert [one.email for one in queries.colleagues(actor(town.member))] == [
        "owner@x.example",
        "member@x.example",
    ]
    assert queries.colleagues(actor(town.clerk)) == []
    with pytest.raises(NotFound):
        queries.own_company(actor(town.clerk))


def test_a_staff_account_starts_with_a_link(town):
    wish = NewStaff("New@X.example", "新同事", [(Role.HANDLER, town.area.id), (Role.HANDLER, town.area.id)])
    user_id, token = people.create_staff(actor(town.chief), wish, now=NOW)
    with pytest.raises(Invalid):
        enter("new@x.example", "!")

    person = who(people.accept_invitation(token, WELCOME, now=NOW))

    assert person.id == user_id
    assert [(grant.role, grant.path) for grant in person.actor.grants] == [(Role.HANDLER, "C0/A1")]


@pytest.mark.parametrize(
    ("email", "name", "role"),
    [
        ("clerk@x.example", "新同事", Role.HANDLER),
        ("no address", "新同事", Role.HANDLER),
        ("new@x.example", "", Role.HANDLER),
        ("new@x.example", "新同事", Role.ENTERPRISE),
    ],
)
def test_a_refused_account_leaves_no_trace(town, email, name, role):
    before = db.session.scalars(select(User.id)).all()

    with pytest.raises(Invalid):
        people.create_staff(actor(town.chief), NewStaff(email, name, [(role, town.area.id)]), now=NOW)

    assert db.session.scalars(select(User.id)).all() == before
    assert db.session.scalars(select(Invitation.id)).all() == []


def test_roles_are_given_only_inside_the_own_part_of_the_network(town):
    area_admin = actor(town.area_admin)

    for memberships in ([(Role.HANDLER, town.centre.id)], [(Role.HANDLER, 999)], []):
        with pytest.raises(Invalid):
            people.create_staff(area_admin, NewStaff("new@x.example", "新同事", memberships), now=NOW)
    user_id, _token = people.create_staff(
        area_admin, NewStaff("new@x.example", "新同事", [(Role.HANDLER, town.area.id)]), now=NOW
    )
    with pytest.raises(Invalid):
        people.set_memberships(area_admin, user_id, [(Role.ADMIN, town.centre.id)], now=NOW)
    people.set_memberships(area_admin, user_id, [(Role.LIAISON, town.area.id)], now=NOW)

    assert [one.role for one in identity.person(user_id).actor.grants] == [Role.LIAISON]


def test_an_area_s_administrator_does_not_reach_the_centre_s_people_or_companies(town):
    area_admin = actor(town.area_admin)

    for person in (town.chief, town.clerk, town.owner):
        with pytest.raises(NotFound):
            people.password_link(area_admin, person.id, now=NOW)
        with pytest.raises(NotFound):
            people.set_active(area_admin, person.id, is_active=False, now=NOW)
        with pytest.raises(NotFound):
            queries.one_person(area_admin, person.id)
    assert [one.email for one in queries.people(area_admin)[0]] == ["areaadmin@x.example"]


def test_only_administrators_manage_staff(town):
    for person in (town.clerk, town.owner):
        for call in (
            queries.people,
            lambda who: people.password_link(who, town.member.id, now=NOW),
            lambda who: people.set_memberships(who, town.clerk.id, [(Role.ADMIN, town.centre.id)], now=NOW),
            lambda who: people.set_active(who, town.member.id, is_active=False, now=NOW),
            lambda who: people.create_staff(who, NewStaff("n@x.example", "n", [(Role.ADMIN, 1)]), now=NOW),
        ):
            with pytest.raises(NotPermitted):
                call(actor(person))


def test_taken_away_roles_are_gone_at_the_next_request(town):
    token = enter("clerk@x.example")

    people.set_memberships(actor(town.chief), town.clerk.id, [(Role.CALLER, town.centre.id)], now=NOW)

    assert who(token).actor.roles == {Role.CALLER}


def test_nobody_locks_themselves_out_and_companies_get_no_roles(town):
    chief = actor(town.chief)

    with pytest.raises(Invalid):
        people.set_memberships(chief, town.chief.id, [(Role.CALLER, town.centre.id)], now=NOW)
    with pytest.raises(Invalid):
        people.set_active(chief, town.chief.id, is_active=False, now=NOW)
    with pytest.raises(Invalid):
        people.set_memberships(chief, town.owner.id, [(Role.CALLER, town.centre.id)], now=NOW)

    assert db.session.scalar(select(Membership).where(Membership.user_id == town.owner.id)) is None


def test_a_password_link_sets_the_password_and_ends_old_sessions(town):
    old = enter("owner@x.example")
    token = people.password_link(actor(town.chief), town.owner.id, now=NOW)

    fresh = people.accept_invitation(token, Welcome("Owner", "", "boats on the lake"), now=NOW)

    assert is_out(old)
    assert who(fresh).id == town.owner.id
    assert enter("owner@x.example", "boats on the lake")


def test_a_password_link_does_not_wake_a_deactivated_account(town):
    token = people.password_link(actor(town.chief), town.member.id, now=NOW)
    people.set_active(actor(town.chief), town.member.id, is_active=False, now=NOW)

    with pytest.raises(NotFound):
        people.accept_invitation(token, WELCOME, now=NOW)


def test_people_are_listed_page_by_page_and_found_by_part_of_a_name(town):
    for number in range(60):
        kit.user(f"extra{number:02}@z.example")
    chief = actor(town.chief)

    first, go_on = queries.people(chief)
    assert go_on
    rest, end = queries.people(chief, after=go_on)

    assert (len(first), len(rest), end) == (50, 16, None)
    assert len({one.id for one in [*first, *rest]}) == 66
    assert [one.email for one in queries.people(chief, "EXTRA07")[0]] == ["extra07@z.example"]
    assert queries.people(chief, "%")[0] == []
    assert queries.people(chief, "_")[0] == []


def test_who_holds_a_role_in_a_unit(town):
    found = queries.users_in([town.centre.id, town.area.id], [Role.DISPATCHER, Role.ADMIN])
    people.set_active(actor(town.chief), town.clerk.id, is_active=False, now=NOW)

    assert [(one.user_id, one.role, one.unit_id) for one in found] == [
        (town.area_admin.id, Role.ADMIN, town.area.id),
        (town.chief.id, Role.ADMIN, town.centre.id),
        (town.clerk.id, Role.DISPATCHER, town.area.id),
    ]
    assert queries.users_in([town.area.id], [Role.DISPATCHER]) == []


def test_the_first_administrator_needs_a_network(app):
    with pytest.raises(NotFound):
        people.create_first_admin("root@x.example", "Root", PASSWORD, now=NOW)
    kit.unit("A1", kit.unit("C0"))

    user_id = people.create_first_admin("root@x.example", "Root", PASSWORD, now=NOW)

    assert [(one.role, one.path) for one in identity.person(user_id).actor.grants] == [(Role.ADMIN, "C0")]
    with pytest.raises(Invalid):
        people.create_first_admin("root@x.example", "Root", PASSWORD, now=NOW)
