"""What a synthetic ticket is at its start: whose, about what, how and when it came, how far it gets."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from ticketing.core.actor import Role
from ticketing.core.local_day import local_date
from ticketing.demo.district import Company, District, Person
from ticketing.demo.stories import Story, stories
from ticketing.demo.worktime import WorkTime
from ticketing.network.queries import SiteInfo
from ticketing.network.words import UnitKind
from ticketing.tickets import rules
from ticketing.tickets.words import Channel, Kind, Level, State

T = TypeVar("T")
WORK_DAY = 7 * 3600
# fmt: off
_CATEGORIES = {
    "POL": 9, "TAL": 9, "FIN": 8, "APP": 7, "PWR": 11, "LND": 6, "LAB": 6, "TAX": 5, "PRJ": 5, "TRA": 5,
    "EDU": 5, "ENV": 4, "SAF": 4, "TEC": 4, "MKT": 3, "MKS": 3, "WTR": 3, "CTY": 3,
    "TRD": 3, "IPR": 2, "LAW": 2, "LOG": 2, "DIG": 2, "GAS": 2, "ADM": 1, "OTH": 2,
}
_KINDS = {
    Kind.HELP: 50, Kind.CONSULT: 22, Kind.COMPLAINT: 13, Kind.SUGGESTION: 9, Kind.PRAISE: 3,
    Kind.VIOLATION_REPORT: 8,
}
_CHANNELS = {
    Channel.PLATFORM: 44, Channel.HOTLINE_12345: 16, Channel.STATION: 9, Channel.PHONE: 8, Channel.VISIT: 6,
    Channel.APP_SST: 5, Channel.COUNTER: 3, Channel.DEPT_REPORT: 3, Channel.MEETING: 2,
    Channel.CANT_DO_WINDOW: 2, Channel.FORUM_HSWS: 1, Channel.BIZ_ENV_LINE: 1,
}
# In the open, a share of tickets shall be caught in each state, received so many working days ago.
_CAUGHT: dict[State, tuple[int, float, float]] = {
    State.SUBMITTED: (10, 0.05, 0.5), State.NEED_INFO: (10, 0.3, 3), State.ACCEPTED: (9, 0.1, 0.6),
    State.DISPATCHED: (13, 0.1, 0.8), State.RETURN_REVIEW: (6, 0.3, 1.2), State.PROCESSING: (28, 0.5, 0.95),
    State.SUSPENDED: (7, 2, 15), State.REPLY_REVIEW: (9, 0.6, 0.95), State.REPLIED: (6, 0.6, 0.95),
    State.DRAFT: (3, 0.1, 3),
}
_BY_PROMISE = {State.PROCESSING, State.REPLY_REVIEW, State.REPLIED}
_USUAL_DAYS = {
    Kind.CONSULT: 2, Kind.HELP: 5, Kind.PRAISE: 5, Kind.COMPLAINT: 10, Kind.SUGGESTION: 10,
    Kind.VIOLATION_REPORT: 10,
}
# fmt: on
_LEVEL_DAYS = {Level.URGENT: 0.9, Level.MAJOR: 15}
_CAUGHT_SHARE = 0.24
_ROUND_THE_CLOCK = {Channel.PLATFORM, Channel.HOTLINE_12345, Channel.APP_SST, Channel.FORUM_HSWS}
_AT_THE_STATION = {Channel.STATION, Channel.VISIT}
_BY_HOUR = [1, 1, 1, 1, 1, 1, 2, 5, 12, 22, 24, 20, 9, 16, 22, 22, 18, 12, 7, 7, 7, 6, 4, 2]
_HOURS = [hour for hour, weight in enumerate(_BY_HOUR) for _ in range(weight)]
_USUALLY_OPEN_DAYS = 7  # of the others, about those received in the last days are open
_LEAST_SHARE = 0.001
_EVERY_SO_MANY = 16  # one ticket in so many is caught by turns, so that small loads have every state
_AMONG_SO_MANY = 1.5  # times as many as are caught are the last, among which they are


@dataclass(frozen=True, slots=True)
class Start:
    """The beginning of one ticket."""

    company: Company
    site: SiteInfo | None
    story: Story
    texts: tuple[str, str, str]
    level: Level
    channel: Channel
    filer: Person
    received_at: datetime
    filed_at: datetime
    caught_in: State | None


class Arrivals:
    """The order in which tickets come: one after the other, those that shall be open among the last.

    So the rows lie in the tables as they do where a district has filled them.
    """

    def __init__(self, count: int, days: int, open_share: float | None = None) -> None:
        """``open_share``: about how many of all shall be open; by default more than a quarter."""
        self._count = count
        self._days = days
        every, share = float(_EVERY_SO_MANY), _CAUGHT_SHARE
        if open_share is not None:
            wanted = max(open_share - _USUALLY_OPEN_DAYS / days, _LEAST_SHARE)
            every, share = max(every, 2 / wanted), wanted / 2
        self._caught = share + 1 / every
        self._last = min(self._caught * _AMONG_SO_MANY, 1.0)
        self._every = round(every * self._last)
        self._share = share / self._last / (1 - 1 / self._every)

    def caught(self, turn: int, states: list[State], rng: random.Random) -> State | None:
        """Return the state in which the ticket shall be caught; ``states``: each as often as it weighs."""
        if turn <= self._count * (1 - self._last):
            return None
        if turn % self._every == 0:
            each = list(_CAUGHT)
            return each[turn // self._every % len(each)]
        return rng.choice(states) if rng.random() < self._share else None

    def age(self, turn: int, rng: random.Random) -> timedelta:
        """Return how long ago a ticket came that is not caught."""
        place = (turn - rng.random()) / self._count
        caught = max(place - 1 + self._last, 0) * self._caught / self._last
        return timedelta(days=self._days * (1 - (place - caught) / (1 - self._caught)))


class Planner:
    """Draws beginnings from one generator of random numbers: the same seed gives the same."""

    def __init__(
        self, district: District, rng: random.Random, work: WorkTime, now: datetime, arrivals: Arrivals
    ) -> None:
        self.district = district
        self.rng = rng
        self.work = work
        self.now = now
        self.arrivals = arrivals
        self.turn = 0
        self._categories = _bag(_CATEGORIES)
        self._channels = _bag(_CHANNELS)
        self._caught = _bag({state: row[0] for state, row in _CAUGHT.items()})
        self._kinds = {code: _bag({kind: _KINDS[kind] for kind in held}) for code, held in stories().items()}

    def start(self) -> tuple[str, Start]:
        """Return the category and the beginning of the next ticket."""
        rng = self.rng
        category = rng.choice(self._categories)
        story = rng.choice(stories()[category][rng.choice(self._kinds[category])])
        company, level = self._company(), self._level(story.kind)
        site = self.district.sites.get(company.site) if rng.random() > 0.07 else None  # noqa: PLR2004
        self.turn += 1
        caught_in = self.arrivals.caught(self.turn, self._caught, rng)
        channel = Channel.PLATFORM if caught_in is State.DRAFT else rng.choice(self._channels)
        received_at = self._received(channel, story.kind, level, caught_in)
        filed_at = received_at
        if channel is not Channel.PLATFORM:
            filed_at = min(received_at + timedelta(seconds=rng.randint(40, 2400)), self.now)
        texts = story.told(rng, site.name if site else "园区")
        filer = self._filer(channel, company, site, category)
        return category, Start(
            company, site, story, texts, level, channel, filer, received_at, filed_at, caught_in
        )

    def facts(self, category: str, start: Start, number_body: int) -> dict[str, Any]:
        """Return the first columns of the ticket's row."""
        unit = self._intake_unit(start.site)
        person = start.company.person
        title, description, _done = start.texts
        is_report = start.story.kind is Kind.VIOLATION_REPORT
        return {
            "number": rules.make_number(local_date(start.filed_at).year, number_body),
            "status": State.DRAFT if start.caught_in is State.DRAFT else State.SUBMITTED,
            "kind": start.story.kind,
            "level": start.level,
            "category": category,
            "channel": start.channel,
            "title": title,
            "description": description,
            "enterprise_id": start.company.id,
            "contact_name": person.name,
            "contact_phone": person.phone,
            "contact_email": person.email if start.channel is Channel.PLATFORM else "",
            "is_confidential": is_report,
            "site_id": start.site.id if start.site else None,
            "origin_unit_id": unit,
            "unit_id": unit,
            "filed_by": start.filer.id,
            "received_at": start.received_at,
            "last_at": start.filed_at,
        }

    def _intake_unit(self, site: SiteInfo | None) -> int:
        unit = self.district.net.by_id[site.unit_id] if site else self.district.centre
        return unit.id if unit.is_active else self.district.centre.id

    def _company(self) -> Company:
        """The two demo companies file more often than others; the rest unevenly."""
        rng, companies = self.rng, self.district.companies
        draw = rng.random()
        if draw < 0.1:  # noqa: PLR2004 - seven and three in a hundred
            return companies[0 if draw < 0.07 else 1]  # noqa: PLR2004
        return companies[int(len(companies) * rng.random() ** 1.6)]

    def _level(self, kind: Kind) -> Level:
        if kind not in {Kind.HELP, Kind.COMPLAINT}:
            return Level.NORMAL
        draw = self.rng.random()
        if draw < 0.06:  # noqa: PLR2004 - six and four in a hundred
            return Level.URGENT
        return Level.MAJOR if draw > 0.96 else Level.NORMAL  # noqa: PLR2004

    def _received(self, channel: Channel, kind: Kind, level: Level, caught_in: State | None) -> datetime:
        if caught_in is not None:
            return self._lately(kind, level, caught_in)
        age = self.arrivals.age(self.turn, self.rng)
        if channel not in _ROUND_THE_CLOCK:
            spent = self.work.spent(self.now - age) + WORK_DAY * (self.rng.random() - 0.5)
            return min(self.work.moment(max(spent, 0)), self.now)
        at = self.now - age
        day = at.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(hours=8)
        hour = self.rng.choice(_HOURS)
        return min(day + timedelta(hours=hour, seconds=self.rng.randrange(3600)), self.now)

    def _lately(self, kind: Kind, level: Level, caught_in: State) -> datetime:
        """A moment from which the ticket can have come just as far as the state; one in ten is late."""
        _weight, low, high = _CAUGHT[caught_in]
        days = low + (high - low) * self.rng.random()
        if caught_in in _BY_PROMISE:
            days *= _LEVEL_DAYS.get(level, _USUAL_DAYS[kind])
            if self.rng.random() < 0.1:  # noqa: PLR2004
                days = days * 1.4 + 0.5
        return self.work.moment(max(self.work.spent(self.now) - days * WORK_DAY, 0))

    def _filer(self, channel: Channel, company: Company, site: SiteInfo | None, category: str) -> Person:
        district = self.district
        if channel is Channel.PLATFORM:
            return company.person
        if channel is Channel.DEPT_REPORT:
            return district.staff(district.leads[category][0].id, Role.LIAISON)[0]
        unit = district.net.by_id[site.unit_id] if site else district.centre
        if channel in _AT_THE_STATION and unit.kind is UnitKind.STATION:
            return district.staff(unit.id, Role.STATION_HEAD)[0]
        return self.rng.choice(district.staff(district.centre.id, Role.INTAKE_CLERK))


def _bag(weights: dict[T, int]) -> list[T]:
    """Return each thing as often as it weighs."""
    return [thing for thing, weight in weights.items() for _ in range(weight)]
