"""The life of one synthetic ticket, step by step, until it ends or the present is reached."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from ticketing.core.actor import Role
from ticketing.demo import stories, verbs
from ticketing.demo.case import Case
from ticketing.demo.district import Person
from ticketing.demo.plan import Start
from ticketing.demo.worktime import WorkTime
from ticketing.network.queries import UnitInfo
from ticketing.network.words import UnitKind
from ticketing.tickets.words import Kind, Level, State

T = TypeVar("T")
_MINUTE = 60
_NIGHT = timedelta(hours=9)
_NIGHT_HOURS_UTC = range(15, 23)  # 23:00 to 07:00 in the district


class Over(Exception):
    """The ticket has ended, stands where it shall be caught, or the next step lies in the future."""


class Life:
    """One ticket on its way: the present moment of its story, and whom and what chance picks."""

    def __init__(self, case: Case, start: Start, rng: random.Random, work: WorkTime, now: datetime) -> None:
        self.case = case
        self.start = start
        self.rng = rng
        self.work = work
        self.now = now
        self.t = start.filed_at
        self.district = case.district
        self.company = start.company.person

    # What chance decides

    def chance(self, share: float) -> bool:
        """Whether something that happens to ``share`` of tickets happens; never on the way to a catch."""
        return self.start.caught_in is None and self.rng.random() < share

    def often(self, share: float) -> bool:
        """Whether a harmless thing happens, caught or not."""
        return self.rng.random() < share

    def pick(self, choices: list[T]) -> T:
        """Return one of ``choices``."""
        return choices[int(self.rng.random() * len(choices))]

    def caught(self, state: State) -> None:
        """End the story when the ticket shall be caught in ``state``."""
        if self.start.caught_in is state:
            raise Over

    # When it happens

    def pass_time(self, low: float, high: float) -> datetime:
        """Let between ``low`` and ``high`` minutes pass: of office time, or of any when it is urgent."""
        seconds = _MINUTE * (low + (high - low) * self.rng.random() ** 2)
        return self._go_to(self._plus(self.t, seconds))

    def pass_until(self, due: datetime | None, late: float, low: float, high: float) -> datetime:
        """Let time pass up to a share between ``low`` and ``high`` of what is left until ``due``.

        ``late``: how likely it is that the deadline is missed.
        """
        if due is not None and self.start.caught_in is not None:
            due = min(due, self.now)
        elif due is not None and self.rng.random() < late:
            return self._go_to(self._plus(max(due, self.t), _MINUTE * self.rng.randint(10, 900)))
        if due is None or due <= self.t:
            return self.pass_time(5, 60)
        share = low + (high - low) * self.rng.random()
        if self.is_urgent:
            seconds = int((due - self.t).total_seconds() * share)
            return self._go_to(self.t + timedelta(seconds=seconds))
        return self._go_to(max(self.work.between(self.t, due, share), self.t + timedelta(seconds=20)))

    def own_time(self, low: float, high: float) -> datetime:
        """Let between ``low`` and ``high`` minutes pass on the company's own time; nobody acts at night."""
        seconds = int(_MINUTE * (low + (high - low) * self.rng.random() ** 2))
        at = self.t + timedelta(seconds=seconds)
        return self._go_to(at + _NIGHT if at.hour in _NIGHT_HOURS_UTC else at)

    def skip_to(self, at: datetime) -> datetime:
        """Let time pass until ``at``."""
        return self._go_to(max(at.astimezone(UTC), self.t))

    @property
    def is_urgent(self) -> bool:
        """Whether the ticket is worked on around the clock."""
        return self.case.row["level"] is Level.URGENT

    def _plus(self, at: datetime, seconds: float) -> datetime:
        if self.is_urgent:
            return at + timedelta(seconds=int(seconds))
        return max(self.work.after(at, seconds), at + timedelta(seconds=20))

    def _go_to(self, at: datetime) -> datetime:
        if at >= self.now:
            raise Over
        self.t = at
        return at

    # Who does it

    def one_of(self, unit_id: int, *roles: Role) -> Person:
        """Return somebody with one of ``roles`` in the unit; whoever is named first, more often."""
        people = self.district.staff(unit_id, *roles)
        return people[0] if len(people) == 1 or self.rng.random() < 0.6 else self.pick(people)  # noqa: PLR2004

    def clerk(self) -> Person:
        """Return who takes requests on at the centre."""
        return self.one_of(self.district.centre.id, Role.INTAKE_CLERK)

    def dispatcher(self) -> Person:
        """Return the centre's dispatcher."""
        return self.one_of(self.district.centre.id, Role.DISPATCHER)

    def supervisor(self) -> Person:
        """Return the centre's supervisor."""
        return self.one_of(self.district.centre.id, Role.SUPERVISOR)

    def liaison(self) -> Person:
        """Return who signs for the unit that has the ticket."""
        return self.one_of(self.case.row["unit_id"], Role.LIAISON, Role.STATION_HEAD)

    def leader(self) -> Person:
        """Return who approves in the unit that has the ticket."""
        return self.one_of(self.case.row["unit_id"], Role.UNIT_LEADER, Role.STATION_HEAD)

    def handler(self) -> Person:
        """Return the named handler, or anybody of the unit who may handle."""
        unit_id, named = self.case.row["unit_id"], self.case.row["handler_id"]
        people = self.district.staff(unit_id, Role.HANDLER, Role.STATION_HEAD)
        if named is not None:
            return next(person for person in people if person.id == named)
        return people[0] if self.rng.random() < 0.6 else self.pick(people)  # noqa: PLR2004

    def lead_unit(self) -> UnitInfo:
        """Return a unit that usually leads in the ticket's category."""
        return self.pick(self.district.leads[self.case.row["category"]])

    def helpers(self) -> list[UnitInfo]:
        """Return the units that usually help in the ticket's category, without the one that has it."""
        found = self.district.helpers.get(self.case.row["category"], [])
        return [unit for unit in found if unit.id != self.case.row["unit_id"]]

    def own_area(self) -> UnitInfo | None:
        """Return the area in whose territory the ticket came in."""
        unit = self.district.net.by_id[self.case.row["origin_unit_id"]]
        if unit.kind is UnitKind.STATION:
            unit = self.district.net.parent(unit)
        return unit if unit.kind is UnitKind.AREA else None

    # What is said

    def reply(self) -> str:
        """Return the reply of the unit that has the ticket."""
        person = self.handler()
        is_praise = self.case.row["kind"] is Kind.PRAISE
        return self.pick(stories.PRAISE_REPLIES if is_praise else stories.REPLIES).format(
            title=self.start.texts[0],
            unit=self.case.unit.name,
            done=self.start.texts[2],
            name=person.name[:1] + "工",
            phone=self.case.unit.phone,
        )

    def quick_reply(self) -> str:
        """Return an answer given on the spot."""
        title, _description, done = self.start.texts
        phone = self.district.centre.phone
        return self.pick(stories.QUICK_REPLIES).format(title=title, done=done, phone=phone)

    # Anything may happen along the way

    def withdraw_perhaps(self, share: float) -> None:
        """Let the company take its request back."""
        if self.chance(share):
            verbs.withdraw(self.case, self.company, self.pass_time(5, 120), self.pick(stories.WITHDRAWALS))
            raise Over
