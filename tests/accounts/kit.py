"""People, companies and units for the accounts tests, and the small app they run in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ticketing.accounts import passwords, rules
from ticketing.accounts.actions import signing
from ticketing.accounts.models import Enterprise, Membership, User
from ticketing.accounts.queries import identity
from ticketing.core import clock
from ticketing.core.actor import Actor, Role
from ticketing.core.db import db, transaction
from ticketing.network.models import Unit
from ticketing.network.words import UnitKind

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # Monday 09:00 in the district
PASSWORD = "lake by the window"
CODE = rules.make_uscc("91320505MA1TE5TQA")
_CSRF = re.compile(r'name="csrf_token" (?:type="hidden" )?value="([^"]+)"')


def unit(code: str, parent: Unit | None = None) -> Unit:
    """Store a unit below ``parent``."""
    kind = {"C": UnitKind.CENTRE, "A": UnitKind.AREA, "S": UnitKind.STATION}.get(code[0], UnitKind.DEPARTMENT)
    path = code if parent is None else f"{parent.path}/{code}"
    with transaction():
        made = Unit(
            code=code, name=f"单位{code}", kind=kind, path=path, parent_id=parent.id if parent else None
        )
        db.session.add(made)
        db.session.flush()
    return made


def company(name: str = "青禾精密", uscc: str | None = CODE) -> Enterprise:
    """Store a company."""
    with transaction():
        made = Enterprise(uscc=uscc, name=name, created_at=NOW)
        db.session.add(made)
        db.session.flush()
    return made


def user(
    email: str, *roles: tuple[Role, Unit], firm: Enterprise | None = None, is_admin: bool = False
) -> User:
    """Store an account with the usual password."""
    with transaction():
        made = User(
            email=email, name=email.partition("@")[0].title(), password_hash=passwords.hash_of(PASSWORD),
            enterprise_id=firm.id if firm else None, is_enterprise_admin=is_admin, created_at=NOW,
        )  # fmt: skip
        db.session.add(made)
        db.session.flush()
        for role, place in roles:
            db.session.add(Membership(user_id=made.id, role=role, unit_id=place.id))
    return made


def actor(person: User) -> Actor:
    """Return the account as the deciding code sees it."""
    return identity.person(person.id).actor


@dataclass(frozen=True)
class District:
    """A centre with one area, its administrators, and two companies with their people."""

    centre: Unit
    area: Unit
    chief: User
    area_admin: User
    clerk: User
    firm: Enterprise
    owner: User
    member: User
    stranger: User


def district() -> District:
    """Store the people most tests need, in one transaction."""
    with transaction():
        return _made_district()


def _made_district() -> District:
    centre = unit("C0")
    area = unit("A1", centre)
    firm, other = company(), company("远山软件", None)
    return District(
        centre=centre,
        area=area,
        chief=user("chief@x.example", (Role.ADMIN, centre)),
        area_admin=user("areaadmin@x.example", (Role.ADMIN, area)),
        clerk=user("clerk@x.example", (Role.INTAKE_CLERK, centre), (Role.DISPATCHER, area)),
        firm=firm,
        owner=user("owner@x.example", firm=firm, is_admin=True),
        member=user("member@x.example", firm=firm),
        stranger=user("stranger@y.example", firm=other, is_admin=True),
    )


def enter(email: str, password: str = PASSWORD, *, now: datetime = NOW, address: str = "192.0.2.7") -> str:
    """Sign in on the service layer and return the session token."""
    return signing.sign_in(signing.SignIn(email, password, address, "Chrome · Windows"), now=now)


def who(token: str, *, now: datetime = NOW) -> identity.SignedIn:
    """Return the person of a session that is running."""
    found = _found(token, now)
    assert found is not None
    return found


def session_of(token: str) -> int:
    """Return the id of a running session."""
    found = who(token).session_id
    assert found is not None
    return found


def bearer(secret: str, *, now: datetime = NOW) -> identity.SignedIn:
    """Return the owner of an API token that works."""
    found = identity.person_by_api_token(secret, now=now)
    assert found is not None
    return found


def is_out(token: str, *, now: datetime = NOW) -> bool:
    """Return whether a token opens no session."""
    return _found(token, now) is None


def _found(token: str, now: datetime) -> identity.SignedIn | None:
    return identity.person_by_session(token, now=now, life=timedelta(days=14))


def csrf_of(page: TestResponse) -> str:
    """Return the CSRF token on a page."""
    found = _CSRF.search(page.text)
    assert found, page.text[:2000]
    return found.group(1)


def post(client: FlaskClient, path: str, *, page: str | None = None, **fields: object) -> TestResponse:
    """Post a form as a browser does: with the token of ``page`` (``path`` itself when left out)."""
    token = csrf_of(client.get(page or path))
    return client.post(path, data={"csrf_token": token, **fields})


def browser(app: Flask, email: str, password: str = PASSWORD) -> FlaskClient:
    """Return a browser in which ``email`` has signed in."""
    client = app.test_client()
    answer = post(client, "/sign-in", email=email, password=password)
    assert answer.status_code == 303, answer.text
    return client


def real_now() -> datetime:
    """Return the present, for what HTTP requests compare with."""
    return clock.now()
