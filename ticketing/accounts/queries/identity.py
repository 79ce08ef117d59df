"""Who is behind a request: sessions, API tokens, devices, and the person's own data."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Row,
    ScalarSelect,
    Select,
    String,
    and_,
    bindparam,
    column,
    func,
    or_,
    select,
    table,
)

from ticketing.accounts import rules
from ticketing.accounts.models import ApiToken, Enterprise, KeptForm, Membership, User, UserSession
from ticketing.core import marks
from ticketing.core.actor import Actor, Grant, standing_in
from ticketing.core.db import db, read
from ticketing.core.errors import NotFound
from ticketing.core.local_day import local_date

# The network stands above this feature: its table is known here by name only.
units = table(
    "units",
    column("id", Integer),
    column("code", String),
    column("name", String),
    column("name_en", String),
    column("path", String),
    column("is_active"),
)
# So does the feature that knows who is away: one column says for how many people somebody stands in today.
_absences = table(
    "absences",
    column("user_id", Integer),
    column("deputy_id", Integer),
    column("starts_on", Date),
    column("ends_on", Date),
    column("cancelled_at"),
)
_TODAY = bindparam("today", type_=Date)
_holds_today = and_(
    _absences.c.starts_on <= _TODAY, _absences.c.ends_on >= _TODAY, _absences.c.cancelled_at.is_(None)
)
_STANDS_IN = (
    select(func.count())
    .select_from(_absences)
    .where(_absences.c.deputy_id == User.id, _holds_today)
    .correlate(User)
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is behind a request; what Flask-Login calls the user. Carries no row."""

    id: int
    email: str
    name: str
    locale: str | None
    actor: Actor
    session_id: int | None = None
    seen_at: datetime | None = None
    token_id: int | None = None
    carried: Mapping[str, Any] = field(default_factory=dict, compare=False)
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        """Return the id in Flask-Login's form."""
        return str(self.id)

    def is_due_for_touch(self, now: datetime) -> bool:
        """Return whether the last use was written down so long ago that it should be again."""
        return self.seen_at is None or now - self.seen_at >= rules.TOUCH_EVERY


_carried: dict[str, ScalarSelect[Any]] = {}


def carry(**wanted: ScalarSelect[Any]) -> None:
    """Have every session's statement bring what features above want to know of the person on each page.

    Each correlates with ``User``. To be called before the first request; ``SignedIn.carried`` has it by name.
    """
    _carried.update(wanted)
    _by_session.cache_clear()


def person_by_session(token: str, *, now: datetime, life: timedelta) -> SignedIn | None:
    """Return who signed in with this session token; None when ended, unused for ``life`` or deactivated."""
    today = local_date(now)
    found = read(_by_session(), {"hash": rules.hashed(token), "since": now - life, "today": today}).all()
    if not found:
        return None
    first = found[0]
    marks.give(_marks(first))
    carried = dict(zip(_carried, first[_FIRST_CARRIED:], strict=True))
    return _signed_in(found, today, session_id=first[0], seen_at=first[1], carried=carried)


def person_by_api_token(secret: str, *, now: datetime) -> SignedIn | None:
    """Return whose API token this is; None when unknown, revoked, expired or its owner deactivated."""
    today = local_date(now)
    found = read(_by_api_token(), {"hash": rules.hashed(secret), "now": now, "today": today}).all()
    if not found:
        return None
    marks.give(_marks(found[0]))
    return _signed_in(found, today, token_id=found[0][0], seen_at=found[0][1])


def person(user_id: int, today: date = date.min) -> SignedIn:
    """Return an active person by id, for commands and jobs; raises NotFound.

    With the district's ``today``, with what the person does for those away; else without.
    """
    wanted = _people(select(User.id, User.created_at, *_PERSON), User.id == user_id)
    found = db.session.execute(wanted, {"today": today}).all()
    if not found:
        raise NotFound
    return _signed_in(found, today)


def person_by_email(email: str) -> SignedIn:
    """Return an active person by the stored form of the address; raises NotFound."""
    wanted = _people(select(User.id, User.created_at, *_PERSON), User.email == email)
    found = db.session.execute(wanted, {"today": date.min}).all()
    if not found:
        raise NotFound
    return _signed_in(found, date.min)


_MARKS = {marks.NETWORK: marks.NETWORK_MARK, marks.DUTY: marks.DUTY_MARK}
_PERSON = (
    User.id,
    User.email,
    User.name,
    User.locale,
    User.enterprise_id,
    User.is_enterprise_admin,
    Membership.role,
    units.c.id,
    units.c.path,
    _STANDS_IN.label("stands_in"),
    *_MARKS.values(),
)
_FIRST_CARRIED = 2 + len(_PERSON)
_FIRST_MARK = _FIRST_CARRIED - len(_MARKS)
_STAND_INS = _FIRST_MARK - 1


@cache
def _by_session() -> Select[*tuple[Any, ...]]:
    """The statement every page asks: built once."""
    return _people(
        select(UserSession.id, UserSession.last_seen_at, *_PERSON, *_carried.values()).join(
            User, User.id == UserSession.user_id
        ),
        UserSession.token_hash == bindparam("hash"),
        UserSession.ended_at.is_(None),
        UserSession.last_seen_at > bindparam("since"),
    )


@cache
def _by_api_token() -> Select[*tuple[Any, ...]]:
    """The statement every request of the API asks: built once."""
    return _people(
        select(ApiToken.id, ApiToken.last_used_at, *_PERSON).join(User, User.id == ApiToken.user_id),
        ApiToken.secret_hash == bindparam("hash"),
        ApiToken.revoked_at.is_(None),
        or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > bindparam("now")),
    )


def _people(wanted: Select[*tuple[Any, ...]], *conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        wanted.outerjoin(Membership, Membership.user_id == User.id)
        .outerjoin(units, units.c.id == Membership.unit_id)
        .where(*conditions, User.is_active)
        .order_by(Membership.id)
    )


def _signed_in(
    found: Sequence[Row[*tuple[Any, ...]]],
    today: date,
    *,
    session_id: int | None = None,
    token_id: int | None = None,
    seen_at: datetime | None = None,
    carried: Mapping[str, Any] | None = None,
) -> SignedIn:
    user_id, email, name, locale, enterprise_id, is_admin = found[0][2:8]
    grants = tuple(Grant(row[8], row[9], row[10]) for row in found if row[10] is not None)
    actor = Actor(user_id, name, grants, enterprise_id, is_admin, locale)
    if found[0][_STAND_INS]:
        for away in _those_away(user_id, today):
            actor = standing_in(actor, away)
    return SignedIn(
        *(user_id, email, name, locale, actor),
        session_id=session_id,
        token_id=token_id,
        seen_at=seen_at,
        carried=carried or {},
    )


def _those_away(deputy_id: int, today: date) -> list[Actor]:
    """The people somebody stands in for today, with what they do."""
    rows = db.session.execute(
        select(_absences.c.user_id, Membership.role, units.c.id, units.c.path)
        .join(Membership, Membership.user_id == _absences.c.user_id)
        .join(units, units.c.id == Membership.unit_id)
        .where(_absences.c.deputy_id == deputy_id, _holds_today)
        .order_by(Membership.id),
        {"today": today},
    )
    held: dict[int, list[Grant]] = {}
    for user_id, role, unit_id, path in rows:
        held.setdefault(user_id, []).append(Grant(role, unit_id, path))
    return [Actor(user_id, "", tuple(grants)) for user_id, grants in held.items()]


def _marks(row: Row[*tuple[Any, ...]]) -> dict[str, str]:
    return dict(zip(_MARKS, row[_FIRST_MARK:_FIRST_CARRIED], strict=True))


def owner_of_session(token: str) -> int | None:
    """Return whose session a token is or was, ended ones included."""
    return db.session.scalar(select(UserSession.user_id).where(UserSession.token_hash == rules.hashed(token)))


@dataclass(frozen=True, slots=True)
class OwnData:
    """What a person sees of the own account."""

    email: str
    name: str
    phone: str
    company: str | None


def own_data(actor: Actor) -> OwnData:
    """Return the person's own data; raises NotFound when the account is gone."""
    row = db.session.execute(
        select(User.email, User.name, User.phone, Enterprise.name)
        .outerjoin(Enterprise, Enterprise.id == User.enterprise_id)
        .where(User.id == actor.user_id)
    ).first()
    if row is None:
        raise NotFound
    return OwnData(*row)


@dataclass(frozen=True, slots=True)
class Device:
    """One running session."""

    id: int
    device: str
    created_at: datetime
    last_seen_at: datetime


def devices(actor: Actor, *, now: datetime, life: timedelta) -> list[Device]:
    """Return the person's running sessions, last used first."""
    rows = db.session.execute(
        select(UserSession.id, UserSession.device, UserSession.created_at, UserSession.last_seen_at)
        .where(
            UserSession.user_id == actor.user_id,
            UserSession.ended_at.is_(None),
            UserSession.last_seen_at > now - life,
        )
        .order_by(UserSession.last_seen_at.desc(), UserSession.id.desc())
        .limit(100)
    )
    return [Device(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class TokenRow:
    """One usable API token, without its secret."""

    id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None


def tokens(actor: Actor) -> list[TokenRow]:
    """Return the person's tokens that were not revoked."""
    rows = db.session.execute(
        select(ApiToken.id, ApiToken.name, ApiToken.created_at, ApiToken.last_used_at, ApiToken.expires_at)
        .where(ApiToken.user_id == actor.user_id, ApiToken.revoked_at.is_(None))
        .order_by(ApiToken.id)
        .limit(100)
    )
    return [TokenRow(*row) for row in rows]


def kept_form(user_id: int, path: str, *, now: datetime) -> list[tuple[str, str]] | None:
    """Return the fields kept for a person at a path within the last day."""
    fields = db.session.scalar(
        select(KeptForm.fields).where(
            KeptForm.user_id == user_id,
            KeptForm.path == path,
            KeptForm.kept_at > now - rules.KEPT_FORM_LIFE,
        )
    )
    return None if fields is None else [(name, value) for name, value in json.loads(fields)]


def me(actor: Actor) -> dict[str, object]:
    """Return the caller and its roles, as the API says it."""
    row = db.session.execute(
        select(User.email, User.name, Enterprise.uscc, Enterprise.name)
        .outerjoin(Enterprise, Enterprise.id == User.enterprise_id)
        .where(User.id == actor.user_id)
    ).one()
    return {
        "email": row[0],
        "name": row[1],
        "locale": actor.locale,
        "roles": sorted(actor.roles),
        "memberships": [{"role": grant.role, "unit": grant.unit_code} for grant in actor.grants],
        "enterprise": None
        if actor.enterprise_id is None
        else {"uscc": row[2], "name": row[3], "is_admin": actor.is_enterprise_admin},
    }
