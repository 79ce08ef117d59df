"""Makes the demo district: its network, its people and its companies, in one transaction."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from ticketing.accounts import passwords
from ticketing.accounts.models import Enterprise, Membership, User
from ticketing.accounts.rules import DEMO_DOMAIN, DEMO_PASSWORD
from ticketing.core.db import db, transaction
from ticketing.demo import enterprises, network, people
from ticketing.network.models import Site, Unit, UnitScope
from ticketing.network.words import ScopePart
from ticketing.routing.models import RoutingRule
from ticketing.routing.words import Decides, Target

IN_FORCE_FROM = date(2025, 1, 1)


def is_empty() -> bool:
    """Return whether the database has no network yet."""
    return db.session.scalar(select(Unit.id).limit(1)) is None


def is_demo() -> bool:
    """Return whether the network is the demo district's."""
    wanted = select(User.id).where(User.email == f"enterprise@{DEMO_DOMAIN}").limit(1)
    return db.session.scalar(wanted) is not None


def base(now: datetime) -> bool:
    """Make the district's units, places, duties, staff and companies; do nothing when any unit exists.

    Returns whether anything was made. All accounts share one password, hashed once.
    """
    with transaction():
        if not is_empty():
            return False
        password_hash = passwords.hash_of(DEMO_PASSWORD)
        units = _make_units()
        sites = _make_sites(units)
        _make_duties(units)
        _make_rules(units, now)
        _make_staff(units, password_hash, now)
        _make_companies(sites, password_hash, now)
    return True


def _make_units() -> dict[str, Unit]:
    made: dict[str, Unit] = {}
    for number, plan in enumerate(network.units(), start=1):
        parent = made[plan.parent] if plan.parent else None
        made[plan.code] = Unit(
            code=plan.code,
            name=plan.name,
            name_en=plan.name_en,
            kind=plan.kind,
            parent_id=parent.id if parent else None,
            path=f"{parent.path}/{plan.code}" if parent else plan.code,
            phone=people.landline(number),
        )
        db.session.add(made[plan.code])
        db.session.flush()
    return made


def _make_sites(units: dict[str, Unit]) -> list[str]:
    plans = network.sites()
    db.session.add_all(
        Site(
            code=plan.code,
            name=plan.name,
            name_en=plan.name_en,
            kind=plan.kind,
            unit_id=units[plan.unit].id,
        )
        for plan in plans
    )
    return [plan.code for plan in plans]


def _make_duties(units: dict[str, Unit]) -> None:
    for category, (leads, helpers) in network.DUTIES.items():
        for codes, part in ((leads, ScopePart.LEAD), (helpers, ScopePart.HELP)):
            db.session.add_all(
                UnitScope(unit_id=units[code].id, category_code=category, part=part) for code in codes
            )


def _make_rules(units: dict[str, Unit], now: datetime) -> None:
    db.session.add_all(
        RoutingRule(
            code=plan.code,
            version=1,
            name=plan.name,
            name_en=plan.name_en,
            decides=Decides.LEAD,
            priority=plan.priority,
            conditions=plan.conditions,
            target=Target.UNIT,
            unit_id=units[plan.unit].id,
            starts_on=IN_FORCE_FROM,
            made_at=now,
        )
        for plan in network.RULES
    )


def _make_staff(units: dict[str, Unit], password_hash: str, now: datetime) -> None:
    on_duty: dict[str, tuple[int, int]] = {}
    for number, plan in enumerate(people.staff(network.units())):
        user = _user(plan.email, plan.name, people.mobile(number), password_hash, now)
        unit = units[plan.unit]
        db.session.add(user)
        db.session.flush()
        db.session.add_all(Membership(user_id=user.id, role=role, unit_id=unit.id) for role in plan.roles)
        ranks = [people.DUTY_ROLES.index(role) for role in plan.roles if role in people.DUTY_ROLES]
        if ranks and min(ranks) < on_duty.get(plan.unit, (len(people.DUTY_ROLES), 0))[0]:
            on_duty[plan.unit] = (min(ranks), user.id)
    for code, (_rank, user_id) in on_duty.items():
        units[code].duty_user_id = user_id


def _make_companies(sites: list[str], password_hash: str, now: datetime) -> None:
    for number in range(enterprises.BASE_COMPANIES):
        plan = enterprises.company(number, sites)
        company = Enterprise(
            uscc=plan.uscc, name=plan.name, is_verified=True, site_code=plan.site, created_at=now
        )
        db.session.add(company)
        db.session.flush()
        for place, person in enumerate(plan.people):
            user = _user(person.email, person.name, person.phone, password_hash, now)
            user.enterprise_id = company.id
            user.is_enterprise_admin = place == 0
            db.session.add(user)


def _user(email: str, name: str, phone: str, password_hash: str, now: datetime) -> User:
    return User(email=email, name=name, phone=phone, password_hash=password_hash, created_at=now)
