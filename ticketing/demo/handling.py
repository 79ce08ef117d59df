"""Synthetic histories inside a unit: signing, calling, helping, waiting, replying."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from ticketing.core.actor import Role
from ticketing.core.local_day import day_start, local_date
from ticketing.demo import stories, verbs
from ticketing.demo.district import NOBODY
from ticketing.demo.life import Life, Over
from ticketing.network.words import UnitKind
from ticketing.sla.words import Metric
from ticketing.tickets.words import Action, Card, ContactOutcome, Kind, Level, State, SuspendReason

A, S = Action, State
_EXTENDED = frozenset({Kind.HELP, Kind.SUGGESTION, Kind.COMPLAINT, Kind.VIOLATION_REPORT})
_SUSPENSIONS = [SuspendReason.ENGINEERING, SuspendReason.AWAITING_REQUESTER, SuspendReason.AWAITING_POLICY]
_CARDS = {1: Card.YELLOW, 3: Card.RED}  # of four cases one each
_JUST_AFTER_MIDNIGHT = timedelta(minutes=5)
_ROOM_FOR_A_REQUEST = timedelta(hours=8)


def in_the_unit(life: Life) -> None:
    """From dispatch to the reply, or on to another unit."""
    case = life.case
    verbs.sign(case, life.liaison(), life.pass_until(case.book.due(Metric.SIGN), 0.03, 0.05, 0.8))
    if _moved_on(life):
        return
    _named(life)
    _contacted(life)
    for episode, share in _EPISODES:
        if life.often(share):
            episode(life)
    if life.start.caught_in is S.SUSPENDED or life.chance(0.03):
        _suspended(life)
    life.withdraw_perhaps(0.006)
    if life.start.caught_in is S.PROCESSING and life.often(0.1):
        _extended(life)
    life.caught(S.PROCESSING)
    if life.chance(0.06):
        _extended(life)
    _parts_finished(life)
    _replied(life)


def _moved_on(life: Life) -> bool:
    """Some tickets turn out to be another unit's: handed across, or up."""
    case = life.case
    if case.unit.kind is UnitKind.DEPARTMENT and life.chance(0.02):
        free = [unit for unit in life.helpers() if unit.id not in case.unit_ids]
        if free:
            words = life.pick(stories.TRANSFERS)
            verbs.move(case, A.TRANSFER, life.leader(), life.pass_time(20, 200), life.pick(free), words)
            return True
    if case.unit.kind is UnitKind.STATION and life.chance(0.06):
        area, words = life.district.net.parent(case.unit), life.pick(stories.UP_REPORTS)
        verbs.move(case, A.UP_REPORT, life.leader(), life.pass_time(20, 200), area, words)
        return True
    return False


def _named(life: Life) -> None:
    """Somebody takes the ticket, or is given it, or neither."""
    draw, handler = life.rng.random(), life.handler()
    if draw < 0.4:  # noqa: PLR2004
        verbs.name_handler(life.case, A.CLAIM, handler, life.pass_time(2, 40), handler)
    elif draw < 0.65:  # noqa: PLR2004
        verbs.name_handler(life.case, A.ASSIGN, life.leader(), life.pass_time(2, 60), handler)


def _contacted(life: Life) -> None:
    case = life.case
    due = case.book.due(Metric.RESPOND)
    if life.often(0.12):
        at = life.pass_until(due, 0, 0.05, 0.3)
        verbs.contact(case, life.handler(), at, ContactOutcome.NO_ANSWER, life.pick(stories.NO_ANSWER))
    at = life.pass_until(due, 0.03, 0.05, 0.8)
    verbs.contact(case, life.handler(), at, ContactOutcome.REACHED, life.pick(stories.REACHED))


def _a_while(life: Life) -> None:
    """Let a small part of the time for the solution pass."""
    life.pass_until(life.case.book.due(Metric.RESOLVE), 0, 0.05, 0.3)


def _noted(life: Life) -> None:
    _a_while(life)
    verbs.say(life.case, A.NOTE, life.liaison(), life.t, life.pick(stories.NOTES))


def _told_company(life: Life) -> None:
    _a_while(life)
    verbs.say(life.case, A.MESSAGE, life.handler(), life.t, life.pick(stories.HANDLER_MESSAGES))


def _told_by_company(life: Life) -> None:
    life.own_time(30, 600)
    verbs.say(life.case, A.MESSAGE, life.company, life.t, life.pick(stories.COMPANY_MESSAGES))


def _urged(life: Life) -> None:
    _a_while(life)
    verbs.urge(life.case, life.company, life.t, life.pick(stories.URGES))


def _urged_from_above(life: Life) -> None:
    if life.case.unit.kind is UnitKind.CENTRE:
        return  # nobody stands above it
    _a_while(life)
    verbs.urge(life.case, life.supervisor(), life.t, life.pick(stories.SUPERIOR_URGES))


def _invited(life: Life) -> None:
    free = [unit for unit in life.helpers() if unit.id not in life.case.unit_ids]
    if free:
        _a_while(life)
        verbs.invite(life.case, life.liaison(), life.t, free[0], life.pick(stories.INVITES))


def _supervised(life: Life) -> None:
    _a_while(life)
    card = _CARDS.get(life.case.row["id"] % 4)
    verbs.supervise(life.case, life.supervisor(), life.t, life.pick(stories.DEMANDS), "1wd", card)
    if life.start.caught_in is None or life.often(0.5):
        verbs.answer_supervision(
            life.case, life.handler(), life.pass_time(30, 300), life.pick(stories.ANSWERS)
        )


_EPISODES: list[tuple[Callable[[Life], None], float]] = [
    (_noted, 0.22),
    (_told_company, 0.18),
    (_invited, 0.05),
    (_told_by_company, 0.12),
    (_urged, 0.06),
    (_urged_from_above, 0.02),
    (_supervised, 0.03),
]


def _suspended(life: Life) -> None:
    case = life.case
    _a_while(life)
    is_caught = life.start.caught_in is S.SUSPENDED
    reason = life.pick(_SUSPENSIONS)
    since = life.now if is_caught else life.t
    resume_on = local_date(since) + timedelta(days=life.rng.randint(3, 25))
    verbs.suspend(case, life.supervisor(), life.t, reason, resume_on, stories.SUSPENSIONS[reason.value])
    life.caught(S.SUSPENDED)
    day = day_start(resume_on)
    if reason is SuspendReason.AWAITING_REQUESTER:
        life.skip_to(day - timedelta(days=1) + timedelta(minutes=life.rng.randint(540, 1000)))
        verbs.answer_suspension(case, life.company, life.t, life.pick(stories.GIVE_INFO))
    else:
        verbs.resume(case, NOBODY, life.skip_to(day + _JUST_AFTER_MIDNIGHT), "")


def _extended(life: Life) -> None:
    """More time is asked for, and mostly granted, while there is still time."""
    case = life.case
    due = case.book.due(Metric.RESOLVE)
    is_possible = case.row["kind"] in _EXTENDED and not life.is_urgent and case.row["cycle"] == 1
    if not is_possible or due is None or due - life.t < _ROOM_FOR_A_REQUEST:
        return
    life.pass_until(due, 0, 0.2, 0.6)
    days = life.rng.randint(2, 10 if case.row["level"] is Level.MAJOR else 5)
    verbs.request_extension(case, life.handler(), life.t, days, life.pick(stories.EXTENSION_REASONS))
    if life.start.caught_in is S.PROCESSING:
        raise Over
    life.pass_until(due, 0, 0.05, 0.3)
    approve = life.often(0.85)
    words = life.pick(stories.GRANTS if approve else stories.REFUSALS)
    verbs.decide_extension(case, life.leader(), life.t, approve, words)


def _parts_finished(life: Life) -> None:
    for part in life.case.open_parts():
        if life.often(0.85):
            _a_while(life)
            person = life.one_of(part["unit_id"], Role.HANDLER, Role.STATION_HEAD)
            leaders = life.district.staff(part["unit_id"], Role.UNIT_LEADER, Role.STATION_HEAD)
            is_leader = any(one.id == person.id for one in leaders)
            words = life.pick(stories.PART_REPLIES)
            verbs.finish_part(life.case, person, life.t, words, is_leader=is_leader)
            if not is_leader:
                verbs.approve_part(life.case, leaders[0], life.t)


def _replied(life: Life) -> None:
    case = life.case
    waiver = life.pick(stories.PART_WAIVERS) if case.open_parts() else ""
    at = life.pass_until(case.book.due(Metric.RESOLVE), 0.04, 0.3, 0.85)
    verbs.submit_reply(case, life.handler(), at, life.reply(), waiver)
    life.caught(S.REPLY_REVIEW)
    if life.chance(0.07):
        verbs.send_back(case, life.leader(), life.pass_time(20, 150), life.pick(stories.SEND_BACKS))
        verbs.submit_reply(case, life.handler(), life.pass_time(20, 200), life.reply(), waiver)
    due = case.book.due(Metric.RESOLVE)
    verbs.approve_reply(case, life.leader(), life.pass_until(due, 0.01, 0.05, 0.6))
    life.caught(S.REPLIED)
