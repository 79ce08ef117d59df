"""Signing in, sessions, passwords, tokens, kept forms: on the service layer."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from tests.accounts import kit
from tests.accounts.kit import NOW, PASSWORD, bearer, enter, is_out, session_of, who
from ticketing.accounts import passwords, rules
from ticketing.accounts.actions import people, signing
from ticketing.accounts.models import ApiToken, KeptForm, SignInFailure, User, UserSession
from ticketing.accounts.queries import identity
from ticketing.core.actor import Role
from ticketing.core.db import db, transaction
from ticketing.core.errors import Invalid, NotFound, TooMany

SOON = NOW + timedelta(minutes=1)


@pytest.fixture
def statements(app):
    """Collects the SQL statements of the test."""
    seen = []

    def note(_connection, _cursor, statement, *_rest):
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


def fail(email, times=1, *, now=NOW, address="192.0.2.7"):
    """Fail to sign in so many times; return what was raised."""
    raised = []
    for _ in range(times):
        with pytest.raises((Invalid, TooMany)) as caught:
            enter(email, "not the password", now=now, address=address)
        raised.append(caught.value)
    return raised


def test_signing_in_gives_the_person_with_every_role(town):
    person = who(enter("Clerk@X.example "))

    assert person.email == "clerk@x.example"
    assert [(grant.role, grant.path) for grant in person.actor.grants] == [
        (Role.INTAKE_CLERK, "C0"),
        (Role.DISPATCHER, "C0/A1"),
    ]
    assert person.actor.enterprise_id is None


def test_a_company_s_person_has_the_company(town):
    actor = who(enter("owner@x.example")).actor

    assert actor.roles == {Role.ENTERPRISE}
    assert (actor.enterprise_id, actor.is_enterprise_admin) == (town.firm.id, True)


def test_every_sign_in_has_a_new_token_of_at_least_128_bits_stored_hashed(town):
    tokens = {enter("owner@x.example") for _ in range(3)}

    stored = set(db.session.scalars(select(UserSession.token_hash)))
    assert len(tokens) == 3
    assert all(len(token) >= 43 for token in tokens)
    assert stored == {rules.hashed(token) for token in tokens}


def test_a_person_is_found_with_one_statement(town, statements):
    token = enter("clerk@x.example")
    secret = signing.create_token(town.clerk.id, "x", now=NOW)
    statements.clear()

    assert not is_out(token)
    assert identity.person_by_api_token(secret, now=NOW)
    assert len([one for one in statements if one.startswith("SELECT")]) == 2


@pytest.mark.parametrize("token", ["", "%", "*", "_", "None", "0", "\x00", "a" * 5000, "' OR 1=1 --"])
def test_no_wild_token_opens_anything(town, token):
    enter("owner@x.example")
    signing.create_token(town.owner.id, "x", now=NOW)

    assert is_out(token)
    assert identity.person_by_api_token(token, now=NOW) is None


def test_an_unused_session_ends_by_itself(town):
    token = enter("owner@x.example")

    assert not is_out(token, now=NOW + timedelta(days=14) - timedelta(seconds=1))
    assert is_out(token, now=NOW + timedelta(days=14))


def test_use_is_written_down_every_five_minutes_only(town):
    token = enter("owner@x.example")
    person = who(token)

    assert not person.is_due_for_touch(NOW + timedelta(minutes=4, seconds=59))
    assert person.is_due_for_touch(NOW + timedelta(minutes=5))
    signing.touch_session(session_of(token), now=NOW + timedelta(minutes=5))
    assert db.session.get_one(
        UserSession, session_of(token), populate_existing=True
    ).last_seen_at == NOW + timedelta(minutes=5)


def test_unknown_mistyped_and_deactivated_raise_the_same(town):
    people.set_active(kit.actor(town.chief), town.member.id, is_active=False, now=NOW)

    refusals = [*fail("nobody@x.example"), *fail("owner@x.example"), *fail("member@x.example"), *fail("")]
    with pytest.raises(Invalid) as right_password:
        enter("member@x.example")

    assert {(type(one), one.text, str(one.fields)) for one in [*refusals, right_password.value]} == {
        (Invalid, "邮箱或密码不正确", "{}")
    }


def test_an_unknown_account_costs_a_hash_like_a_known_one(town, monkeypatch):
    checked = []
    verify = passwords.is_right

    def watched(password, stored):
        checked.append(stored)
        return verify(password, stored)

    monkeypatch.setattr(passwords, "is_right", watched)

    fail("nobody@x.example")
    fail("owner@x.example")

    assert checked[0] is None
    assert checked[1] is not None
    assert not passwords.is_right("nobody's password", None)


@pytest.mark.parametrize("email", ["owner@x.example", "nobody@x.example"])
def test_five_failures_lock_the_account_known_or_not(town, email):
    fail(email, 5)

    (locked,) = fail(email, now=SOON)

    assert isinstance(locked, TooMany)
    assert locked.extra == {"retry_after_seconds": 840}
    assert locked.facts == {"minutes": 14}


def test_a_lock_keeps_the_right_password_out_until_it_ends(town):
    fail("owner@x.example", 5)

    with pytest.raises(TooMany):
        enter("owner@x.example", now=NOW + timedelta(minutes=14, seconds=59))
    assert enter("owner@x.example", now=NOW + timedelta(minutes=15))


def test_a_success_forgets_the_failures(town):
    fail("owner@x.example", 4)
    enter("owner@x.example")

    assert {type(one) for one in fail("owner@x.example", 4)} == {Invalid}


def test_thirty_failures_lock_an_address_but_no_other(town):
    for number in range(30):
        fail(f"nobody{number}@x.example")

    with pytest.raises(TooMany):
        enter("owner@x.example")
    assert enter("owner@x.example", address="192.0.2.8")


def test_an_office_behind_one_address_signs_in_all_day(town):
    for _ in range(40):
        enter("owner@x.example")

    assert db.session.scalar(select(func.max(SignInFailure.failures))) == 0


def test_parallel_guesses_do_not_pass_the_limit(app, town):
    seen = []

    def guess():
        with app.app_context():
            try:
                enter("owner@x.example", "not the password")
            except (Invalid, TooMany) as error:
                seen.append(type(error))

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (seen.count(Invalid), seen.count(TooMany)) == (5, 7)


def test_no_address_is_stored_readably(town):
    fail("owner@x.example")

    assert all(len(subject) == 64 for subject in db.session.scalars(select(SignInFailure.subject)))


def test_signing_out_ends_this_session_only(town):
    here, there = enter("owner@x.example"), enter("owner@x.example")

    signing.sign_out(session_of(here), now=SOON)

    assert is_out(here, now=SOON)
    assert not is_out(there, now=SOON)


def change(person, token, old=PASSWORD, new="boats on the lake"):
    signing.change_password(
        person.actor, signing.NewPassword(old, new), session_id=session_of(token), now=SOON
    )


def test_changing_the_password_ends_all_other_sessions(town):
    here, there = enter("owner@x.example"), enter("owner@x.example")
    other = enter("member@x.example")

    change(who(here), here)

    assert not is_out(here, now=SOON)
    assert is_out(there, now=SOON)
    assert not is_out(other, now=SOON)
    assert enter("owner@x.example", "boats on the lake", now=SOON)
    assert {type(one) for one in fail("owner@x.example")} == {Invalid}


def test_a_wrong_old_or_a_weak_new_password_changes_nothing(town):
    here, there = enter("owner@x.example"), enter("owner@x.example")

    with pytest.raises(Invalid) as wrong:
        change(who(here), here, old="not the password")
    with pytest.raises(Invalid) as weak:
        change(who(here), here, new="short")

    assert list(wrong.value.fields) == ["old"]
    assert list(weak.value.fields) == ["password"]
    assert not is_out(there)
    assert enter("owner@x.example")


def test_the_old_password_cannot_be_guessed_in_a_stolen_session(town):
    here = enter("owner@x.example")
    for _ in range(5):
        with pytest.raises(Invalid):
            change(who(here), here, old="not the password")

    with pytest.raises(TooMany):
        change(who(here), here)


def test_a_hash_of_old_parameters_is_upgraded_at_sign_in(town):
    try:
        passwords.use_strong()
        enter("owner@x.example")
        upgraded = db.session.scalars(select(User.password_hash).where(User.id == town.owner.id)).one()
        enter("owner@x.example")
    finally:
        passwords.use_cheap()

    assert upgraded.startswith("$argon2id$v=19$m=19456,t=3,p=1$")


@pytest.mark.parametrize("stored", ["", "!", "md5$x", "$argon2id$v=19$broken"])
def test_a_broken_or_missing_hash_fits_nothing(app, stored):
    for typed in ("", "!", "nobody's password", PASSWORD):
        assert not passwords.is_right(typed, stored)


def test_an_endless_password_is_only_wrong(town):
    with pytest.raises(Invalid):
        enter("owner@x.example", "长" * 300_000)


def test_only_own_devices_are_listed_and_ended(town):
    token, other = enter("owner@x.example"), enter("member@x.example")
    mine, here, there = who(token), session_of(token), session_of(other)

    listed = identity.devices(mine.actor, now=NOW, life=timedelta(days=14))
    with pytest.raises(NotFound):
        signing.end_session(mine.actor, there, now=NOW)
    signing.end_session(mine.actor, here, now=NOW)

    assert [(one.id, one.device) for one in listed] == [(here, "Chrome · Windows")]
    assert identity.devices(mine.actor, now=NOW, life=timedelta(days=14)) == []
    with pytest.raises(NotFound):
        signing.end_session(mine.actor, here, now=NOW)


def test_a_token_opens_until_it_is_revoked(town):
    secret = signing.create_token(town.clerk.id, "import", now=NOW)
    found = bearer(secret)
    row = db.session.get_one(ApiToken, found.token_id)

    assert secret.startswith("clt_")
    assert len(secret) >= 47
    assert found.email == "clerk@x.example"
    assert row.secret_hash == rules.hashed(secret)
    with pytest.raises(NotFound):
        signing.revoke_token(kit.actor(town.owner), row.id, now=NOW)
    signing.revoke_token(found.actor, row.id, now=NOW)
    assert identity.person_by_api_token(secret, now=NOW) is None
    assert identity.tokens(found.actor) == []


def test_an_expired_token_opens_nothing(town):
    secret = signing.create_token(town.clerk.id, "import", now=NOW)
    with transaction():
        db.session.scalars(select(ApiToken)).one().expires_at = SOON

    assert identity.person_by_api_token(secret, now=NOW)
    assert identity.person_by_api_token(secret, now=SOON) is None


def test_a_session_is_no_token_and_a_token_no_session(town):
    token, secret = enter("owner@x.example"), signing.create_token(town.owner.id, "x", now=NOW)

    assert identity.person_by_api_token(token, now=NOW) is None
    assert is_out(secret)


def test_what_was_typed_is_kept_for_one_person_and_path_for_a_day(town):
    fields = [("title", "停电 ⚡"), ("tag", "a"), ("tag", "b"), ("body", "两行\n<b>")]
    signing.keep_form(town.owner.id, "/tickets/new", [("title", "old")], now=NOW)
    signing.keep_form(town.owner.id, "/tickets/new", fields, now=NOW)

    assert identity.kept_form(town.owner.id, "/tickets/new", now=SOON) == fields
    assert identity.kept_form(town.member.id, "/tickets/new", now=SOON) is None
    assert identity.kept_form(town.owner.id, "/tickets", now=SOON) is None
    assert identity.kept_form(town.owner.id, "/tickets/new", now=NOW + timedelta(days=1)) is None


def test_old_kept_forms_go_when_the_next_is_kept(town):
    signing.keep_form(town.owner.id, "/a", [("title", "x")], now=NOW)
    signing.keep_form(town.member.id, "/b", [("title", "y")], now=NOW + timedelta(days=1))

    assert db.session.scalars(select(KeptForm.path)).all() == ["/b"]


def test_the_api_says_who_the_caller_is(town):
    assert identity.me(kit.actor(town.clerk)) == {
        "email": "clerk@x.example",
        "name": "Clerk",
        "locale": None,
        "roles": ["dispatcher", "intake_clerk"],
        "memberships": [{"role": "intake_clerk", "unit": "C0"}, {"role": "dispatcher", "unit": "A1"}],
        "enterprise": None,
    }
    assert identity.me(kit.actor(town.owner))["enterprise"] == {
        "uscc": kit.CODE,
        "name": "青禾精密",
        "is_admin": True,
    }
