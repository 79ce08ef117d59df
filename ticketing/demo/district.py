"""What planning a synthetic history needs to know of the district, read once."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any

from sqlalchemy import select

from ticketing.accounts.models import Enterprise, Membership, User
from ticketing.core.actor import Role
from ticketing.core.db import db
from ticketing.core.local_day import day_start, local_date
from ticketing.network import queries as network
from ticketing.network.models import UnitScope
from ticketing.network.queries import SiteInfo, UnitInfo
from ticketing.network.words import ScopePart
from ticketing.routing import queries as routing
from ticketing.routing.rules.deciding import Asked, Decision, decide
from ticketing.routing.words import Decides
from ticketing.sla import queries as sla
from ticketing.sla.actions.clocks import terms_for
from ticketing.sla.models import LimitRule
from ticketing.sla.queries import ANY, LimitFor, Term
from ticketing.sla.rules.calendars import WorkCalendar
from ticketing.sla.words import PROMISED, Metric
from ticketing.tickets.words import Kind, Level

WORK_CLOCKS = (Metric.SIGN, *PROMISED)
# Which clocks are ever started together, and whether for a redo.
METRICS: list[tuple[tuple[Metric, ...], bool]] = [
    (PROMISED, False),
    ((Metric.SIGN,), False),
    ((Metric.REVISIT,), False),
    (WORK_CLOCKS, True),
]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who acts: a staff member in one unit, or somebody of a company (``unit_id`` None)."""

    id: int | None
    name: str = ""
    email: str = ""
    phone: str = ""
    unit_id: int | None = None
    files_for_unit: bool = False


NOBODY = Person(None)  # the system itself


@dataclass(frozen=True, slots=True)
class Company:
    """One company and the person who files for it."""

    id: int
    name: str
    site: str
    person: Person


class District:
    """Units, duties, people, limits and calendars, as they stand when loading begins."""

    def __init__(self, filing_roles: tuple[Role, ...]) -> None:
        self.net = network.network()
        self.centre = self.net.centre
        self.sites: dict[str, SiteInfo] = {site.code: site for site in network.sites()}
        self.leads: dict[str, list[UnitInfo]] = {}
        self.helpers: dict[str, list[UnitInfo]] = {}
        for scope in db.session.scalars(select(UnitScope).order_by(UnitScope.unit_id)):
            side = self.leads if scope.part is ScopePart.LEAD else self.helpers
            side.setdefault(scope.category_code, []).append(self.net.by_id[scope.unit_id])
        self._places = {site.id: site for site in self.sites.values()}
        self._book = routing.book()
        self._staff = _staff(filing_roles)
        self.companies = _companies()
        self.company_names = {company.id: company.name for company in self.companies}
        rules = list(db.session.scalars(select(LimitRule)))
        named = {unit.calendar_name for unit in self.net.by_id.values()}
        named |= {rule.calendar_name for rule in rules if rule.calendar_name}
        self._calendars = {name: _calendar(name) for name in named}
        self._rules = LimitTable(rules)
        # By the term itself, of which the table has one each for good, and the calendar it is counted by.
        self._counted: dict[tuple[int, int], Term] = {}

    def staff(self, unit_id: int, *roles: Role) -> list[Person]:
        """Return who holds the first of ``roles`` that anybody holds in the unit; named accounts first."""
        for role in roles:
            if found := self._staff.get((unit_id, role)):
                return found
        return []

    def taken_in(self, row: dict[str, Any], at: datetime) -> Decision:
        """Return who takes in a request filed at ``at``, as ``routing.queries.intake`` would."""
        rules = self._book.in_force(Decides.INTAKE, local_date(at))
        return decide(Decides.INTAKE, rules, self._asked(row), self.net)

    def proposed(self, row: dict[str, Any], at: datetime) -> Decision:
        """Return whom the rules propose to lead at ``at``, as ``routing.queries.lead`` would."""
        leads = [unit.id for unit in self.leads.get(row["category"], ())]
        rules = self._book.in_force(Decides.LEAD, local_date(at))
        return decide(Decides.LEAD, rules, self._asked(row), self.net, leads)

    def _asked(self, row: dict[str, Any]) -> Asked:
        place = self._places.get(row["site_id"])
        return Asked(
            category=row["category"],
            kind=row["kind"],
            level=row["level"],
            channel=row["channel"],
            site=place.code if place else "",
            path=self.net.by_id[place.unit_id].path if place else "",
            text=f"{row['title']}\n{row['description']}",
        )

    def calendar(self, name: str) -> tuple[int, WorkCalendar]:
        """Return the id and the hours of the current version of a calendar."""
        return self._calendars[name]

    def terms(
        self,
        row: dict[str, Any],
        metrics: tuple[Metric, ...],
        unit: UnitInfo,
        at: datetime,
        *,
        is_redo: bool,
    ) -> dict[Metric, tuple[Term, WorkCalendar]]:
        """Return by what clocks of some ``METRICS`` count at ``at`` for a ticket's row in ``unit``."""
        wanted = LimitFor(row["kind"], row["level"], row["category"], unit.code)
        found = {}
        for metric, term in self._rules.terms(wanted, metrics, at, is_redo=is_redo).items():
            calendar_id, hours = self._calendars[term.calendar_name or unit.calendar_name]
            key = (id(term), calendar_id)
            if key not in self._counted:
                self._counted[key] = replace(term, calendar_id=calendar_id)
            found[metric] = (self._counted[key], hours)
        return found


class LimitTable:
    """All answers of ``terms_for``, asked beforehand: planning may run where no database is."""

    def __init__(self, rules: list[LimitRule]) -> None:
        changes = sorted({rule.starts_on for rule in rules})
        self._changes_at = [day_start(on) for on in changes]
        self._categories = {rule.category_code for rule in rules} | {ANY}
        self._units = {rule.unit_code for rule in rules} | {ANY}
        days = [changes[0] - timedelta(days=1), *changes] if changes else []
        self._known = {
            (kind.value, level.value, category, unit, epoch, metrics, is_redo): terms_for(
                LimitFor(kind, level, category, unit), None, metrics, day, is_redo=is_redo
            )
            for kind, level, category, unit in product(Kind, Level, self._categories, self._units)
            for epoch, day in enumerate(days)
            for metrics, is_redo in METRICS
        }

    def terms(
        self, wanted: LimitFor, metrics: tuple[Metric, ...], at: datetime, *, is_redo: bool
    ) -> dict[Metric, Term]:
        """Return what ``terms_for`` would say on the district's day of ``at``, without the calendar's id."""
        category = wanted.category_code if wanted.category_code in self._categories else ANY
        unit = wanted.unit_code if wanted.unit_code in self._units else ANY
        epoch = bisect_right(self._changes_at, at)
        return self._known[wanted.kind, wanted.level, category, unit, epoch, metrics, is_redo]


def _calendar(name: str) -> tuple[int, WorkCalendar]:
    calendar_id = sla.current_calendar_id(name)
    return calendar_id, sla.calendar_by_id(calendar_id)


def _staff(filing_roles: tuple[Role, ...]) -> dict[tuple[int, Role], list[Person]]:
    found: dict[tuple[int, Role], list[Person]] = {}
    rows = db.session.execute(
        select(Membership.unit_id, Membership.role, User.id, User.name, User.email, User.phone)
        .join(User, User.id == Membership.user_id)
        .where(User.is_active)
        .order_by(User.id, Membership.id)
    ).all()
    filers = {row.id for row in rows if row.role in filing_roles}
    for unit_id, role, user_id, name, email, phone in rows:
        person = Person(user_id, name, email, phone, unit_id, user_id in filers)
        found.setdefault((unit_id, role), []).append(person)
    return found


def _companies() -> list[Company]:
    rows = db.session.execute(
        select(
            Enterprise.id, Enterprise.name, Enterprise.site_code, User.id, User.name, User.email, User.phone
        )
        .join(User, User.enterprise_id == Enterprise.id)
        .where(User.is_enterprise_admin, Enterprise.site_code.is_not(None))
        .order_by(Enterprise.id, User.id)
    )
    found = {row[0]: Company(row[0], row[1], row[2] or "", Person(*row[3:])) for row in rows}
    return list(found.values())
