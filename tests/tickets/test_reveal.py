"""Who reads whose name: contact and company of ordinary and confidential requests, role by role."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ticketing.core.errors import NotFound
from ticketing.core.local_day import local_date
from ticketing.sla.words import Metric
from ticketing.tickets.queries import conditions, listing, view
from ticketing.tickets.words import State

READERS = (
    "enterprise", "clerk", "dispatcher", "station", "area", "dept", "deptlead", "dept2", "supervisor",
    "caller", "manager", "auditor", "project",
)  # fmt: skip
# Ordinary: who works on it or calls the company. Confidential: the desk, the supervisor, the named handler.
SEES_CONTACT = {
    (False, False): {"enterprise", "clerk", "supervisor", "caller", "dept", "deptlead"},
    (False, True): {"enterprise", "clerk", "supervisor", "caller", "dept", "deptlead"},
    (True, False): {"enterprise", "clerk", "supervisor"},
    (True, True): {"enterprise", "clerk", "supervisor", "dept"},
}


@pytest.fixture(params=[False, True], ids=["unclaimed", "claimed"])
def is_claimed(request):
    return request.param


@pytest.fixture(params=[False, True], ids=["ordinary", "confidential"])
def is_confidential(request):
    return request.param


@pytest.fixture
def number(world, is_confidential, is_claimed):
    """A ticket with the power company, helped by another department, read by its area too."""
    number = world.ticket(State.ACCEPTED, confidential=is_confidential)
    world.act("dispatcher", number, "dispatch", unit="D-PWR", co_units=["D-HRS"])
    world.act("dept", number, "sign")
    if is_claimed:
        world.act("dept", number, "claim")
    return number


def test_the_contact_is_read_by_those_who_need_it(world, number, is_confidential, is_claimed):
    allowed = SEES_CONTACT[is_confidential, is_claimed]
    for who in READERS:
        found = view.view(world.actor(who), number, now=world.now, today=local_date(world.now))

        assert found.contact.is_masked is (who not in allowed), who
        if who in allowed:
            assert (found.contact.name, found.contact.phone) == ("林知夏", world.row(number).contact_phone)
        else:
            assert "知夏" not in found.contact.name
            assert found.contact.phone != world.row(number).contact_phone
            assert "****" in found.contact.phone
            assert "enterprise@" not in found.contact.email


def test_the_company_of_a_confidential_request_is_masked_with_the_contact(
    world, number, is_confidential, is_claimed
):
    allowed = SEES_CONTACT[True, is_claimed] if is_confidential else set(READERS)
    for who in READERS:
        actor = world.actor(who)
        found = view.view(actor, number, now=world.now, today=local_date(world.now))
        page = listing.listing(actor, conditions.Filters(), now=world.now)

        (row,) = [row for row in page.rows if row.number == number]
        for shown in (found.enterprise, row.enterprise):
            assert ("澄砚" in shown) is (who in allowed), (who, shown)
        assert (found.uscc is not None) is (who in allowed), who


def test_the_history_of_a_confidential_request_does_not_tell_the_name(
    world, number, is_confidential, is_claimed
):
    world.act("enterprise", number, "message", body="有进展吗?")
    allowed = SEES_CONTACT[True, is_claimed] if is_confidential else set(READERS)
    for who in READERS:
        actor = world.actor(who)
        found = view.view(actor, number, now=world.now, today=local_date(world.now))

        names = {event.actor for event in view.history(found)}
        assert ("林知夏" in names) is (who in allowed), who


def test_the_list_holds_exactly_what_can_be_opened(world):
    numbers = [
        world.ticket(state) for state in (State.DRAFT, State.SUBMITTED, State.PROCESSING, State.CLOSED)
    ]
    numbers += [world.file("enterprise2"), world.ticket(State.RETURN_REVIEW, unit="S101")]
    world.act("dept", numbers[2], "invite", unit="S201", due_limit="2wd", message="请协助")
    world.act("clerk", numbers[4], "merge", into=world.file("enterprise2"))
    for who in (*READERS, "enterprise2", "station2", "policy", "admin"):
        actor = world.actor(who)
        listed = {row.number for row in listing.listing(actor, conditions.Filters(), now=world.now).rows}

        opened = {number for number in numbers if may_open(actor, number)}

        assert listed & set(numbers) == opened, who
    assert may_open(world.actor("station2"), numbers[2])
    assert not may_open(world.actor("dept2"), numbers[2])


def may_open(actor, number):
    try:
        return bool(view.ticket(actor, number))
    except NotFound:
        return False


def test_a_report_of_a_violation_is_confidential_unless_the_reporter_says_otherwise(world):
    silent, plain = (
        world.file(kind="violation_report"),
        world.file(kind="violation_report", confidential=False),
    )

    assert [world.row(number).is_confidential for number in (silent, plain, world.file())] == [
        True,
        False,
        False,
    ]


def test_the_company_reads_neither_notes_nor_what_units_say_among_themselves(world):
    number = world.ticket(State.PROCESSING)
    world.act("dept", number, "note", body="内部:客户情绪激动")
    world.act("dept", number, "contact", outcome="reached", note="内部:已解释")
    world.act("dept", number, "invite", unit="D-HRS", due_limit="2wd", message="内部:请核实")
    world.act("dept2", number, "finish_part", reply="内部:已核实")
    world.act("supervisor", number, "supervise", demand="内部:请说明", due_limit="1wd")
    world.act("dept", number, "request_extension", days=1, reason="内部:等待设备")
    world.act("dept", number, "message", body="我们周五到现场")
    actor = world.actor("enterprise")
    found = view.view(actor, number, now=world.now, today=local_date(world.now))

    told = repr([(event.action, event.said) for event in view.history(found)])

    assert "周五到现场" in told
    assert "内部" not in told
    assert not {"note", "finish_part", "supervise", "request_extension"} & {
        event.action.value for event in view.history(found)
    }
    assert found.parts == []
    assert found.supervisions == []


def test_staff_read_the_whole_history(world):
    number = world.ticket(State.PROCESSING)
    world.act("dept", number, "note", body="内部备注")
    actor = world.actor("manager")
    found = view.view(actor, number, now=world.now, today=local_date(world.now))

    events = view.history(found)

    assert [event.seq for event in events] == list(range(1, len(world.events(number)) + 1))
    assert events[-1].said == {"body": "内部备注"}
    assert events[-1].is_internal


def test_a_clock_reads_breached_from_just_after_its_due_moment(world):
    number = world.ticket(State.PROCESSING)
    due = world.clocks(number)["resolve"].due_at
    actor = world.actor("dept")

    found = [
        view.view(actor, number, now=due + timedelta(seconds=after), today=local_date(due)).clock(
            Metric.RESOLVE
        )
        for after in (-1, 0, 1)
    ]
    states = [clock.state for clock in found if clock]

    assert states == ["running", "running", "breached"]
