"""What planning a synthetic history needs to know of the district, read once."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from ticketing.accounts.models import Enterprise, Membership, User
from ticketing.core.actor import Role
from ticketing.core.db import db
from ticketing.core.local_day import day_start, local_date
from ticketing.network import queries as network
from ticketing.network.models import UnitScope
from ticketing.network.queries import SiteInfo, UnitInfo
from ticketing.network.words import ScopePart
from ticketing.sla import queries as sla
from ticketing.sla.actions import limits_for
from ticketing.sla.models import LimitRule
from ticketing.sla.queries import ANY, LimitFor
from ticketing.sla.rules.calendars import WorkCalendar
from ticketing.sla.rules.limits import Limit
from ticketing.sla.words import Metric


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
        self._staff = _staff(filing_roles)
        self.companies = _companies()
        self._calendars: dict[str, tuple[int, WorkCalendar]] = {}
        self._limits: dict[tuple[object, ...], dict[Metric, Limit]] = {}
        rules = list(db.session.scalars(select(LimitRule)))
        self._rules_change_at = sorted({day_start(rule.starts_on) for rule in rules})
        self._by_category = any(rule.category_code != ANY for rule in rules)
        self._by_unit = any(rule.unit_code != ANY for rule in rules)

    def staff(self, unit_id: int, *roles: Role) -> list[Person]:
        """Return who holds the first of ``roles`` that anybody holds in the unit; named accounts first."""
        return next((self._staff[unit_id, role] for role in roles if (unit_id, role) in self._staff), [])

    def calendar(self, name: str) -> tuple[int, WorkCalendar]:
        """Return the id and the hours of the current version of a calendar."""
        if name not in self._calendars:
            calendar_id = sla.current_calendar_id(name)
            self._calendars[name] = (calendar_id, sla.calendar_by_id(calendar_id))
        return self._calendars[name]

    def limits(
        self,
        row: dict[str, object],
        metrics: tuple[Metric, ...],
        unit: UnitInfo,
        at: datetime,
        *,
        is_redo: bool,
    ) -> dict[Metric, Limit]:
        """Return the limits in force at ``at`` for a ticket's row in ``unit``."""
        category = row["category"] if self._by_category else ANY
        code = unit.code if self._by_unit else ANY
        epoch = bisect_right(self._rules_change_at, at)
        key = (row["kind"], row["level"], category, code, epoch, metrics, is_redo)
        if key not in self._limits:
            self._limits[key] = self._looked_up(row, metrics, unit, local_date(at), is_redo=is_redo)
        return self._limits[key]

    def _looked_up(
        self,
        row: dict[str, object],
        metrics: tuple[Metric, ...],
        unit: UnitInfo,
        today: date,
        *,
        is_redo: bool,
    ) -> dict[Metric, Limit]:
        wanted = LimitFor(str(row["kind"]), str(row["level"]), str(row["category"]), unit.code)
        return limits_for(wanted, metrics, today, is_redo=is_redo)


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
