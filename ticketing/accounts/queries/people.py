"""Reads of people, companies and invitations."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, or_, select

from ticketing.accounts import rules
from ticketing.accounts.models import Enterprise, Invitation, Membership, User
from ticketing.accounts.queries.identity import units
from ticketing.core.actor import Actor, Role
from ticketing.core.db import db
from ticketing.core.errors import NotFound, NotPermitted

SEARCH_LIMIT = 10
PAGE_ROWS = 50


@dataclass(frozen=True, slots=True)
class Holder:
    """One active person holding one role in one unit."""

    user_id: int
    name: str
    role: Role
    unit_id: int


def users_in(unit_ids: Collection[int], roles: Collection[Role]) -> list[Holder]:
    """Return the active people holding any of ``roles`` in exactly these units, by name."""
    rows = db.session.execute(
        select(User.id, User.name, Membership.role, Membership.unit_id)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.unit_id.in_(unit_ids), Membership.role.in_(roles), User.is_active)
        .order_by(User.name, User.id)
    )
    return [Holder(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Company:
    """One company as lists show it."""

    id: int
    uscc: str | None
    name: str
    is_verified: bool
    site_code: str | None


def _companies(*conditions: ColumnElement[bool]) -> list[Company]:
    rows = db.session.execute(
        select(Enterprise.id, Enterprise.uscc, Enterprise.name, Enterprise.is_verified, Enterprise.site_code)
        .where(*conditions)
        .order_by(Enterprise.name, Enterprise.id)
        .limit(SEARCH_LIMIT)
    )
    return [Company(*row) for row in rows]


def enterprise_search(actor: Actor, text: str) -> list[Company]:
    """Return up to ten companies whose name contains ``text`` or whose code it is; intake staff only.

    Raises NotPermitted. An empty text finds nothing.
    """
    if not actor.holds(*rules.INTAKE_ROLES):
        raise NotPermitted
    plain = text.strip()[:120]
    if not plain:
        return []
    return _companies(or_(Enterprise.uscc == plain.upper(), Enterprise.name.contains(plain, autoescape=True)))


def own_company(actor: Actor) -> Company:
    """Return the company the person belongs to; raises NotFound for anyone else."""
    found = _companies(Enterprise.id == actor.enterprise_id) if actor.enterprise_id is not None else []
    if not found:
        raise NotFound
    return found[0]


@dataclass(frozen=True, slots=True)
class Person:
    """One account as lists show it; ``roles`` are (role, unit id, unit name, unit name in English)."""

    id: int
    email: str
    name: str
    phone: str
    is_active: bool
    is_enterprise_admin: bool
    company: str | None
    has_password: bool
    roles: tuple[tuple[Role, int, str, str], ...] = field(default=())


def colleagues(actor: Actor) -> list[Person]:
    """Return the people of the person's own company, active first; empty for anyone without one."""
    if actor.enterprise_id is None:
        return []
    return _listed(
        select(User.id)
        .where(User.enterprise_id == actor.enterprise_id)
        .order_by(User.is_active.desc(), User.id)
        .limit(500)
    )


def people(actor: Actor, text: str = "", *, after: int = 0) -> tuple[list[Person], int | None]:
    """Return one page of the accounts an administrator looks after, and the id to go on after.

    ``text`` is part of a name or an address. Raises NotPermitted.
    """
    wanted = select(User.id).where(User.id > after, managed_by(actor)).order_by(User.id).limit(PAGE_ROWS + 1)
    plain = text.strip()[:120]
    if plain:
        is_named = User.name.contains(plain, autoescape=True)
        wanted = wanted.where(or_(is_named, User.email.contains(plain.lower(), autoescape=True)))
    found = _listed(wanted)
    return found[:PAGE_ROWS], found[PAGE_ROWS - 1].id if len(found) > PAGE_ROWS else None


def one_person(actor: Actor, user_id: int) -> Person:
    """Return one account the administrator looks after; raises NotPermitted or NotFound."""
    found = _listed(select(User.id).where(User.id == user_id, managed_by(actor)))
    if not found:
        raise NotFound
    return found[0]


def managed_by(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the accounts an administrator looks after; raises NotPermitted.

    The centre's administrator looks after everyone; another unit's after staff whose every role lies there.
    """
    paths = [grant.path for grant in actor.grants if grant.role is Role.ADMIN]
    if not paths:
        raise NotPermitted
    if any("/" not in path for path in paths):
        return User.id > 0
    inside = or_(
        *(or_(units.c.path == path, units.c.path.startswith(path + "/", autoescape=True)) for path in paths)
    )
    held = select(Membership.user_id).join(units, units.c.id == Membership.unit_id)
    return User.id.in_(held.where(inside)) & User.id.not_in(held.where(~inside))


def _listed(ids: Select[*tuple[Any, ...]]) -> list[Person]:
    wanted = ids.subquery()
    rows = db.session.execute(
        select(User, Enterprise.name, Membership.role, units.c.id, units.c.name, units.c.name_en)
        .join(wanted, wanted.c.id == User.id)
        .outerjoin(Enterprise, Enterprise.id == User.enterprise_id)
        .outerjoin(Membership, Membership.user_id == User.id)
        .outerjoin(units, units.c.id == Membership.unit_id)
        .order_by(User.id, Membership.id)
    )
    return _grouped(rows)


def _grouped(rows: Iterable[Row[*tuple[Any, ...]]]) -> list[Person]:
    users: dict[int, tuple[User, str | None]] = {}
    roles: dict[int, list[tuple[Role, int, str, str]]] = {}
    for user, company, role, unit_id, unit_name, unit_name_en in rows:
        users[user.id] = (user, company)
        held = roles.setdefault(user.id, [])
        if role is not None:
            held.append((role, unit_id, unit_name, unit_name_en))
    return [
        Person(
            user.id, user.email, user.name, user.phone, user.is_active, user.is_enterprise_admin, company,
            user.password_hash != rules.NO_PASSWORD, tuple(roles[user.id]),
        )
        for user, company in users.values()
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class UnitName:
    """One unit as a choice."""

    id: int
    code: str
    name: str
    name_en: str


def assignable_units(actor: Actor) -> list[UnitName]:
    """Return the units in which the administrator may give roles, in the order of the tree."""
    rows = db.session.execute(
        select(units.c.id, units.c.code, units.c.name, units.c.name_en, units.c.path).order_by(units.c.path)
    )
    return [UnitName(*row[:4]) for row in rows if actor.covers(row[4], Role.ADMIN)]


@dataclass(frozen=True, slots=True)
class Invited:
    """What an invitation's link shows: whom it is for, and what it opens."""

    email: str
    company: str | None
    name: str
    phone: str


def invitation(token: str, *, now: datetime) -> Invited:
    """Return what a link opens; raises NotFound when unknown, used or expired."""
    row = db.session.execute(
        select(Invitation.email, Enterprise.name, User.name, User.phone)
        .outerjoin(Enterprise, Enterprise.id == Invitation.enterprise_id)
        .outerjoin(User, User.id == Invitation.user_id)
        .where(*open_invitation(token, now))
    ).first()
    if row is None:
        raise NotFound
    return Invited(row[0], row[1], row[2] or "", row[3] or "")


def open_invitation(token: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions under which an invitation's link still works."""
    return (
        Invitation.token_hash == rules.hashed(token),
        Invitation.used_at.is_(None),
        Invitation.expires_at > now,
    )


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """One invitation of the company that nobody has used yet."""

    id: int
    email: str
    is_admin: bool
    expires_at: datetime


def open_invitations(actor: Actor, *, now: datetime) -> list[OpenInvitation]:
    """Return the own company's invitations that still work, for its administrators."""
    if actor.enterprise_id is None or not actor.is_enterprise_admin:
        return []
    rows = db.session.execute(
        select(Invitation.id, Invitation.email, Invitation.is_admin, Invitation.expires_at)
        .where(
            Invitation.enterprise_id == actor.enterprise_id,
            Invitation.used_at.is_(None),
            Invitation.expires_at > now,
        )
        .order_by(Invitation.id)
        .limit(200)
    )
    return [OpenInvitation(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One line of the demo's sign-in page."""

    email: str
    name: str
    roles: tuple[tuple[Role, int, str, str], ...]
    company: str | None


def demo_accounts() -> list[DemoAccount]:
    """Return the demo's named accounts, those of companies first; only for demo mode."""
    order = {f"{name}@{rules.DEMO_DOMAIN}": place for place, name in enumerate(rules.DEMO_NAMES)}
    found = _listed(select(User.id).where(User.email.in_(order), User.is_active))
    found.sort(key=lambda one: order[one.email])
    return [DemoAccount(one.email, one.name, one.roles, one.company) for one in found]
