"""Lead and co-units: a clock, a reply and a sign-off for each part; the lead waits, or says why not."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from tests.escalation.kit import at, rows, short, swept
from tests.test_races import doing, together
from tests.world import World
from ticketing.accounts.models import Membership
from ticketing.core.actor import Role
from ticketing.core.db import db, transaction
from ticketing.core.errors import ChangedMeanwhile, NotPermitted
from ticketing.network.models import Unit
from ticketing.network.queries import network
from ticketing.sla import queries as sla
from ticketing.sla.models import Clock
from ticketing.sla.words import Metric
from ticketing.tickets import ledger
from ticketing.tickets.actions.handling import PartsAreOpen
from ticketing.tickets.actions.parts import NoSuchPart
from ticketing.tickets.models import Part, Ticket
from ticketing.tickets.queries import audience
from ticketing.tickets.words import State


def invited(world: World, *units: str, limit: str = "2wd") -> str:
    """A ticket in work at D-PWR, helped by ``units``."""
    number = world.ticket(State.PROCESSING)
    for unit in units:
        world.act("dept", number, "invite", unit=unit, due_limit=limit, message="请核实补贴")
    return number


def part_of(world: World, number: str) -> Part:
    ticket = world.row(number)
    found = db.session.scalars(select(Part).where(Part.ticket_id == ticket.id).order_by(Part.id))
    return found.all()[-1]


def part_clock(world: World, number: str) -> Clock:
    clocks = sla.clocks_of(world.row(number).id)
    return next(clock for clock in reversed(clocks) if clock.metric is Metric.PART)


def told(world: World, number: str) -> set[str]:
    """Who of the people below is told of the ticket's last event."""
    event = world.events(number)[-1]
    ids = audience.told(audience.occasions([event.id]))[event.id]
    names = ("dept", "deptlead", "dept2", "d-tax-handler", "d-tax-liaison", "d-tax-lead", "enterprise")
    return {name for name in names if world.actor(name).user_id in ids}


def test_a_part_counts_once_its_own_leader_has_signed_it_off(world):
    number = invited(world, "D-TAX")
    assert part_clock(world, number).due_at == part_of(world, number).due_at

    world.act("d-tax-handler", number, "finish_part", reply="已核实")
    assert "d-tax-lead" in told(world, number)
    assert part_of(world, number).finished_at is None
    world.refused(PartsAreOpen, "dept", number, "submit_reply", reply="已办好")
    world.refused(NotPermitted, "d-tax-handler", number, "approve_part")
    world.refused(NotPermitted, "deptlead", number, "approve_part")
    world.act("d-tax-lead", number, "send_back_part", message="请写明依据")
    assert {"d-tax-handler", "d-tax-liaison"} <= told(world, number)
    world.refused(NotPermitted, "d-tax-lead", number, "approve_part")
    world.act("d-tax-handler", number, "finish_part", reply="已核实，依据见附件")
    world.act("d-tax-lead", number, "approve_part")

    part = part_of(world, number)
    assert (part.reply, part.signed_by) == ("已核实，依据见附件", world.actor("d-tax-lead").user_id)
    assert {"dept", "d-tax-handler"} <= told(world, number)
    clock = part_clock(world, number)
    assert (clock.state, clock.met_at) == ("met", part.finished_at)
    world.act("dept", number, "submit_reply", reply="已办好")
    assert list(ledger.verify()) == []


def test_a_leader_who_hands_it_in_has_signed_it_off_and_so_has_a_unit_without_one(world):
    number = invited(world, "D-HRS", "S101", "D-TAX")
    with transaction():
        heads = select(Membership).where(
            Membership.role == Role.UNIT_LEADER,
            Membership.user_id == world.actor("d-tax-lead").user_id,
        )
        db.session.delete(db.session.scalars(heads).one())

    for who in ("dept2", "station", "d-tax-handler"):
        world.act(who, number, "finish_part", reply="已核实")
        assert "waits" not in world.events(number)[-1].data["said"]

    world.act("dept", number, "submit_reply", reply="已办好")


def test_the_lead_calls_a_part_off_with_a_reason_the_co_unit_reads(world):
    number = invited(world, "D-TAX")

    world.refused(NoSuchPart, "dept", number, "cancel_part", unit="D-HRS", message="不再需要")
    world.refused(NotPermitted, "d-tax-handler", number, "cancel_part", unit="D-TAX", message="不想办")
    world.act("dept", number, "cancel_part", unit="D-TAX", message="企业已自行核实")

    assert part_of(world, number).cancelled_because == "企业已自行核实"
    assert part_clock(world, number).state == "cancelled"
    assert {"d-tax-handler", "d-tax-liaison", "d-tax-lead"} <= told(world, number)
    world.refused(NotPermitted, "d-tax-handler", number, "finish_part", reply="已核实")
    world.act("dept", number, "invite", unit="D-TAX", due_limit="1wd", message="还是请核实")
    assert list(ledger.verify()) == []


def test_a_reply_without_waiting_says_why_and_tells_the_co_unit(world):
    number = invited(world, "D-TAX")

    world.act("dept", number, "submit_reply", reply="已办好", reason="协办意见不影响结论")

    assert part_of(world, number).cancelled_because == "协办意见不影响结论"
    assert part_clock(world, number).state == "cancelled"
    assert {"deptlead", "d-tax-handler"} <= told(world, number)
    assert "enterprise" not in told(world, number)


def test_a_reply_sent_back_asks_again_for_the_parts_it_had_not_waited_for(world):
    number = invited(world, "D-TAX", "D-HRS", "S101", "D-FIN")
    world.act("station", number, "finish_part", reply="现场已看")
    world.act("d-tax-handler", number, "finish_part", reply="已核实")  # its leader has not signed it off
    world.act("dept", number, "cancel_part", unit="D-FIN", message="不再需要")
    world.later(days=2)
    world.act("dept", number, "submit_reply", reply="已办好", reason="协办意见不影响结论")
    world.later(days=2)
    world.act("deptlead", number, "note", body="正在看")

    world.act("deptlead", number, "send_back", message="请等税务和人社的意见")

    assert world.events(number)[-1].data["said"]["parts_again"] == ["D-TAX", "D-HRS"]
    assert {"dept", "d-tax-handler", "d-tax-lead", "dept2"} <= told(world, number)
    parts = {part.unit_id: part for part in db.session.scalars(select(Part)) if part.cancelled_at is None}
    tax, hrs = (parts[network().by_code[code].id] for code in ("D-TAX", "D-HRS"))
    assert len(parts) == 3
    # Nobody is late for the days of which it was told that it need do nothing.
    clocks = {clock.nth: clock for clock in sla.clocks_of(world.row(number).id)}
    for part in (tax, hrs):
        clock = clocks[part.clock_nth or 0]
        assert (clock.state, clock.limit, clock.started_at) == ("running", "2wd", world.now)
        assert clock.due_at == part.due_at > world.now + timedelta(days=2)
    assert tax.handed_in_at is not None
    world.refused(PartsAreOpen, "dept", number, "submit_reply", reply="已改好")
    world.act("d-tax-lead", number, "approve_part")
    world.act("dept2", number, "finish_part", reply="无欠薪")
    world.act("dept", number, "submit_reply", reply="已改好")
    world.act("deptlead", number, "send_back", message="再改一处")
    assert "parts_again" not in world.events(number)[-1].data["said"]
    assert list(ledger.verify()) == []


def test_a_unit_closed_while_the_reply_was_looked_at_is_not_asked_again(world):
    number = invited(world, "D-TAX", "D-HRS")
    world.act("dept", number, "submit_reply", reply="已办好", reason="不影响结论")
    with transaction():
        db.session.execute(update(Unit).where(Unit.code == "D-TAX").values(is_active=False))

    world.act("deptlead", number, "send_back", message="请修改")

    assert world.events(number)[-1].data["said"]["parts_again"] == ["D-HRS"]


def test_a_unit_that_leads_by_the_time_the_reply_is_sent_back_is_not_asked_for_its_own_part(world):
    number = invited(world, "D-TAX", "D-HRS")
    world.act("dept", number, "submit_reply", reply="已办好", reason="不影响结论")
    leads = select(Unit.id).where(Unit.code == "D-TAX").scalar_subquery()
    with transaction():
        db.session.execute(update(Ticket).where(Ticket.number == number).values(unit_id=leads))

    world.act("d-tax-lead", number, "send_back", message="请修改")

    assert world.events(number)[-1].data["said"]["parts_again"] == ["D-HRS"]


def test_a_co_unit_quicker_than_the_lead_need_not_wait_for_it_to_sign(world):
    number = world.ticket(State.ACCEPTED)
    world.act("dispatcher", number, "dispatch", unit="D-PWR", co_units=["D-TAX", "D-HRS"])
    lead = world.states(number)
    assert "finish_part" in world.may("d-tax-handler", number)

    world.act("d-tax-handler", number, "finish_part", reply="已核实")
    world.act("d-tax-lead", number, "approve_part")
    world.act("dept2", number, "finish_part", reply="无欠薪")

    ticket = world.row(number)
    assert (ticket.status, ticket.handler_id) == ("dispatched", None)
    assert world.states(number) == lead | {"part": "met"}
    world.act("dept", number, "sign")
    world.act("dept", number, "submit_reply", reply="已办好")
    assert list(ledger.verify()) == []


def test_what_the_lead_writes_meanwhile_does_not_refuse_the_co_unit_but_a_colleague_does(world):
    number = invited(world, "D-TAX", "D-HRS")
    seen = world.row(number).version
    world.act("dept", number, "note", body="在等税务")
    world.act("dept2", number, "finish_part", reply="人社已核实")

    world.act("d-tax-liaison", number, "finish_part", reply="已核实", version=seen)

    refusal = world.refused(
        ChangedMeanwhile, "d-tax-handler", number, "finish_part", reply="也已核实", version=seen
    )
    assert [one["action"] for one in refusal.extra["changes"]] == ["finish_part"]
    world.refused(ChangedMeanwhile, "dept", number, "submit_reply", reply="已办好", reason="x", version=seen)


def test_two_co_units_that_finish_at_the_same_moment_are_both_kept(world):
    number = invited(world, "D-HRS", "S101")
    seen = world.row(number).version

    outcomes = together(
        world.app,
        doing(world, "dept2", number, "finish_part", reply="人社已核实", version=seen),
        doing(world, "station", number, "finish_part", reply="现场已看", version=seen),
        doing(world, "dept", number, "note", body="在等两家"),
    )

    assert sorted(outcomes) == [seen + 1, seen + 2, seen + 3]
    replies = db.session.scalars(select(Part.reply).where(Part.finished_at.is_not(None)))
    assert set(replies) == {"人社已核实", "现场已看"}
    assert list(ledger.verify()) == []


def test_a_part_stands_still_with_the_ticket_and_is_due_later_by_as_much(world):
    number = invited(world, "D-TAX")
    due = part_of(world, number).due_at
    world.act("supervisor", number, "suspend", reason_code="season", resume_on="2026-12-07")
    assert part_clock(world, number).state == "paused"
    world.now = at("2026-12-07 10:00")

    world.act("supervisor", number, "resume")

    assert part_of(world, number).due_at == part_clock(world, number).due_at > due + timedelta(days=10)
    assert list(ledger.verify()) == []


def test_a_co_unit_that_becomes_the_lead_owes_itself_nothing(world):
    number = invited(world, "D-TAX", "D-HRS")

    world.act("deptlead", number, "transfer", unit="D-TAX", message="以税务为主")

    open_units = audience.occasions([world.events(number)[-1].id])[0].stake.co_paths
    assert "C0/D-HRS" in open_units
    parts = db.session.scalars(select(Part).order_by(Part.id)).all()
    assert [part.cancelled_at is None for part in parts] == [False, True]
    world.act("d-tax-liaison", number, "sign")
    world.act("dept2", number, "finish_part", reply="已核实")
    world.act("d-tax-handler", number, "submit_reply", reply="已办好")
    assert list(ledger.verify()) == []


def test_a_late_part_warns_its_own_unit_and_then_tells_the_lead_too(world):
    number = invited(world, "D-TAX")
    world.act("dept", number, "contact", outcome="reached")  # the lead keeps its promise
    due = part_of(world, number).due_at

    before = [one for one in swept(due - timedelta(minutes=1)) if one.metric is Metric.PART]
    late = [one for one in swept(due) if one.metric is Metric.PART]
    later = [one for one in swept(due + timedelta(hours=24)) if one.metric is Metric.PART]

    people = {
        name: world.actor(name).user_id for name in ("dept", "d-tax-handler", "d-tax-lead", "dispatcher")
    }
    assert short([*before, *late, *later]) == ["part 50", "part 80", "part 100", "part 100+24h"]
    assert people["d-tax-handler"] in before[0].notified
    assert people["dept"] not in before[0].notified
    assert {people["d-tax-handler"], people["d-tax-lead"], people["dept"]} <= set(late[0].notified)
    assert {people["d-tax-lead"], people["dispatcher"], people["dept"]} <= set(later[0].notified)
    found = [row for row in rows(number) if row.metric is Metric.PART]
    heard = audience.told(audience.occasions([row.event_id for row in found]))
    assert heard == {row.event_id: row.notified for row in found}
    assert swept(due + timedelta(hours=24)) == []
    world.now = due + timedelta(hours=25)
    world.act("d-tax-lead", number, "finish_part", reply="已核实")
    assert part_clock(world, number).state == "breached"
    assert list(ledger.verify()) == []


def test_what_helps_does_not_move_the_queue_of_the_lead_nor_show_among_its_promises(world):
    number = world.ticket(State.PROCESSING)
    before = world.row(number).due_at

    world.act("dept", number, "invite", unit="D-TAX", due_limit="30min", message="请核实")

    assert world.row(number).due_at == before
    assert world.row(number).due_metric != "part"
