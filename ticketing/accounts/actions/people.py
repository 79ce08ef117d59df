"""Letting people in and out: a company's colleagues, the district's staff."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from ticketing.accounts import passwords, rules
from ticketing.accounts.actions import signing
from ticketing.accounts.actions.companies import known_enterprise
from ticketing.accounts.models import ApiToken, Enterprise, Invitation, Membership, StaffChange, User
from ticketing.accounts.queries.identity import units
from ticketing.accounts.queries.people import managed_by, open_invitation
from ticketing.core.actor import Actor, Role
from ticketing.core.db import db, transaction
from ticketing.core.errors import Invalid, NotFound, NotPermitted
from ticketing.core.text import N_

Wanted = Collection[tuple[Role, int]]
_TAKEN = N_("这个邮箱已有账号")


@dataclass(frozen=True, slots=True)
class Invite:
    """Whom to let into a company; staff name the company, its own administrator need not."""

    email: str
    is_admin: bool = False
    enterprise_id: int | None = None


def invite(actor: Actor, wish: Invite, *, now: datetime) -> str:
    """Make a link by which somebody joins a company, and return its token; it works for seven days.

    An earlier open link for the same address stops working. Whether the address has an account elsewhere is
    not told. Raises NotPermitted, NotFound (another company) or Invalid.
    """
    enterprise_id = _company_for(actor, wish.enterprise_id)
    email = rules.normal_email(wish.email)
    with transaction():
        theirs = select(User.id).where(User.email == email, User.enterprise_id == enterprise_id)
        if db.session.scalar(theirs) is not None:
            sentence = N_("这位同事已在本企业账号中")
            raise Invalid(sentence, fields={"email": [sentence]})
        _stop_links(now, Invitation.enterprise_id == enterprise_id, Invitation.email == email)
        return _new_link(
            Invitation(
                enterprise_id=enterprise_id, email=email, is_admin=wish.is_admin, invited_by=actor.user_id
            ),
            now,
        )


@dataclass(frozen=True, slots=True)
class NewCompany:
    """A company to let in, and the address of its first administrator."""

    uscc: str
    name: str
    email: str


def admit_company(actor: Actor, wish: NewCompany, *, now: datetime) -> str:
    """Write a company down as verified and invite its first administrator; return the link's token.

    Raises NotPermitted or Invalid.
    """
    if not _is_chief_admin(actor):
        raise NotPermitted
    with transaction():
        company = known_enterprise(rules.check_uscc(wish.uscc), wish.name, now=now)
        company.is_verified = True
        db.session.flush()
        return invite(actor, Invite(wish.email, is_admin=True, enterprise_id=company.id), now=now)


def withdraw_invitation(actor: Actor, invitation_id: int, *, now: datetime) -> None:
    """Stop an open invitation of the own company from working; raises NotPermitted or NotFound."""
    enterprise_id = _company_for(actor, None)
    with transaction():
        if not _stop_links(now, Invitation.id == invitation_id, Invitation.enterprise_id == enterprise_id):
            raise NotFound


def _company_for(actor: Actor, enterprise_id: int | None) -> int:
    """Return the company somebody may let people into."""
    if actor.enterprise_id is not None:
        if not actor.is_enterprise_admin:
            raise NotPermitted
        if enterprise_id not in {None, actor.enterprise_id}:
            raise NotFound
        return actor.enterprise_id
    if not _is_chief_admin(actor):
        raise NotPermitted
    if enterprise_id is None or db.session.get(Enterprise, enterprise_id) is None:
        raise NotFound
    return enterprise_id


def _is_chief_admin(actor: Actor) -> bool:
    """Whether the person administers the root of the network, and so everyone."""
    return any(grant.role is Role.ADMIN and "/" not in grant.path for grant in actor.grants)


def _new_link(made: Invitation, now: datetime) -> str:
    token = secrets.token_urlsafe(signing.TOKEN_BYTES)
    made.token_hash = rules.hashed(token)
    made.created_at = now
    made.expires_at = now + rules.INVITATION_LIFE
    db.session.add(made)
    return token


def _stop_links(now: datetime, *conditions: object) -> bool:
    """Make open links expire; return whether there were any."""
    still_open = (Invitation.used_at.is_(None), Invitation.expires_at > now)
    stopped = db.session.scalars(
        update(Invitation)
        .where(*still_open, *conditions)  # type: ignore[arg-type] # conditions are column expressions
        .values(expires_at=now)
        .returning(Invitation.id)
    )
    return bool(stopped.all())


@dataclass(frozen=True, slots=True)
class Welcome:
    """What the invited person fills in; ``device`` is a short name of theirs."""

    name: str
    phone: str
    password: str
    device: str = ""


def accept_invitation(token: str, wish: Welcome, *, now: datetime) -> str:
    """Use a link once: make the account, or set its password; return the token of a first session.

    Raises NotFound for a link that is empty, unknown, used or expired, and Invalid for what was typed.
    """
    link = db.session.scalar(select(Invitation).where(*open_invitation(token, now))) if token else None
    if link is None:
        raise NotFound(N_("这个邀请链接已失效，请联系邀请您的人重新发送"))
    name, phone = rules.check_person_name(wish.name), rules.normal_phone(wish.phone)
    rules.check_password(wish.password, email=link.email, name=name)
    fresh_hash = passwords.hash_of(wish.password)
    try:
        with transaction():
            used = update(Invitation).where(*open_invitation(token, now)).values(used_at=now)
            if db.session.scalar(used.returning(Invitation.id)) is None:
                raise NotFound(N_("这个邀请链接已失效，请联系邀请您的人重新发送"))
            values = {"name": name, "phone": phone, "password_hash": fresh_hash}
            user_id = _set_password(link, values, now) if link.user_id else _join(link, values, now)
            return signing.new_session(user_id, wish.device, now)
    except IntegrityError:
        raise Invalid(_TAKEN, fields={"email": [_TAKEN]}) from None


def _join(link: Invitation, values: dict[str, str], now: datetime) -> int:
    user = User(
        email=link.email, enterprise_id=link.enterprise_id, is_enterprise_admin=link.is_admin,
        created_at=now, **values,
    )  # fmt: skip
    db.session.add(user)
    db.session.flush()
    return user.id


def _set_password(link: Invitation, values: dict[str, str], now: datetime) -> int:
    active = update(User).where(User.id == link.user_id, User.is_active).values(**values)
    user_id: int | None = db.session.scalar(active.returning(User.id))
    if user_id is None:
        raise NotFound
    signing.end_sessions(user_id, now=now)
    return user_id


def set_colleague_active(actor: Actor, user_id: int, *, is_active: bool, now: datetime) -> None:
    """Deactivate or reactivate a colleague; raises NotPermitted, NotFound, or Invalid for oneself."""
    with transaction():
        _set_active(_colleague(actor, user_id), is_active=is_active, now=now)


def set_colleague_admin(actor: Actor, user_id: int, *, is_admin: bool) -> None:
    """Make a colleague an administrator of the company, or no longer; raises as above."""
    with transaction():
        _colleague(actor, user_id).is_enterprise_admin = is_admin


def _colleague(actor: Actor, user_id: int) -> User:
    """Return another person of the actor's company, its people locked so that one administrator remains."""
    if actor.enterprise_id is None or not actor.is_enterprise_admin:
        raise NotPermitted
    locked = db.session.scalars(
        select(User)
        .where(User.enterprise_id == actor.enterprise_id)
        .order_by(User.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    people = {user.id: user for user in locked}
    me = people.get(actor.user_id or 0)
    if me is None or not (me.is_active and me.is_enterprise_admin):
        raise NotPermitted
    if user_id not in people:
        raise NotFound
    if user_id == me.id:
        raise Invalid(N_("不能停用自己，也不能取消自己的管理员身份"))
    return people[user_id]


def _set_active(user: User, *, is_active: bool, now: datetime) -> None:
    user.is_active = is_active
    if is_active:
        return
    note_change(user.id, now)
    signing.end_sessions(user.id, now=now)
    _stop_links(now, (Invitation.invited_by == user.id) | (Invitation.user_id == user.id))
    running = update(ApiToken).where(ApiToken.user_id == user.id, ApiToken.revoked_at.is_(None))
    db.session.execute(running.values(revoked_at=now))


def note_change(user_id: int, now: datetime) -> None:
    """Write down, within the caller's transaction, that what the person has in hand must be looked at."""
    known = db.session.get(StaffChange, user_id, with_for_update=True)
    if known is None:
        db.session.add(StaffChange(user_id=user_id, changed_at=now))
    else:
        known.changed_at = now
    db.session.flush()


@dataclass(frozen=True, slots=True)
class NewStaff:
    """A staff account to make: address, name, and (role, unit id) pairs."""

    email: str
    name: str
    memberships: Sequence[tuple[Role, int]]


def create_staff(actor: Actor, wish: NewStaff, *, now: datetime) -> tuple[int, str]:
    """Make a staff account without a password; return its id and the token of its first link.

    Raises NotPermitted or Invalid.
    """
    email, name = rules.normal_email(wish.email), rules.check_person_name(wish.name)
    try:
        with transaction():
            _check_memberships(actor, wish.memberships)
            user = User(email=email, name=name, password_hash=rules.NO_PASSWORD, created_at=now)
            db.session.add(user)
            db.session.flush()
            _add_memberships(user.id, wish.memberships)
            link = Invitation(user_id=user.id, email=email, is_admin=False, invited_by=actor.user_id)
            return user.id, _new_link(link, now)
    except IntegrityError:
        raise Invalid(_TAKEN, fields={"email": [_TAKEN]}) from None


def password_link(actor: Actor, user_id: int, *, now: datetime) -> str:
    """Make a link by which a person sets a password anew, and return its token; earlier ones stop working.

    Raises NotPermitted or NotFound.
    """
    with transaction():
        user = _managed(actor, user_id)
        _stop_links(now, Invitation.user_id == user.id)
        return _new_link(
            Invitation(user_id=user.id, email=user.email, is_admin=False, invited_by=actor.user_id), now
        )


def set_memberships(actor: Actor, user_id: int, wanted: Wanted, *, now: datetime) -> None:
    """Replace a staff account's roles; they hold from its next request on.

    Raises NotPermitted, NotFound, or Invalid (a company's account, an unknown unit, one's own last key).
    """
    with transaction():
        user = _managed(actor, user_id)
        if user.enterprise_id is not None:
            raise Invalid(N_("企业账号不能担任区里的岗位"))
        _check_memberships(actor, wanted)
        if user.id == actor.user_id and Role.ADMIN not in {role for role, _unit_id in wanted}:
            raise Invalid(N_("不能取消自己的管理员岗位"))
        db.session.execute(delete(Membership).where(Membership.user_id == user.id))
        _add_memberships(user.id, wanted)
        note_change(user.id, now)
        _stop_links(now, Invitation.invited_by == user.id)


def set_active(actor: Actor, user_id: int, *, is_active: bool, now: datetime) -> None:
    """Deactivate an account the administrator looks after, or let it in again; raises as above."""
    with transaction():
        user = _managed(actor, user_id)
        if user.id == actor.user_id:
            raise Invalid(N_("不能停用自己的账号"))
        _set_active(user, is_active=is_active, now=now)


def _managed(actor: Actor, user_id: int) -> User:
    user = db.session.scalar(
        select(User)
        .where(User.id == user_id, managed_by(actor))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if user is None:
        raise NotFound
    return user


def _check_memberships(actor: Actor, wanted: Wanted) -> None:
    """Refuse roles outside the administrator's part of the network, and none at all."""
    if not actor.holds(Role.ADMIN):
        raise NotPermitted
    if not wanted:
        raise _bad_memberships(N_("请至少选择一个岗位"))
    if any(role not in rules.STAFF_ROLES for role, _unit_id in wanted):
        raise _bad_memberships(N_("没有这个岗位"))
    unit_ids = {unit_id for _role, unit_id in wanted}
    paths = db.session.scalars(select(units.c.path).where(units.c.id.in_(unit_ids))).all()
    if len(paths) != len(unit_ids) or not all(actor.covers(path, Role.ADMIN) for path in paths):
        raise _bad_memberships(N_("没有这个单位，或不在您的管理范围内"))


def _bad_memberships(sentence: str) -> Invalid:
    return Invalid(sentence, fields={"memberships": [sentence]})


def _add_memberships(user_id: int, wanted: Wanted) -> None:
    for role, unit_id in dict.fromkeys(wanted):
        db.session.add(Membership(user_id=user_id, role=role, unit_id=unit_id))
    db.session.flush()


def create_first_admin(email: str, name: str, password: str, *, now: datetime) -> int:
    """Make the first administrator, at the root of the network; for the command line.

    Raises NotFound while there is no network, and Invalid.
    """
    plain, called = rules.normal_email(email), rules.check_person_name(name)
    rules.check_password(password, email=plain, name=called)
    fresh_hash = passwords.hash_of(password)
    try:
        with transaction():
            root_id = db.session.scalar(select(units.c.id).where(~units.c.path.contains("/")))
            if root_id is None:
                raise NotFound(N_("还没有服务网络，请先建立区中心"))
            user = User(email=plain, name=called, password_hash=fresh_hash, created_at=now)
            db.session.add(user)
            db.session.flush()
            _add_memberships(user.id, [(Role.ADMIN, root_id)])
            return user.id
    except IntegrityError:
        raise Invalid(_TAKEN, fields={"email": [_TAKEN]}) from None
