"""Calling meetings, writing them up, issuing minutes: tasks become parts of tickets, and one truth stays."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from tests.meetings import kit
from tests.world import World
from ticketing.core.db import db, transaction
from ticketing.core.errors import DomainError, Invalid, NotFound, NotPermitted, WrongState
from ticketing.meetings import rules
from ticketing.meetings.actions import agenda, calling, issuing
from ticketing.meetings.models import MeetingPaper, MeetingTask
from ticketing.meetings.rules import Hours
from ticketing.meetings.words import Issue
from ticketing.network.queries import UnknownUnit
from ticketing.tickets import ledger
from ticketing.tickets.actions.perform import perform
from ticketing.tickets.flow import Party
from ticketing.tickets.wishes import AssignPart, Invite
from ticketing.tickets.words import Action, State


def refused(world: World, kind: type[DomainError], act) -> DomainError:
    """Try what is to be refused; prove that nothing changed and return the refusal."""
    before = world.fingerprint()
    with pytest.raises(DomainError) as caught:
        act()
    assert type(caught.value) is kind, f"{caught.value!r} instead of {kind.__name__}"
    assert world.fingerprint() == before, "a refusal changed a row"
    return caught.value


def test_a_task_about_a_ticket_becomes_a_part_and_the_parts_reply_ticks_it_off(world):
    ticket = world.ticket(State.PROCESSING)
    number = kit.issued(world, ticket, "D-HRS", "D-PWR", for_company="供电公司周五前送电")

    helper, lead = sorted(kit.found(world, number).items[0].tasks, key=lambda one: one.unit.code)

    assert (helper.is_part, lead.is_part) == (True, False)  # the lead's task is the ticket itself
    assert helper.is_open
    assert "finish_part" in world.may("dept2", ticket)
    assert world.events(ticket)[-3].data["said"]["due_at"] == "2026-11-27T09:00:00+00:00"
    world.act("dept2", ticket, "finish_part", reply="已核实，无欠薪")
    done = next(one for one in kit.found(world, number).items[0].tasks if one.is_part)
    assert (done.is_open, done.evidence) == (False, "已核实，无欠薪")
    assert list(ledger.verify()) == []


def test_a_task_of_no_ticket_is_ticked_off_by_its_unit_with_evidence(world):
    number = kit.issued(world, None, "D-HRS")
    one = kit.found(world, number).items[0].tasks[0]

    refused(
        world, NotPermitted, lambda: agenda.tick_off(world.actor("dept"), number, one.id, "x", now=world.now)
    )
    refused(world, Invalid, lambda: agenda.tick_off(world.actor("dept2"), number, one.id, "", now=world.now))
    agenda.tick_off(world.actor("dept2"), number, one.id, "路灯已修好", now=world.now)

    done = kit.found(world, number).items[0].tasks[0]
    assert (done.is_open, done.evidence) == (False, "路灯已修好")
    refused(
        world,
        WrongState,
        lambda: agenda.tick_off(world.actor("dept2"), number, one.id, "again", now=world.now),
    )


@pytest.mark.parametrize("state", [State.DISPATCHED, State.RETURN_REVIEW, State.SUSPENDED])
def test_units_get_their_parts_whatever_else_is_going_on(world, state):
    ticket = world.ticket(state)
    kit.issued(world, ticket, "D-HRS")

    assert "finish_part" in world.may("dept2", ticket)


@pytest.mark.parametrize("state", [State.SUBMITTED, State.REPLY_REVIEW, State.REPLIED])
def test_where_a_ticket_takes_no_parts_the_task_stays_the_meetings_own(world, state):
    ticket = world.ticket(state)
    number = kit.issued(world, ticket, "D-HRS")

    assert [one.is_part for one in kit.found(world, number).items[0].tasks] == [False]


def test_a_part_that_is_open_goes_into_the_meetings(world):
    ticket = world.ticket(State.PROCESSING)
    world.do("dept", ticket, Invite(unit="D-HRS", due_limit="10wd", message="请核实"))
    number = kit.issued(world, ticket, "D-HRS")

    again = kit.issued(world, ticket, "D-HRS")

    rows = db.session.execute(text("SELECT message FROM parts WHERE cancelled_at IS NULL")).all()
    assert [row.message for row in rows] == ["请核实\nD-HRS 的任务\nD-HRS 的任务"]
    for one in (number, again):
        task = kit.found(world, one).items[0].tasks[0]
        assert (task.is_part, task.is_open) == (True, True)
    assert list(ledger.verify()) == []


def test_nobody_assigns_parts_but_through_a_meeting(world):
    ticket = world.ticket(State.PROCESSING)
    asked = AssignPart(unit="D-HRS", due_limit="2wd", message="x", meeting="HS26-0001")

    for who in ("dispatcher", "manager", "dept", "enterprise"):
        refused(world, NotPermitted, lambda who=who: world.do(who, ticket, asked))
    perform(world.actor("area"), ticket, asked, now=world.now, also=frozenset({Party.CONVENER}))


def test_a_company_is_told_what_the_host_wrote_for_it_and_nothing_else(world):
    told, untold = world.ticket(State.PROCESSING), world.ticket(State.PROCESSING)
    kit.issued(world, told, "D-HRS", for_company="周五前送电")
    kit.issued(world, untold, "D-HRS")

    def seen(number: str) -> list[str]:
        return [event.action.value for event in world.events(number)]

    assert seen(told).count("consulted") == 1
    assert "consulted" not in seen(untold)
    assert world.events(told)[-1].data["said"] == {"message": "周五前送电", "held_on": "2026-11-23"}


def test_minutes_are_sealed_and_a_correction_stands_beside_them(world):
    number = kit.issued(world, world.ticket(State.PROCESSING), "D-HRS")
    issuing.amend(world.actor("supervisor"), number, "任务期限应为周四", now=world.later(hours=1))

    papers = list(db.session.scalars(select(MeetingPaper).order_by(MeetingPaper.nth)))

    first, second = papers
    assert first.sha256 == hashlib.sha256(f"\n{first.body}".encode()).hexdigest()
    assert second.sha256 == hashlib.sha256(f"{first.sha256}\n{second.body}".encode()).hexdigest()
    assert json.loads(first.body)["items"][0]["tasks"][0]["due_on"] == "2026-11-27"
    for statement in ("UPDATE meeting_papers SET body = 'x'", "DELETE FROM meeting_papers"):
        with pytest.raises(DatabaseError), transaction():
            db.session.execute(text(statement))


def test_issued_minutes_and_cancelled_meetings_are_closed(world):
    number = kit.issued(world, world.ticket(State.PROCESSING), "D-HRS")
    off = kit.called(world)
    calling.cancel(world.actor("dispatcher"), off, "改为书面会商", now=world.now, seen_version=None)

    for closed in (number, off):
        for act in (
            lambda closed=closed: calling.edit(
                world.actor("dispatcher"), closed, kit.wish(world), now=world.now, seen_version=None
            ),
            lambda closed=closed: issuing.issue(
                world.actor("dispatcher"), closed, now=world.now, seen_version=None
            ),
        ):
            refused(world, rules.MeetingIsOver, act)
    refused(world, WrongState, lambda: issuing.amend(world.actor("dispatcher"), off, "x", now=world.now))


def test_minutes_need_a_meeting_a_question_decisions_and_days_to_come(world):
    number = kit.called(world)
    leader = world.actor("dispatcher")

    def issue():
        return issuing.issue(leader, number, now=world.now, seen_version=None)

    refused(world, rules.NotYetHeld, issue)
    world.later(hours=2)
    refused(world, issuing.NothingOnTheAgenda, issue)
    agenda.add_item(leader, number, agenda.ItemWish("路灯", Issue.OTHER), now=world.now)
    assert refused(world, issuing.DecisionMissing, issue).facts == {"n": 1, "which": "1"}
    kit.task(world, number, kit.decide(world, number), "D-HRS")
    world.later(days=5)
    refused(world, issuing.TaskIsLate, issue)


def test_tasks_are_due_on_working_days_to_come(world):
    number = kit.called(world, world.ticket(State.PROCESSING))
    item_id = kit.found(world, number).items[0].item.id

    for due_on, kind in (
        (date(2026, 11, 23), rules.DueInThePast),
        (date(2025, 1, 1), rules.DueInThePast),
        (date(2028, 1, 3), rules.DueInThePast),
        (date(2026, 11, 28), rules.DueOnADayOff),
    ):
        refused(world, kind, lambda due_on=due_on: kit.task(world, number, item_id, "D-HRS", due_on=due_on))
    refused(world, UnknownUnit, lambda: kit.task(world, number, item_id, "D-NIL"))
    other = world.actor("dept").user_id
    refused(world, agenda.NotOfTheUnit, lambda: kit.task(world, number, item_id, "D-HRS", user_id=other))
    kit.task(world, number, item_id, "D-HRS")
    refused(world, agenda.OneTaskAUnit, lambda: kit.task(world, number, item_id, "D-HRS"))


def test_meetings_have_hours_and_somebody_to_talk_to(world):
    start = world.now + timedelta(days=1)
    for fields, kind in (
        ({"hours": Hours(start, start)}, rules.BadHours),
        ({"hours": Hours(start, start - timedelta(hours=1))}, rules.BadHours),
        ({"hours": Hours(start, start + timedelta(hours=13))}, rules.BadHours),
        (
            {"hours": Hours(start + timedelta(days=500), start + timedelta(days=500, hours=1))},
            rules.TooFarOff,
        ),
        ({"units": ()}, rules.NobodyInvited),
        ({"units": ("C0",)}, rules.NobodyInvited),
        ({"units": ("D-NIL",)}, UnknownUnit),
    ):
        refused(world, kind, lambda fields=fields: kit.called(world, **fields))


def test_only_open_tickets_in_sight_come_on_an_agenda_once(world):
    number = kit.called(world, who="area", host="A1", ticket=world.ticket(State.PROCESSING))
    unseen = world.file("enterprise2", site=world.site_of("S201"))
    draft, closed = world.ticket(State.DRAFT), world.ticket(State.CLOSED)
    known = kit.found(world, number, "area").items[0].ticket
    assert known

    for typed, kind in (
        (unseen, agenda.NoSuchTicket),
        (draft, agenda.NoSuchTicket),
        ("QS26-000-000-001", agenda.NoSuchTicket),
        ("胡写", agenda.NoSuchTicket),
        (closed, agenda.TicketIsOver),
        (known.number, agenda.OnTheAgenda),
    ):
        about = agenda.ItemWish("问题", Issue.LAND, ticket=typed)
        refused(
            world, kind,
            lambda about=about: agenda.add_item(world.actor("area"), number, about, now=world.now),
        )  # fmt: skip


@pytest.mark.parametrize("who", ["clerk", "station", "dept", "caller", "auditor", "project"])
def test_others_call_no_meetings(world, who):
    refused(world, NotPermitted, lambda: kit.called(world, who=who))


def test_who_does_not_lead_a_meeting_writes_nothing_in_it(world):
    number = kit.called(world, world.ticket(State.PROCESSING))
    for who, kind in (("dept2", NotPermitted), ("deptlead", NotPermitted), ("clerk", NotPermitted),
                      ("station2", NotFound), ("enterprise", NotFound)):  # fmt: skip
        refused(
            world, kind,
            lambda who=who: calling.edit(
                world.actor(who), number, kit.wish(world), now=world.now, seen_version=None
            ),
        )  # fmt: skip


def test_the_second_of_two_writers_is_told(world):
    number = kit.called(world)
    seen = kit.meeting_row(number).version
    calling.edit(
        world.actor("dispatcher"), number, kit.wish(world, theme="改"), now=world.now, seen_version=seen
    )

    refused(
        world, rules.MeetingChanged,
        lambda: calling.edit(
            world.actor("supervisor"), number, kit.wish(world), now=world.now, seen_version=seen
        ),
    )  # fmt: skip


def test_the_agenda_moves_up_and_down(world):
    number, leader = kit.called(world), world.actor("dispatcher")
    ids = [
        agenda.add_item(leader, number, agenda.ItemWish(issue, Issue.OTHER), now=world.now)
        for issue in ("一", "二", "三")
    ]

    agenda.move_item(leader, number, ids[2], up=True, seen_version=None)
    agenda.move_item(leader, number, ids[0], up=True, seen_version=None)
    agenda.remove_item(leader, number, ids[1], now=world.now, seen_version=None)

    assert [one.issue for one in kit.items_of(number)] == ["一", "三"]


def test_the_next_meeting_opens_with_what_the_last_one_left(world):
    ticket = world.ticket(State.PROCESSING)
    first = kit.issued(world, ticket, "D-HRS")
    second = kit.called(world, ticket)

    assert [(one.meeting, one.is_part) for one in kit.found(world, second).earlier] == [(first, True)]
    world.act("dept2", ticket, "finish_part", reply="好了")
    assert kit.found(world, second).earlier == []


def test_the_timeline_says_what_became_of_the_meeting(world):
    ticket = world.ticket(State.PROCESSING)
    number = kit.called(world, ticket)
    calling.edit(
        world.actor("dispatcher"),
        number,
        kit.wish(world, place="302"),
        now=world.later(minutes=1),
        seen_version=None,
    )
    calling.cancel(
        world.actor("dispatcher"), number, "改期另议", now=world.later(minutes=1), seen_version=None
    )

    phases = [event.data["said"]["phase"] for event in world.events(ticket) if event.action is Action.MEET]

    assert phases == ["called", "moved", "cancelled"]
    assert world.row(ticket).version == world.events(ticket)[-4].data["set"]["version"]
    assert list(ledger.verify()) == []


def test_numbers_follow_each_other(world):
    assert [kit.called(world), kit.called(world)] == ["HS26-0001", "HS26-0002"]
    assert db.session.scalar(select(MeetingTask.id).limit(1)) is None
