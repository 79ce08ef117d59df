"""Synthetic histories: what happens to a request at the desk, on its way to a unit, and with the company."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from ticketing.core.actor import Role
from ticketing.demo import handling, stories, verbs
from ticketing.demo.district import Person
from ticketing.demo.life import Life, Over
from ticketing.network.queries import UnitInfo
from ticketing.network.words import UnitKind
from ticketing.sla.words import Metric
from ticketing.tickets.words import Action, Kind, Level, RejectReason, ReturnReason, Solved, State

A, S = Action, State
# How companies judge when they are content, in the shares of hundred; and when they are not.
_VERDICTS = [(Solved.YES, 5)] * 63 + [(Solved.YES, 4)] * 25 + [(Solved.PARTLY, 3)] * 8 + [(Solved.YES, 3)] * 4
_BAD_VERDICTS = [(Solved.NO, 2), (Solved.NO, 1), (Solved.PARTLY, 2), (Solved.NO, 3)]
_BAD_SHARE = 0.07
_QUICK = frozenset({Kind.CONSULT, Kind.PRAISE})


def live(life: Life, duplicate: Callable[[Life], None]) -> None:
    """Let a ticket live through its history. ``duplicate`` files the same request once more and merges it."""
    if life.start.caught_in is S.DRAFT:
        return
    verbs.file(life.case, life.start.filer, life.t)
    try:
        _at_the_desk(life)
        if life.case.status is S.ACCEPTED:
            _sent_on(life, duplicate)
        while life.case.status is not S.CLOSED:
            if life.case.status is S.DISPATCHED:
                handling.in_the_unit(life)
            else:
                _with_the_company(life)
    except Over:
        return


def _at_the_desk(life: Life) -> None:
    case = life.case
    life.caught(S.SUBMITTED)
    life.withdraw_perhaps(0.008)
    if life.start.caught_in is S.NEED_INFO or life.chance(0.06):
        verbs.request_info(case, life.clerk(), life.pass_time(5, 60), life.pick(stories.ASK_INFO))
        life.caught(S.NEED_INFO)
        verbs.supply_info(case, life.company, life.pass_time(20, 900), life.pick(stories.GIVE_INFO))
    if life.chance(0.03):
        reason, words = life.pick(list(stories.REJECTIONS.items()))
        verbs.reject(case, life.clerk(), life.pass_time(5, 90), RejectReason(reason), words)
        raise Over
    if case.row["kind"] in _QUICK and life.chance(0.3):
        verbs.answer_now(case, _receiver(life), life.pass_time(5, 90), life.quick_reply())
        return
    is_heavier = case.row["kind"] is Kind.HELP and life.chance(0.02)
    corrected = {"level": Level.MAJOR} if is_heavier else None
    verbs.accept(case, _receiver(life), life.pass_time(4, 45), corrected)
    life.caught(S.ACCEPTED)


def _receiver(life: Life) -> Person:
    """Who takes the request on: often the head of the station it came to, else a clerk."""
    unit = life.case.unit
    if unit.kind is UnitKind.STATION and life.often(0.6):
        return life.one_of(unit.id, Role.STATION_HEAD)
    return life.clerk()


def _sent_on(life: Life, duplicate: Callable[[Life], None]) -> None:
    """From acceptance to the unit that works on it: through the centre, the area, or up from the station."""
    if life.chance(0.025):
        duplicate(life)
    area, unit = life.own_area(), life.case.unit
    draw = life.rng.random()
    if area and unit.kind is UnitKind.STATION and draw < 0.05:  # noqa: PLR2004
        head = life.one_of(unit.id, Role.STATION_HEAD)
        verbs.move(life.case, A.UP_REPORT, head, life.pass_time(5, 60), area, life.pick(stories.UP_REPORTS))
    elif area and draw < 0.2:  # noqa: PLR2004
        _within_the_area(life, area)
    else:
        _through_the_centre(life)
    life.caught(S.DISPATCHED)
    life.withdraw_perhaps(0.006)
    is_departments = life.case.unit.kind is UnitKind.DEPARTMENT
    if life.start.caught_in is S.RETURN_REVIEW or (is_departments and life.chance(0.05)):
        _returned(life)
        if life.chance(0.15):
            _returned(life)


def _within_the_area(life: Life, area: UnitInfo) -> None:
    """The area keeps the ticket, or gives it to a station of its own."""
    case, person = life.case, life.one_of(area.id, Role.DISPATCHER)
    below = life.district.net.below(area.path)
    if case.unit.id == area.id and below and life.often(0.5):
        words = life.pick(stories.SEND_DOWNS)
        verbs.move(case, A.SEND_DOWN, person, life.pass_time(5, 60), life.pick(below), words)
        return
    target = case.unit if life.often(0.7) else area
    verbs.dispatch(case, person, life.pass_time(5, 60), target, [], life.pick(stories.DISPATCH_NOTES))


def _through_the_centre(life: Life) -> None:
    lead = life.lead_unit()
    helping = [unit for unit in life.helpers() if unit.id != lead.id and unit.kind is UnitKind.DEPARTMENT]
    helping = helping[:1] if life.often(0.15) else []
    note = life.pick(stories.DISPATCH_NOTES)
    verbs.dispatch(life.case, life.dispatcher(), life.pass_time(5, 60), lead, helping, note)


def _returned(life: Life) -> None:
    """The unit asks to send it back; the centre rules."""
    case = life.case
    reason, words = life.pick(list(stories.RETURN_MESSAGES.items()))
    free = [unit for unit in life.helpers() if unit.id not in case.unit_ids]
    other = life.pick(free) if free else None
    at = life.pass_time(8, 90)
    verbs.request_return(case, life.liaison(), at, ReturnReason(reason), words, other)
    life.caught(S.RETURN_REVIEW)
    upheld = other if life.often(0.6) else None
    words = life.pick(stories.UPHELD if upheld else stories.REFUSED)
    verbs.rule_return(case, life.dispatcher(), life.pass_time(10, 150), upheld, words)


def _with_the_company(life: Life) -> None:
    """The company rates, or is called; a bad verdict sends the ticket round again, so does a reopening."""
    case = life.case
    is_bad = life.chance(_BAD_SHARE)
    verdict = life.pick(_BAD_VERDICTS if is_bad else _VERDICTS)
    if life.often(0.4):
        words = life.pick(stories.COMMENTS_BAD if is_bad else stories.COMMENTS)
        verbs.conclude(case, A.RATE, life.company, life.own_time(20, 1500), verdict, words)
    else:
        caller = life.one_of(life.district.centre.id, Role.CALLER)
        while case.status is S.REPLIED and life.often(0.1):
            at = life.pass_until(case.book.due(Metric.REVISIT), 0, 0.1, 0.4)
            verbs.miss(case, caller, at, life.pick(stories.REVISIT_MISSED))
        if case.status is S.REPLIED:
            at = life.pass_until(case.book.due(Metric.REVISIT), 0.04, 0.1, 0.9)
            words = life.pick(stories.REVISIT_BAD if is_bad else stories.REVISIT_NOTES)
            verbs.conclude(case, A.REVISIT, caller, at, verdict, words)
    if case.status is S.CLOSED and life.chance(0.01):
        at = life.skip_to(life.t + timedelta(days=life.rng.randint(1, 12), minutes=life.rng.randint(1, 300)))
        verbs.reopen(case, life.company, at, life.pick(stories.REOPENINGS))
