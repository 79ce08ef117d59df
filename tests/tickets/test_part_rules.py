"""Rules for co-units' parts: what counts where no limit is chosen, whom warnings reach, a trial."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta

import pytest

from tests.sla.test_web import MARK, look, send
from tests.tickets.desk import fill, hidden, visits
from tests.tickets.test_parts import part_clock, part_of
from tests.world import World
from ticketing.core import clock
from ticketing.core.errors import Invalid
from ticketing.core.local_day import local_date
from ticketing.sla import queries as sla
from ticketing.sla.actions import limits
from ticketing.sla.actions.limits import RuleWish
from ticketing.sla.rules.deadlines import due_at
from ticketing.sla.rules.limits import Limit
from ticketing.sla.rules.steps import StepPlan, read
from ticketing.sla.words import Metric
from ticketing.tickets import ledger
from ticketing.tickets.words import State


def rule(world: World, limit: str | None, unit: str = "*", steps: StepPlan | None = None) -> None:
    """Set the limit of parts from the world's next day on, and go there."""
    today = local_date(world.now)
    wish = RuleWish(
        Metric.PART,
        "*",
        "*",
        "*",
        unit,
        Limit.parse(limit) if limit else None,
        today + timedelta(days=1),
        steps=steps,
    )
    limits.set_limit(world.actor("admin"), wish, today=today)
    world.now += timedelta(days=1)


def invited(world: World, units: Iterable[str] = ("D-TAX",), **typed: str) -> str:
    """A ticket in work at D-PWR for whose parts no limit was chosen."""
    number = world.ticket(State.PROCESSING)
    for unit in units:
        world.act("dept", number, "invite", unit=unit, message="请核实补贴", **typed)
    return number


def due(world: World, limit: str):
    """When a part asked for now is due."""
    return due_at(world.now, Limit.parse(limit), sla.calendar("cn")).at


def test_a_changed_rule_changes_the_clock_of_a_new_part_and_no_other(world):
    rule(world, "2wd")
    first = invited(world)
    first_due = due(world, "2wd")
    rule(world, "4wh")

    second = invited(world)

    assert part_of(world, second).due_at == part_clock(world, second).due_at == due(world, "4wh")
    assert (part_of(world, first).limit, part_of(world, first).due_at) == ("2wd", first_due)
    assert world.events(second)[-1].data["said"]["due_limit"] == "4wh"
    assert list(ledger.verify()) == []


def test_the_rule_of_the_co_unit_wins_over_that_for_all(world):
    rule(world, "5wd", unit="D-TAX")
    rule(world, "2wd")

    assert part_of(world, invited(world, ["D-TAX"])).limit == "5wd"
    assert part_of(world, invited(world, ["D-HRS"])).limit == "2wd"


def test_without_a_rule_a_limit_is_asked_for_and_nothing_is_done(world):
    number = world.ticket(State.PROCESSING)

    refusal = world.refused(Invalid, "dept", number, "invite", unit="D-TAX", message="请核实")

    assert refusal.fields == {"due_limit": ["请选择时限"]}


@pytest.mark.parametrize("limit", ["5wd", None])
def test_who_chooses_a_limit_has_it_and_warnings_go_by_the_rule(world, limit):
    plan = read([{"percent": 50, "audience": ["handler"]}, {"every_hours": 8, "audience": ["supervision"]}])
    rule(world, limit, steps=plan)

    number = invited(world, due_limit="1wd")

    assert part_of(world, number).due_at == due(world, "1wd")
    assert (part_clock(world, number).steps, part_clock(world, number).rule_id) == (plan.as_json(), None)


def test_what_is_asked_for_again_counts_by_the_rule_of_before(world):
    plan = read([{"percent": 50, "audience": ["handler"]}, {"every_hours": 8, "audience": ["supervision"]}])
    rule(world, "2wd", steps=plan)
    number = invited(world)
    first = part_clock(world, number)
    rule(world, "4wh")
    world.act("dept", number, "submit_reply", reply="已办好", reason="不影响结论")

    world.act("deptlead", number, "send_back", message="请等税务的意见")

    again = part_clock(world, number)
    assert again.nth > first.nth
    for name in ("limit", "rule_id", "steps", "calendar_id"):
        assert getattr(again, name) == getattr(first, name), name
    assert part_of(world, number).due_at == again.due_at == due(world, "2wd")
    assert list(ledger.verify()) == []


def test_the_form_offers_what_the_rule_says_and_takes_it(today, app):
    lead, number = visits(app)("dept"), today.ticket(State.PROCESSING)
    path = f"/tickets/{number}/invite"
    assert 'value="">请选择时限<' in lead.get(path).text
    asked = lead.post(path, data={**hidden(lead.get(path), path), "unit": "D-TAX", "message": "请核实"})
    assert asked.status_code == 422
    assert "协办时限 · 请选择时限" in asked.text
    assert "请核实" in asked.text
    moment = today.now
    today.now -= timedelta(days=2)
    rule(today, "2wd")
    today.now = moment

    assert 'value="">按规则定（一般 2 个工作日）<' in lead.get(path).text
    fill(lead, number, "invite", unit="D-TAX", message="请核实")

    assert part_of(today, number).limit == "2wd"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_administrator_tries_keeps_and_sees_a_rule_for_parts(today, app):
    admin = visits(app)("admin")
    today.now = clock.now() - timedelta(days=4)
    rule(today, "2wd")
    by_rule, chosen = invited(today), invited(today, due_limit="5wd")

    tried = look(admin, metric="part", kind="*", limit=["1", "wd"])
    kept = send(admin, metric="part", kind="*", limit=["1", "wd"])

    assert "管得到的诉求有 1 件" in tried.text
    assert by_rule in tried.text
    assert chosen not in tried.text
    assert MARK.search(tried.text)
    assert kept.status_code == 303
    page = re.sub(r"<[^>]+>", " ", admin.get("/admin/limits").text)
    assert "2 个工作日协办" in page
    assert re.search(r"协办\s+1 个工作日", page)
