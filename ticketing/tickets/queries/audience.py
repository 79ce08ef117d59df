"""Who is what to a ticket: the inverse of ``flow.parties``, for telling people what happened."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from ticketing.accounts.models import Membership, User
from ticketing.core.actor import Actor, Grant, is_within, standing_in
from ticketing.core.db import db
from ticketing.core.local_day import local_date
from ticketing.duty.queries import away_on
from ticketing.network.models import Unit
from ticketing.network.queries import Network, UnitInfo, network
from ticketing.network.words import UnitKind
from ticketing.sla.rules.steps import WHOLE, Audience
from ticketing.sla.words import Metric
from ticketing.tickets import ladder
from ticketing.tickets.flow import TELLING, Party, Stake, parties
from ticketing.tickets.models import Event, Part, Ticket, TicketUnit
from ticketing.tickets.words import Action, State

_MOST_KNOWN = 20_000
_FOLDED = ("status", "unit_id", "handler_id", "cycle")


@dataclass(frozen=True, slots=True)
class Occasion:
    """One event, with the ticket's standing when it happened and the units that read the ticket now."""

    event_id: int
    ticket_id: int
    number: str
    action: Action
    actor_id: int | None
    stake: Stake
    part_paths: frozenset[str]
    said: dict[str, Any] = field(default_factory=dict)


class Crowd:
    """The people who can be anything to some tickets, read once and asked many times."""

    def __init__(self, actors: Iterable[Actor]) -> None:
        self._staff: dict[str, list[Actor]] = {}
        self._company: dict[int, list[Actor]] = {}
        for actor in actors:
            for path in {grant.path for grant in actor.grants}:
                self._staff.setdefault(path, []).append(actor)
            if actor.enterprise_id is not None:
                self._company.setdefault(actor.enterprise_id, []).append(actor)

    def __eq__(self, other: object) -> bool:
        """Whether the same people are the same to everything."""
        if not isinstance(other, Crowd):
            return NotImplemented
        return self._staff == other._staff and self._company == other._company

    __hash__ = None  # type: ignore[assignment] # people come and go: no key

    def everybody(self) -> list[Actor]:
        """Return the staff, each once."""
        return list({actor.user_id: actor for held in self._staff.values() for actor in held}.values())

    def near(self, stake: Stake) -> list[Actor]:
        """Return the staff who can be anything to the ticket, each once."""
        return list({a.user_id: a for path in _places(stake) for a in self._staff.get(path, ())}.values())

    def holding(self, stake: Stake, wanted: Collection[Party]) -> list[Actor]:
        """Return everybody who is any of ``wanted`` to the ticket, each once."""
        near = {actor.user_id: actor for actor in self._company.get(stake.enterprise_id, ())}
        for path in _places(stake):
            near |= {actor.user_id: actor for actor in self._staff.get(path, ())}
        return [actor for actor in near.values() if not parties(actor, stake).isdisjoint(wanted)]


class Ladder:
    """Who is told of an escalation, found once for tickets that stand alike."""

    def __init__(self, around: Crowd) -> None:
        self._around = around
        self._known: dict[tuple[Stake, tuple[Audience, ...]], tuple[list[Audience], list[int]]] = {}
        self._near: dict[Stake, list[tuple[Actor, frozenset[Party]]]] = {}

    def still_counts(self, around: Crowd) -> bool:
        """Whether what is known holds for these people as well, and there is not too much of it."""
        return len(self._known) < _MOST_KNOWN and self._around == around

    def told(self, stake: Stake, words: tuple[Audience, ...]) -> tuple[list[Audience], list[int]]:
        """Return the words that reach anybody, and whom they mean; see ``ladder.rise``."""
        if (stake, words) not in self._known:
            self._known[stake, words] = ladder.rise(words, lambda word: self._meant(word, stake))
        return self._known[stake, words]

    def told_of_a_part(
        self, part: Stake, lead: Stake, words: tuple[Audience, ...], step: str
    ) -> tuple[list[Audience], list[int]]:
        """Return the words and the people told of a step of a part's clock: the co-unit's, by its ladder.

        Once the part is late, whoever works on the ticket in the unit that leads hears of it as well.
        """
        found, people = self.told(part, words)
        if not is_late_step(step):
            return found, people
        return found, sorted({*people, *self._meant(Audience.HANDLER, lead)})

    def _meant(self, word: Audience, stake: Stake) -> list[int]:
        if stake not in self._near:
            self._near[stake] = [(actor, parties(actor, stake)) for actor in self._around.near(stake)]
        return _meant(word, self._near[stake], stake)


def _meant(word: Audience, near: Iterable[tuple[Actor, frozenset[Party]]], stake: Stake) -> list[int]:
    return [
        actor.user_id
        for actor, held in near
        if actor.user_id is not None and ladder.is_meant(word, actor, held, stake)
    ]


def ladder_stake(status: State, unit: UnitInfo, handler_id: int | None) -> Stake:
    """Return what counts of a ticket for an escalation, ``unit`` being the one that is responsible."""
    return Stake(status, unit.path, unit.kind, 0, handler_id)


def part_stake(unit: UnitInfo) -> Stake:
    """Return what counts for an escalation of a part: ``unit`` works on it, whatever the ticket waits for."""
    return Stake(State.PROCESSING, unit.path, unit.kind, 0)


def is_late_step(step: str) -> bool:
    """Return whether a step of a clock comes at its due moment or later."""
    return step.startswith(str(WHOLE))


def crowd(stakes: Collection[Stake], now: datetime | None = None) -> Crowd:
    """Return the active people who can be anything to some tickets, in three statements.

    Staff carry only the roles they hold in those units, which is all that counts for these tickets. With
    ``now``, whoever stands in for somebody away on that day is what that person is as well.
    """
    staff = db.session.execute(
        select(User.id, User.name, Membership.role, Unit.id, Unit.path)
        .join(Membership, Membership.user_id == User.id)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(User.is_active, Unit.path.in_({path for stake in stakes for path in _places(stake)}))
        .order_by(User.id)
    )
    grants: dict[tuple[int, str], list[Grant]] = {}
    for user_id, name, role, unit_id, path in staff:
        grants.setdefault((user_id, name), []).append(Grant(role, unit_id, path))
    companies = db.session.execute(
        select(User.id, User.name, User.enterprise_id, User.is_enterprise_admin)
        .where(User.is_active, User.enterprise_id.in_({stake.enterprise_id for stake in stakes}))
        .order_by(User.id)
    )
    people = {key[0]: Actor(*key, tuple(held)) for key, held in grants.items()}
    for away, deputy in (away_on(local_date(now)) if now else {}).items():
        if away in people and deputy in people:
            people[deputy] = standing_in(people[deputy], people[away])
    return Crowd([*people.values(), *(Actor(row[0], row[1], (), row[2], row[3]) for row in companies)])


def audience(stake: Stake, *wanted: Party) -> list[int]:
    """Return the ids of the active people who are any of ``wanted`` to a ticket, in order."""
    return sorted(actor.user_id for actor in crowd([stake]).holding(stake, wanted) if actor.user_id)


def _places(stake: Stake) -> set[str]:
    """The paths of the units whose people count: the ticket's own, the co-units, and those above them."""
    found = set()
    for path in (stake.unit_path, *stake.co_paths):
        codes = path.split("/")
        found |= {"/".join(codes[: depth + 1]) for depth in range(len(codes))}
    return found


def reads(actor: Actor, enterprise_id: int, part_paths: Collection[str]) -> bool:
    """Return whether a sent ticket is in the person's sight: ``scope.is_theirs`` for one loaded ticket.

    ``part_paths`` are the units that have or had part in it.
    """
    if actor.enterprise_id is not None:
        return actor.enterprise_id == enterprise_id
    return any(is_within(part, path) for path in actor.reading_paths for part in part_paths)


def told(occasions: Sequence[Occasion], now: datetime | None = None) -> dict[int, list[int]]:
    """Return whom each event is told to, by event id: the flow table's parties, as they stood at the event.

    Never the acting person, and only those who may read the ticket now. Of somebody away at ``now`` the
    deputy is told as well.
    """
    around = crowd([occasion.stake for occasion in occasions], now)
    return {occasion.event_id: _told(occasion, around) for occasion in occasions}


def _told(occasion: Occasion, around: Crowd) -> list[int]:
    if occasion.action is Action.ESCALATE:
        return _escalated_to(occasion, around)
    move = TELLING.get(occasion.action)
    if move is None:
        return []
    return sorted(
        actor.user_id
        for actor in around.holding(occasion.stake, move.told)
        if actor.user_id is not None
        and actor.user_id != occasion.actor_id
        and reads(actor, occasion.stake.enterprise_id, occasion.part_paths)
    )


def _escalated_to(occasion: Occasion, around: Crowd) -> list[int]:
    """Whom the words of an escalation mean, of those who may read the ticket now."""
    code = str(occasion.said.get("responsible", occasion.stake.unit_path.rpartition("/")[2]))
    lead = replace(occasion.stake, enterprise_id=0, co_paths=frozenset(), signing_paths=frozenset())
    words = tuple(map(Audience, occasion.said.get("audience", ())))
    readers = Crowd(actor for actor in around.everybody() if reads(actor, 0, occasion.part_paths))
    if occasion.said.get("metric") == Metric.PART:
        path = next((one for one in occasion.part_paths if one.rpartition("/")[2] == code), code)
        part = Stake(State.PROCESSING, path, UnitKind.DEPARTMENT, 0)
        return Ladder(readers).told_of_a_part(part, lead, words, str(occasion.said.get("step", "")))[1]
    if lead.unit_path.rpartition("/")[2] != code:  # the call-back is the centre's, whoever has the ticket
        lead = replace(lead, unit_path=code, unit_kind=UnitKind.CENTRE)
    return Ladder(readers).told(lead, words)[1]


def occasions(event_ids: Collection[int]) -> list[Occasion]:
    """Return some events with their tickets' standing when each happened, in at most five statements."""
    rows = db.session.execute(
        select(
            Event.id, Event.ticket_id, Event.seq, Event.at, Event.action, Event.actor_id, Ticket.number,
            Ticket.status, Ticket.unit_id, Ticket.handler_id, Ticket.cycle, Ticket.enterprise_id, Event.data,
            (Event.seq == Ticket.event_seq).label("is_last"),
        )
        .join(Ticket, Ticket.id == Event.ticket_id)
        .where(Event.id.in_(event_ids))
        .order_by(Event.id)
    ).all()  # fmt: skip
    net = network()
    ticket_ids = {row.ticket_id for row in rows}
    past = _past([row for row in rows if not row.is_last])
    parts = _parts(ticket_ids)
    readers = _readers(ticket_ids, net)
    return [
        Occasion(
            event_id=row.id,
            ticket_id=row.ticket_id,
            number=row.number,
            action=row.action,
            actor_id=row.actor_id,
            stake=_stake(row, past.get(row.id), parts.get(row.ticket_id, ()), net),
            part_paths=readers.get(row.ticket_id, frozenset()),
            said=row.data.get("said", {}),
        )
        for row in rows
    ]


def _stake(row: Any, past: dict[str, Any] | None, parts: Iterable[Part], net: Network) -> Stake:
    """The ticket's standing at the event: its row when it is the last one, else what was folded."""
    then = past or {name: getattr(row, name) for name in _FOLDED}
    unit = net.by_id[then["unit_id"]]
    owed = [part for part in parts if part.cycle == then["cycle"] and _is_open(part, row.at)]
    return Stake(
        status=State(then["status"]),
        unit_path=unit.path,
        unit_kind=unit.kind,
        enterprise_id=row.enterprise_id,
        handler_id=then["handler_id"],
        co_paths=frozenset(net.by_id[part.unit_id].path for part in owed),
        signing_paths=frozenset(
            net.by_id[part.unit_id].path for part in owed if part.handed_in_at and part.handed_in_at <= row.at
        ),
    )


def _is_open(part: Part, at: datetime) -> bool:
    """Whether a part was open at ``at``; what the event of that very moment has ended, still was."""
    ended_at = part.finished_at or part.cancelled_at
    return part.invited_at <= at and (ended_at is None or ended_at >= at)


def _past(rows: Sequence[Any]) -> dict[int, dict[str, Any]]:
    """Fold the events of tickets that have moved on since, up to each event asked for."""
    if not rows:
        return {}
    wanted = {(row.ticket_id, row.seq): row.id for row in rows}
    log = db.session.execute(
        select(Event.ticket_id, Event.seq, Event.data)
        .where(Event.ticket_id.in_({row.ticket_id for row in rows}))
        .order_by(Event.ticket_id, Event.seq)
    )
    found: dict[int, dict[str, Any]] = {}
    folded: dict[int, dict[str, Any]] = {}
    for ticket_id, seq, data in log:
        then = folded.setdefault(ticket_id, {})
        then |= {name: value for name, value in data.get("set", {}).items() if name in _FOLDED}
        if (ticket_id, seq) in wanted:
            found[wanted[ticket_id, seq]] = dict(then)
    return found


def _parts(ticket_ids: Collection[int]) -> dict[int, list[Part]]:
    found: dict[int, list[Part]] = {}
    for part in db.session.scalars(select(Part).where(Part.ticket_id.in_(ticket_ids))):
        found.setdefault(part.ticket_id, []).append(part)
    return found


def _readers(ticket_ids: Collection[int], net: Network) -> dict[int, frozenset[str]]:
    found: dict[int, set[str]] = {}
    wanted = select(TicketUnit.ticket_id, TicketUnit.unit_id).where(TicketUnit.ticket_id.in_(ticket_ids))
    for ticket_id, unit_id in db.session.execute(wanted):
        found.setdefault(ticket_id, set()).add(net.by_id[unit_id].path)
    return {ticket_id: frozenset(paths) for ticket_id, paths in found.items()}
