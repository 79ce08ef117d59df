"""The service as one machine: people act, time passes, the worker works; after each step all must hold."""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from sqlalchemy import select

from tests.escalation.kit import swept
from tests.kit.site import Site
from tests.machine import firing
from tests.machine.course import FAR, FILING, GROUPS, HAPPENS, SPANS, STAFF_WHO_FILE, STARTS, must, none_of
from tests.machine.post import Post
from tests.machine.telling import Told
from tests.tickets.holding import problems
from tests.tickets.typed import typed
from tests.tickets.walk import PEOPLE
from tests.world import World
from ticketing.accounts.models import Enterprise
from ticketing.core.actor import SYSTEM
from ticketing.core.db import db
from ticketing.core.errors import ChangedMeanwhile, DomainError, KeyReused
from ticketing.core.idempotency import Answer, once
from ticketing.core.local_day import local_date
from ticketing.network.queries import network
from ticketing.sla import queries as sla
from ticketing.sla.actions import calendars
from ticketing.sla.rules.changes import NothingChanges, SpecialDay, off, working
from ticketing.sla.rules.deadlines import elapsed
from ticketing.sla.rules.limits import Limit
from ticketing.sla.words import ClockState
from ticketing.tickets import rules
from ticketing.tickets import wishes as w
from ticketing.tickets.actions.perform import perform
from ticketing.tickets.actions.recounting import recount
from ticketing.tickets.facts import standing
from ticketing.tickets.flow import FLOW, parties
from ticketing.tickets.models import Extension, Ticket
from ticketing.tickets.words import OPEN, Action, Channel, ExtensionState, Kind, Level, State

MOST = 3
_SEED = st.integers(0, 999_999)
_WHICH = st.integers(0, MOST - 1)


class Life(RuleBasedStateMachine):
    """One company's requests and everybody who has to do with them, on one database."""

    def __init__(self, site: Site, done: Counter[str]) -> None:
        super().__init__()
        db.session.remove()
        site.reset(with_base=True)
        self.world = World(site.app)
        self.done = done
        self.numbers: list[str] = []
        self.acknowledged: list[str] = []
        self.keys: dict[str, tuple[bytes, str]] = {}
        self.spent: dict[int, tuple[tuple[Any, ...], timedelta, datetime | None]] = {}
        self.told = Told(self.world)
        self.post = Post(self.world)

    @initialize(start=st.sampled_from(STARTS))
    def begin(self, start: datetime) -> None:
        self.world.now = start

    @rule(what=st.sampled_from(HAPPENS), which=_WHICH, seed=_SEED)
    def happens(self, what: str, which: int, seed: int) -> None:
        chance = random.Random(seed)
        self.done["steps"] += 1
        if what in FILING and len(self.numbers) == MOST and what != "send with a key":
            what = "on"
        if not self.numbers:
            what = what if what in FILING else "under way"
        number = self.numbers[which % len(self.numbers)] if self.numbers else ""
        if what in GROUPS:
            self._something(number, chance, GROUPS[what])
        else:
            DEEDS[what](self, number, chance)

    # --- filing

    def _acknowledge(self, number: str) -> None:
        must(number not in self.acknowledged, "I1 a number was given twice")
        self.acknowledged.append(number)
        self.numbers.append(number)
        self.told.note(number)
        self._holds(number)

    def file_as_company(self, _number: str, chance: random.Random) -> None:
        kind, level = chance.choice(list(Kind)), chance.choice(list(Level))
        self.done["file"] += 1
        self._acknowledge(self.world.file(kind=kind, level=level, draft=chance.random() < 0.3))

    def one_under_way(self, _number: str, chance: random.Random) -> None:
        state = chance.choice(FAR)
        number = self.world.ticket(state, unit=chance.choice(["D-PWR", "S101"]))
        self.done[f"under way {state}"] += 1
        self._acknowledge(number)

    def file_for_a_company(self, _number: str, chance: random.Random) -> None:
        who, channel, hours = chance.choice(STAFF_WHO_FILE), chance.choice(list(Channel)), [0, 1, 20, 70]
        self.done[f"file {channel}"] += 1
        number = self.world.file(
            who,
            level=chance.choice(list(Level)),
            channel=channel,
            received_at=self.world.now - timedelta(hours=chance.choice(hours)),
            enterprise={"name": self.company},
            contact={"name": "王工", "phone": "13800000000"},
        )
        self._acknowledge(number)

    @property
    def company(self) -> str:
        """The name of the company whose person files."""
        return db.session.get_one(Enterprise, self.world.actor("enterprise").enterprise_id).name

    def send_with_a_key(self, _number: str, chance: random.Random) -> None:
        """The first sending files; the same again gives the same number; another body is refused."""
        key, body = chance.choice("ab"), chance.choice([b"1", b"1", b"2"])
        known = self.keys.get(key)
        if known is None and len(self.numbers) == MOST:
            self._refused(lambda: self.world.file(category="ZZZ"), "file badly")
            return
        before = self.world.fingerprint()
        now = self.world.now
        try:
            answer = once("somebody", key, body, lambda: Answer(201, "", self.world.file()), now=now)
        except KeyReused:
            must(known is not None and known[0] != body, "a key was refused that was not used otherwise")
            self._unchanged(before, "another body")
            self.done["key refused"] += 1
            return
        if known is None:
            self.keys[key] = (body, answer.location)
            self._acknowledge(answer.location)
        else:
            must(known == (body, answer.location), "I1 a resend was given another number")
            self._unchanged(before, "I1 a resend")
            self.done["resend"] += 1

    # --- acting

    def try_anything(self, number: str, chance: random.Random) -> None:
        who, action = chance.choice(PEOPLE), chance.choice(sorted(FLOW))
        self._act(who, number, action, typed(self.world, number, action, chance, self.numbers))

    def _something(self, number: str, chance: random.Random, among: frozenset[str]) -> None:
        """Somebody who may do one of these things does it."""
        offered = self._offered(number)
        names = sorted({action for _who, action in offered} & among)
        if not names:
            if not offered and number in self.numbers:
                self.numbers.remove(number)
            return
        action = chance.choice(names)
        who = chance.choice([who for who, what in offered if what == action])
        self._act(who, number, action, typed(self.world, number, action, chance, self.numbers))

    def _offered(self, number: str) -> list[tuple[str, str]]:
        ticket, now = self.world.row(number), self.world.now
        place = standing(SYSTEM, ticket, network(), sla.clocks_of(ticket.id))
        return [
            (who, action.value)
            for who in PEOPLE
            for actor in [self.world.actor(who)]
            for action in rules.available(
                place.facts, actor, parties(actor, place.facts), now=now, today=local_date(now)
            )
        ]

    def act_on_what_was_seen_before(self, number: str, chance: random.Random) -> None:
        offered = self._offered(number)
        if not offered or self.world.row(number).version == 1:
            return
        who, action = chance.choice(offered)
        fields = typed(self.world, number, action, chance, self.numbers)
        fields["version"] = self.world.row(number).version - 1
        refusal = self._refused(lambda: self.world.act(who, number, action, **fields), "stale")
        must(isinstance(refusal, ChangedMeanwhile), f"I20 {who} {action}: {refusal!r}")

    def _act(self, who: str, number: str, action: str, fields: dict[str, Any]) -> None:
        """Try it: either it is done and everything holds, or no row has changed."""
        wish = w.WISHES[Action(action)].model_validate(fields)
        before, ticket = self.world.fingerprint(), self.world.row(number)
        status, version = ticket.status, ticket.version
        place = standing(SYSTEM, ticket, network(), sla.clocks_of(ticket.id))
        held = parties(self.world.actor(who), place.facts)
        try:
            self.world.do(who, number, wish)
        except DomainError as refusal:
            self._unchanged(before, f"{action}, refused: {refusal!r}")
            self.done[f"refused {action}"] += 1
            return
        self.done[action] += 1
        move, after = FLOW[wish.action], self.world.row(number)
        must(not held.isdisjoint(move.who), f"I5 {who} did {action}")
        must(status in move.sources, f"I5 {action} from {status}")
        must(after.status in move.targets or after.status is status, f"I5 {action} to {after.status}")
        must(after.version == version + 1, "I20")
        due = place.facts.resolve_due_at
        if wish.action is Action.REQUEST_EXTENSION or getattr(wish, "approve", False):
            must(due is not None and self.world.now < due, "I14 more time after the deadline")
        self._noted(number, wish)

    def _noted(self, number: str, wish: w.Wish) -> None:
        others = [one for one in self._joined(number, wish) if one != number]
        for one in (number, *others):
            self.told.note(one)
            self._holds(one)

    def _joined(self, number: str, wish: w.Wish) -> list[str]:
        """The ticket another one was joined to or taken out of, whose log tells of it, too."""
        if isinstance(wish, w.Merge):
            return [rules.read_number(wish.into) or ""]
        if isinstance(wish, w.Unmerge):
            return [str(self.world.events(number)[-1].data["said"]["from"])]
        return []

    def _unchanged(self, before: dict[str, str], what: str) -> None:
        must(self.world.fingerprint() == before, f"{what} changed a row")

    def _refused(self, attempt: Any, name: str) -> DomainError:
        before = self.world.fingerprint()
        try:
            attempt()
        except DomainError as refusal:
            self._unchanged(before, f"{name}, refused: {refusal!r}")
            self.done[f"refused {name}"] += 1
            return refusal
        raise AssertionError(f"{name} was not refused")

    def pause_for_no_time(self, number: str, _chance: random.Random) -> None:
        """Stopped and let go at the same moment: no deadline moves."""
        if self.world.row(number).status is not State.PROCESSING:
            return
        now, supervisor = self.world.now, self.world.actor("supervisor")
        before = {clock.id: clock.due_at for clock in self._running(number)}
        wish = w.Suspend(reason_code="season", resume_on=local_date(now) + timedelta(days=3))
        try:
            perform(supervisor, number, wish, now=now)
        except DomainError:
            return
        self.told.note(number)
        perform(supervisor, number, w.Resume(), now=now)
        self._noted(number, w.Resume())
        self.done["pause for no time"] += 1
        after = {clock.id: clock.due_at for clock in self._running(number)}
        must(after == before, "I11 a pause of no length moved a deadline")

    def _running(self, number: str) -> list[Any]:
        clocks = sla.clocks_of(self.world.row(number).id)
        return [clock for clock in clocks if clock.state is ClockState.RUNNING]

    # --- time and the worker

    def time_passes(self, number: str, chance: random.Random) -> None:
        """So long; or up to the moment at which a clock wants something, an instant before or after it."""
        moments = [c.next_step_at for c in self._running(number) if c.next_step_at]
        coming = [at for at in moments if at > self.world.now]
        if coming and chance.random() < 0.4:
            off = timedelta(microseconds=chance.choice([-1, 0, 1]))
            self.world.now = max(min(coming) + off, self.world.now)
        else:
            self.world.now += chance.choice(SPANS)

    def calendar_changes(self, _number: str, chance: random.Random) -> None:
        """A day of this week is declared free or a working day; every open promise is counted anew."""
        now, today = self.world.now, local_date(self.world.now)
        day = chance.choice([off("停"), working("班")])
        change = SpecialDay(today + timedelta(days=chance.randrange(7)), day)
        try:
            draft = calendars.draft("cn", change, note="", today=today)
        except NothingChanges:
            return
        calendars.publish(SYSTEM, draft, now=now)
        while recount(now):
            self.done["recounted"] += 1
        for number in self.acknowledged:
            last = self.world.events(number)[-1:]
            if last and last[0].action is Action.RECOUNT and last[0].at == now:
                self.told.note(number)
            self._holds(number)

    def sweep(self, _number: str, chance: random.Random) -> None:
        limit = chance.choice([1, 4, 500])
        now, before = self.world.now, self._seqs()
        fired = swept(now, limit)
        must(swept(now, limit) == [], "I13 a second sweep fired more")
        self.done["fired"] += len(fired)
        none_of(firing.missed_or_early(now))
        waiting = select(Ticket.number).where(
            Ticket.status == State.SUSPENDED, Ticket.resume_on <= local_date(now)
        )
        must(db.session.scalars(waiting).all() == [], "I3 a day to resume has passed")
        for number, seq in self._seqs().items():
            if seq != before.get(number):
                self._holds(number)

    def _seqs(self) -> dict[str, int]:
        db.session.rollback()
        return {
            row.number: row.event_seq for row in db.session.execute(select(Ticket.number, Ticket.event_seq))
        }

    def relay(self, _number: str, chance: random.Random) -> None:
        self._relay(chance.choice([1, 4, 100]))

    def _relay(self, limit: int) -> None:
        self.done["relayed"] += self.post.relay(limit)
        none_of(self.told.problems())

    def letters(self, _number: str, chance: random.Random) -> None:
        self.done["letters"] += self.post.hand_over(chance)

    # --- what holds

    def _holds(self, number: str) -> None:
        none_of(problems(self.world, number, relayed=self.told.relayed))
        ticket = self.world.row(number)
        granted = select(Extension).where(
            Extension.ticket_id == ticket.id, Extension.state == ExtensionState.APPROVED
        )
        most, _days = rules.extension_allowance(ticket.kind, ticket.level)
        must(len(list(db.session.scalars(granted))) <= most, "I14 more extensions than allowed")
        if ticket.status in OPEN:
            for clock in sla.clocks_of(ticket.id):
                self._never_falls(clock)

    def _never_falls(self, clock: Any) -> None:
        """I9: what a clock has run never gets less, and nothing is added while it stands still."""
        if clock.state not in {ClockState.RUNNING, ClockState.PAUSED}:
            return
        now, calendar = self.world.now, sla.calendar_by_id(clock.calendar_id)
        pauses = sla.pauses_of([clock.id])[clock.id]
        stood = sla.paused_stretches(pauses, now)
        ran = elapsed(clock.started_at, now, Limit.parse(clock.limit), calendar, stood)
        terms = (clock.started_at, clock.limit, clock.calendar_id)
        known, was, stop = self.spent.get(clock.id, (terms, timedelta(), None))
        must(known != terms or ran >= was, f"I9 {clock.metric} had run {was}, now {ran}")
        if known == terms and clock.paused_at is not None and clock.paused_at == stop:
            must(ran == was, f"I9 {clock.metric} runs while it is paused")
        self.spent[clock.id] = (terms, ran, clock.paused_at)

    def teardown(self) -> None:
        self.done["runs"] += 1
        if sys.exc_info()[0] is None:
            self._at_the_end()
        db.session.remove()

    def _at_the_end(self) -> None:
        """Everything once more, when the worker has come to everything."""
        chance = random.Random(0)
        self.sweep("", chance)
        self._relay(100)
        stored = sorted(db.session.scalars(select(Ticket.number)))
        must(stored == sorted(self.acknowledged), "I1 not exactly the requests that were acknowledged")
        for number in self.acknowledged:
            self._holds(number)
        none_of(firing.twice_or_out_of_order())
        self.post.finish()


DEEDS: dict[str, Callable[[Life, str, random.Random], None]] = {
    "file": Life.file_as_company,
    "file for a company": Life.file_for_a_company,
    "under way": Life.one_under_way,
    "send with a key": Life.send_with_a_key,
    "anything": Life.try_anything,
    "stale": Life.act_on_what_was_seen_before,
    "pause for no time": Life.pause_for_no_time,
    "time": Life.time_passes,
    "calendar": Life.calendar_changes,
    "sweep": Life.sweep,
    "relay": Life.relay,
    "letters": Life.letters,
}
