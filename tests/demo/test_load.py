"""The demo district: accounts of the contract, a network that can work, companies that pass every check."""

from __future__ import annotations

from sqlalchemy import func, select

from tests.demo.conftest import NOW
from ticketing.accounts import passwords
from ticketing.accounts.models import Enterprise, Membership, User
from ticketing.accounts.rules import DEMO_PASSWORD, check_uscc
from ticketing.core.actor import Role
from ticketing.core.db import db
from ticketing.demo import enterprises, load
from ticketing.network.models import Category, Site, Unit, UnitScope
from ticketing.network.words import ScopePart, UnitKind

R = Role
CONTRACT = {
    "clerk": ("C0", {R.INTAKE_CLERK}),
    "dispatcher": ("C0", {R.DISPATCHER, R.LIAISON, R.HANDLER, R.UNIT_LEADER}),
    "station": ("S101", {R.STATION_HEAD}),
    "station2": ("S201", {R.STATION_HEAD}),
    "area": ("A1", {R.DISPATCHER, R.LIAISON, R.HANDLER, R.UNIT_LEADER}),
    "dept": ("D-PWR", {R.LIAISON, R.HANDLER}),
    "deptlead": ("D-PWR", {R.UNIT_LEADER}),
    "dept2": ("D-HRS", {R.LIAISON, R.HANDLER, R.UNIT_LEADER}),
    "supervisor": ("C0", {R.SUPERVISOR}),
    "caller": ("C0", {R.CALLER}),
    "manager": ("C0", {R.LEADER}),
    "policy": ("C0", {R.POLICY_OFFICER}),
    "project": ("A1", {R.CHIEF_OFFICER}),
    "admin": ("C0", {R.ADMIN}),
    "auditor": ("C0", {R.AUDITOR}),
}


def grants() -> dict[str, dict[str, set[Role]]]:
    """Return the roles held, by address and unit."""
    found: dict[str, dict[str, set[Role]]] = {}
    rows = db.session.execute(
        select(User.email, Unit.code, Membership.role)
        .join(Membership, Membership.user_id == User.id)
        .join(Unit, Unit.id == Membership.unit_id)
    )
    for email, code, role in rows:
        found.setdefault(email, {}).setdefault(code, set()).add(role)
    return found


def counts() -> list[int | None]:
    return [
        db.session.scalar(select(func.count()).select_from(table))
        for table in (Unit, Site, UnitScope, User, Membership, Enterprise)
    ]


def test_the_accounts_of_the_contract_have_their_roles(app):
    held = grants()

    assert {name: held[f"{name}@demo.example"] for name in CONTRACT} == {
        name: {unit: roles} for name, (unit, roles) in CONTRACT.items()
    }


def test_every_account_opens_with_the_demo_password(app):
    hashes = set(db.session.scalars(select(User.password_hash)))

    assert [passwords.is_right(DEMO_PASSWORD, found) for found in hashes] == [True]


def test_the_two_company_accounts_administer_different_companies(app):
    admins = [
        db.session.scalars(select(User).where(User.email == f"{name}@demo.example")).one()
        for name in ("enterprise", "enterprise2")
    ]

    assert all(admin.is_enterprise_admin for admin in admins)
    assert len({admin.enterprise_id for admin in admins} - {None}) == 2
    for admin in admins:
        colleagues = select(func.count()).where(
            User.enterprise_id == admin.enterprise_id, User.is_enterprise_admin.is_(False)
        )
        assert db.session.scalar(colleagues)


def test_the_network_has_the_size_of_the_contract(app):
    units = list(db.session.scalars(select(Unit)))
    kinds = [unit.kind for unit in units]

    assert kinds.count(UnitKind.CENTRE) == 1
    assert [unit.code for unit in units if unit.kind is UnitKind.AREA] == ["A1", "A2", "A3"]
    assert kinds.count(UnitKind.STATION) >= 15
    assert kinds.count(UnitKind.DEPARTMENT) >= 20
    assert all(unit.path.startswith(f"C0/A{unit.code[1]}/") for unit in units if unit.code[0] == "S")
    assert all(unit.name_en and unit.phone and unit.duty_user_id for unit in units)


def test_every_unit_can_sign_handle_and_approve(app):
    by_unit: dict[str, set[Role]] = {}
    for units in grants().values():
        for code, roles in units.items():
            by_unit.setdefault(code, set()).update(roles)
    complete = {R.LIAISON, R.HANDLER, R.UNIT_LEADER}

    codes = set(db.session.scalars(select(Unit.code)))
    unable = {c for c in codes if not (complete <= by_unit[c] or R.STATION_HEAD in by_unit[c])}

    assert unable == set()


def test_every_station_has_a_place_and_some_places_have_no_station(app):
    kinds = dict(db.session.execute(select(Site.code, Unit.kind).join(Unit, Unit.id == Site.unit_id)).all())
    stations = set(db.session.scalars(select(Unit.id).where(Unit.kind == UnitKind.STATION)))

    assert stations <= set(db.session.scalars(select(Site.unit_id)))
    assert set(kinds.values()) == {UnitKind.STATION, UnitKind.AREA}


def test_every_category_has_a_unit_that_leads(app):
    led = set(db.session.scalars(select(UnitScope.category_code).where(UnitScope.part == ScopePart.LEAD)))

    assert led == set(db.session.scalars(select(Category.code)))


def test_companies_have_well_formed_codes_names_of_their_own_and_a_known_place(app):
    companies = list(db.session.scalars(select(Enterprise)))
    places = set(db.session.scalars(select(Site.code)))

    assert len(companies) == enterprises.BASE_COMPANIES
    assert [check_uscc(company.uscc or "") for company in companies] == [
        company.uscc for company in companies
    ]
    assert len({company.name for company in companies}) == len(companies)
    assert {company.site_code for company in companies} <= places


def test_twenty_thousand_companies_differ_in_name_and_code():
    made = [enterprises.company(number, ["PK01"]) for number in range(20_000)]

    assert len({plan.name for plan in made}) == len({plan.uscc for plan in made}) == 20_000
    assert len({person.email for plan in made for person in plan.people}) == 20_000 + 3


def test_loading_twice_changes_nothing(app):
    before = counts()

    assert load.base(NOW) is False
    assert counts() == before
