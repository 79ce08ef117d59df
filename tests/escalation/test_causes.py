"""What fires without a clock: returns, redos, units, likeness; notices, notes owed, pauses that end."""

from __future__ import annotations

from datetime import timedelta

from tests.escalation.kit import at, rows, short, swept
from ticketing.core.db import db
from ticketing.core.errors import Invalid
from ticketing.sla import queries as sla
from ticketing.tickets import ledger
from ticketing.tickets.actions.handling import MAX_SUSPENSION_DAYS, PausesAreUsedUp
from ticketing.tickets.models import Ticket
from ticketing.tickets.words import Action, State


def without_clock(number: str) -> list[str]:
    return [row.step for row in rows(number) if row.clock_id is None]


def returned(world, number: str, to: str) -> None:
    people = {"D-PWR": "dept", "D-HRS": "dept2", "D-TAX": "d-tax-liaison"}
    unit = next(code for code, who in people.items() if world.may(who, number) & {"request_return"})
    world.act(people[unit], number, "request_return", reason_code="unclear_duty", message="不属于我单位")
    world.act("dispatcher", number, "rule_return", uphold=True, unit=to, message="改派")


def test_a_second_return_is_brought_before_supervision_once(world):
    number = world.ticket(State.DISPATCHED)
    world.act("dept", number, "request_return", reason_code="unclear_duty", message="不属于我单位")
    world.act("dispatcher", number, "rule_return", uphold=False, message="由你单位办理")
    swept(world.now)
    assert without_clock(number) == []
    world.act("dept", number, "request_return", reason_code="unclear_duty", message="仍不属于")

    fired = [one for one in swept(world.now) if one.metric is None]

    assert short(fired) == ["returns-2"]
    assert {world.actor("supervisor").user_id, world.actor("manager").user_id} <= set(fired[0].notified)
    world.act("dispatcher", number, "rule_return", uphold=False, message="最终裁定")
    swept(world.now)
    assert without_clock(number) == ["returns-2"]


def test_a_third_unit_in_one_round_is_one_too_many(world):
    number = world.ticket(State.DISPATCHED)
    returned(world, number, "D-HRS")
    swept(world.now)
    assert without_clock(number) == []
    returned(world, number, "D-TAX")
    swept(world.now)

    assert set(without_clock(number)) == {"returns-2", "units-3"}


def test_a_lead_and_two_helpers_are_three_units(world):
    number = world.ticket(State.ACCEPTED)
    world.act("dispatcher", number, "dispatch", unit="D-PWR", co_units=["D-HRS", "D-TAX"])

    swept(world.now)

    assert without_clock(number) == ["units-3"]


def test_a_second_redo_is_brought_before_supervision_and_a_third_again(world):
    number = world.ticket(State.REPLIED)
    for round_ in range(3):
        world.act("enterprise", number, "rate", solved="no", satisfaction=1)
        swept(world.now)
        assert [row.cycle for row in rows(number) if row.step == "redos-2"] == [[], [3], [3, 4]][round_]
        if round_ < 2:
            world.act("dept", number, "sign")
            world.act("dept", number, "submit_reply", reply="再次处理")
            world.act("deptlead", number, "approve_reply")


def test_the_fifth_request_alike_within_thirty_days_is_seen(world):
    numbers = []
    for _ in range(4):
        numbers.append(world.file())
        world.later(days=7)
    other = world.file(category="TAX")
    world.later(hours=1)
    fifth = world.file()
    late = None

    swept(world.now)

    assert without_clock(fifth) == ["similar-5"]
    assert not any(without_clock(number) for number in [*numbers, other])
    world.later(days=25)
    late = world.file()
    swept(world.now)
    assert without_clock(late) == []


def test_the_written_notice_goes_out_at_the_opening_of_the_next_working_day(world):
    number = world.ticket(State.PROCESSING)
    world.act("dept", number, "contact", outcome="reached")
    due = world.clocks(number)["resolve"].due_at
    assert due == at("2026-11-30 17:00")

    assert "notice" not in {one.step for one in swept(at("2026-12-01 08:59"))}
    fired = swept(at("2026-12-01 09:00"))

    assert short(fired) == ["resolve notice"]
    assert {world.actor("deptlead").user_id, world.actor("supervisor").user_id} <= set(fired[0].notified)
    assert "notice" not in {one.step for one in swept(at("2026-12-11 09:00"))}


def test_a_notice_after_a_friday_waits_for_the_day_that_works(world):
    world.now = at("2026-09-28 10:00")  # before the national holiday; 10 October is a working Saturday
    number = world.file(kind="consult")  # two working days: Wednesday 30 September
    world.act("clerk", number, "accept")
    assert world.clocks(number)["resolve"].due_at == at("2026-09-30 17:00")

    fired = [one for one in swept(at("2026-10-12 12:00")) if one.step == "notice"]

    assert [one.due_moment for one in fired] == [at("2026-10-08 09:00")]


def test_a_suspended_ticket_goes_on_by_itself_on_its_day(world):
    number = world.ticket(State.SUSPENDED)  # until 15 December
    swept(at("2026-12-14 23:59"))
    assert world.row(number).status is State.SUSPENDED

    swept(at("2026-12-15 00:00"))

    assert world.row(number).status is State.PROCESSING
    last = world.events(number)[-1]
    assert (last.action, last.actor_id) == (Action.RESUME, None)
    assert list(ledger.verify()) == []


def test_a_worker_that_comes_late_gives_nobody_more_time(world):
    number = world.ticket(State.SUSPENDED)

    swept(at("2026-12-18 10:00"))  # nobody looked for three days

    clocks = sla.clocks_of(world.row(number).id)
    pauses = [pause for found in sla.pauses_of([clock.id for clock in clocks]).values() for pause in found]
    assert {pause.resumed_at for pause in pauses} == {at("2026-12-15 00:00")}
    resumed = next(event for event in world.events(number) if event.action is Action.RESUME)
    assert resumed.at == at("2026-12-18 10:00")
    assert list(ledger.verify()) == []


def test_every_ten_working_days_of_waiting_a_note_is_owed(world):
    number = world.ticket(State.PROCESSING)
    world.act("supervisor", number, "suspend", reason_code="engineering", resume_on="2027-02-01")

    fired = [one for one in swept(at("2026-12-07 17:00")) if one.metric is None]
    assert [(one.step, one.due_moment) for one in fired] == [("note-1", at("2026-12-07 17:00"))]
    world.now = at("2026-12-09 10:00")
    world.act("dept", number, "note", body="变压器已到货")
    fired = [one for one in swept(at("2026-12-21 17:00")) if one.metric is None]
    assert fired == []
    fired = [one for one in swept(at("2026-12-23 17:00")) if one.metric is None]
    assert [(one.step, one.due_moment) for one in fired] == [("note-2", at("2026-12-23 17:00"))]


def test_notes_missed_are_written_in_order_and_the_last_is_news(world):
    number = world.ticket(State.PROCESSING)
    world.act("supervisor", number, "suspend", reason_code="engineering", resume_on="2027-02-01")

    fired = [one for one in swept(at("2027-01-08 12:00")) if one.metric is None]

    assert [one.step for one in fired] == ["note-1", "note-2", "note-3"]
    assert [one.is_late for one in fired] == [True, True, False]


def test_the_company_s_answer_ends_the_wait_for_it(world):
    number = world.ticket(State.PROCESSING)
    world.act("supervisor", number, "suspend", reason_code="awaiting_requester", resume_on="2026-12-10")
    world.act("enterprise", number, "message", body="材料已补")

    assert world.row(number).status is State.PROCESSING
    assert all(not one.step.startswith("note") for one in swept(at("2027-01-08 12:00")))


def test_all_pauses_together_have_a_cap(world):
    number = world.ticket(State.PROCESSING)
    world.act("supervisor", number, "suspend", reason_code="season", resume_on="2027-03-03")
    world.now = at("2027-03-03 10:00")
    swept(world.now)  # it stood still for 99 days and a part of one
    left = MAX_SUSPENSION_DAYS - 99
    too_far, far = (f"{at('2027-03-03 10:00') + timedelta(days=days):%Y-%m-%d}" for days in (left + 1, left))

    refusal = world.refused(Invalid, "supervisor", number, "suspend", reason_code="season", resume_on=too_far)
    world.act("supervisor", number, "suspend", reason_code="season", resume_on=far)
    world.now = at(f"{far} 10:00")
    swept(world.now)

    assert refusal.facts["most"] == left
    world.refused(
        PausesAreUsedUp, "supervisor", number, "suspend", reason_code="season", resume_on="2027-06-01"
    )


def test_an_ended_ticket_wants_no_look(world):
    numbers = [world.ticket(state) for state in (State.CLOSED, State.WITHDRAWN, State.MERGED, State.DRAFT)]
    swept(at("2027-01-08 12:00"))

    wanted = {row.number: row.look_at for row in db.session.query(Ticket).filter(Ticket.number.in_(numbers))}
    assert set(wanted.values()) == {None}
