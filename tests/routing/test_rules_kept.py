"""Rules as data: kept as versions, refused where they would harm, tried on late requests, then followed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.world import World
from ticketing.core.db import db, transaction
from ticketing.core.errors import DomainError, Invalid, NotFound, NotPermitted
from ticketing.core.local_day import local_date
from ticketing.network.models import Unit, UnitScope
from ticketing.network.queries import holdings, network
from ticketing.routing import actions, queries
from ticketing.routing.actions import RuleChanged, RuleWish
from ticketing.routing.rules.checking import Conflict, MatchesNothing, PointsAtClosed
from ticketing.routing.rules.deciding import Conditions
from ticketing.routing.words import Decides, Target
from ticketing.tickets.words import State


def wish(world: World, **changes: object) -> RuleWish:
    """Electricity of the first area goes to station S102 first."""
    made = RuleWish(
        name="用电先到 S102", name_en="", decides=Decides.INTAKE, priority=100,
        conditions=Conditions(categories=("PWR",), areas=("A1",)), target=Target.UNIT, unit="S102",
        starts_on=local_date(world.now),
    )  # fmt: skip
    return replace(made, **changes)


def keep(world: World, asked: RuleWish, code: str | None = None, seen: int = 0, who: str = "admin") -> str:
    return actions.keep(world.actor(who), asked, code=code, seen=seen, now=world.now).code


def filed_at(world: World, **fields: object) -> tuple[str, dict]:
    """Where a request is taken in, and what its first event says of the rule."""
    number = world.file(**fields)
    said = world.events(number)[0].data["said"]
    assert network().by_id[world.row(number).unit_id].code == said["unit"]
    return said["unit"], said["rule"]


def test_a_rule_is_followed_from_its_day_changed_by_a_version_and_ended_by_another(world):
    code = keep(world, wish(world, starts_on=local_date(world.now) + timedelta(days=1)))
    assert filed_at(world)[0] == "S101"

    world.later(days=1)
    assert filed_at(world) == (
        "S102",
        {"why": "rule", "code": code, "version": 1, "name": "用电先到 S102", "name_en": ""},
    )
    assert filed_at(world, category="TAX")[0] == "S101"

    keep(world, wish(world, unit="A1", name="用电先到片区"), code, seen=1)
    unit, said = filed_at(world)
    assert (unit, said["version"], said["name"]) == ("A1", 2, "用电先到片区")

    keep(world, wish(world, is_ended=True), code, seen=2)
    assert filed_at(world)[1]["code"] == "R1"
    assert [(one.version, one.is_ended) for one in queries.book().of(code)] == [
        (1, False),
        (2, False),
        (3, True),
    ]


def test_words_kinds_and_levels_choose_the_department(world):
    keep(
        world,
        wish(
            world, decides=Decides.LEAD, unit="D-URB", name="漏水归城管",
            conditions=Conditions(kinds=("complaint",), words=("漏水", "积水")),
        ),
    )  # fmt: skip
    wet = world.file(kind="complaint", title="道路积水", category="WTR")
    dry = world.file(kind="complaint", title="水压太低", category="WTR")
    for number in (wet, dry):
        world.act("clerk", number, "accept")
        world.act("dispatcher", number, "dispatch", unit="D-WTR")

    wet_said, dry_said = (world.events(number)[-1].data["said"]["rule"] for number in (wet, dry))

    assert (wet_said["proposed"], wet_said["is_followed"]) == (["D-URB"], False)
    assert (dry_said["proposed"], dry_said["code"]) == (["D-WTR"], "R5")


BAD: list[tuple[type[DomainError], str, dict]] = [
    (PointsAtClosed, "unit", {"unit": "S103"}),
    (Invalid, "unit", {"unit": ""}),
    (Invalid, "unit", {"unit": "D-PWR"}),
    (Invalid, "target", {"target": Target.CATEGORY_LEAD}),
    (Invalid, "priority", {"priority": 0}),
    (Invalid, "priority", {"priority": 1000}),
    (Invalid, "words", {"conditions": Conditions(words=("电",))}),
    (MatchesNothing, "areas", {"conditions": Conditions(sites=("PK04",), areas=("A1",))}),
    (MatchesNothing, "target", {"target": Target.OWN}),
    (MatchesNothing, "target", {"target": Target.STATION, "conditions": Conditions(sites=("BD21",))}),
    (MatchesNothing, "priority", {"priority": 995}),
    (Conflict, "priority", {"priority": 900}),
    (Conflict, "name", {"target": Target.STATION, "priority": 900, "conditions": Conditions()}),
    (Invalid, "starts_on", {"days": -1}),
    (Invalid, "starts_on", {"days": 800}),
]


def test_a_rule_that_cannot_stand_is_refused_beside_its_field_and_leaves_no_trace(world):
    with transaction():
        db.session.query(Unit).filter(Unit.code == "S103").one().is_active = False
    before = world.fingerprint()
    for kind, field, changes in BAD:
        days = timedelta(days=changes.get("days", 0))
        asked = wish(world, **{name: value for name, value in changes.items() if name != "days"})

        with pytest.raises(DomainError) as refused:
            keep(world, replace(asked, starts_on=asked.starts_on + days))

        assert (type(refused.value), list(refused.value.fields)) == (kind, [field]), changes
    assert world.fingerprint() == before


def test_a_category_without_a_lead_matches_nothing_and_apart_conditions_are_no_conflict(world):
    lead = wish(world, decides=Decides.LEAD, target=Target.CATEGORY_LEAD, unit="", priority=50)
    with transaction():
        db.session.query(UnitScope).filter(UnitScope.category_code == "PWR").delete()
    with pytest.raises(MatchesNothing):
        keep(world, replace(lead, conditions=Conditions(categories=("PWR",))))

    first = wish(world, conditions=Conditions(kinds=("complaint",)))
    keep(world, first)
    keep(world, replace(first, unit="S201", conditions=Conditions(kinds=("help",))))
    with pytest.raises(Conflict):
        keep(world, replace(first, unit="S301", conditions=Conditions(levels=("urgent",))))


def test_only_the_districts_administrators_change_rules_and_nobody_overwrites(world):
    for who in ("manager", "dispatcher", "auditor", "area", "enterprise"):
        with pytest.raises(NotPermitted):
            keep(world, wish(world), who=who)
    with pytest.raises(NotFound):
        keep(world, wish(world), "R99", seen=1)
    code = keep(world, wish(world))
    keep(world, wish(world, unit="S104"), code, seen=1)
    with pytest.raises(RuleChanged):
        keep(world, wish(world, unit="S105"), code, seen=1)


def test_a_unit_that_a_rule_names_is_not_closed_and_one_that_is_closed_all_the_same_loses_nothing(world):
    code = keep(world, wish(world))
    unit = network().by_code["S102"]
    held = holdings(unit.id)
    assert held.rules == 1

    with transaction():
        db.session.get_one(Unit, unit.id).is_active = False
    taken, said = filed_at(world)

    assert (taken, said["why"], said["code"]) == ("C0", "target_closed", code)
    keep(world, wish(world, is_ended=True), code, seen=1)
    assert holdings(unit.id).rules == 0


def test_late_requests_are_run_through_changed_rules(world):
    moving = [world.file(), world.file(site="PK02")]
    world.file(category="TAX")
    world.file(site="PK04")
    draft = world.file(draft=True)
    old = world.ticket(State.SUBMITTED)
    today = local_date(world.later(days=31))
    late = world.file()
    book = queries.book()
    tried = book.tried(wish(world).as_rule())

    found = queries.replay(book, tried, Decides.INTAKE, on=today, today=today, net=network())

    net = network()
    ways = {(net.by_id[one.old[0]].code, net.by_id[one.new[0]].code) for one in found.turned}
    assert ([one.number for one in found.turned], ways) == ([late], {("S101", "S102")})
    assert (found.looked_at, found.is_capped) == (1, False)
    assert {draft, old, *moving}.isdisjoint(one.number for one in found.turned)


def test_a_replay_looks_at_so_many_requests_and_says_so(world, monkeypatch, statements):
    monkeypatch.setattr(queries, "MOST_REPLAYED", 3)
    for _ in range(4):
        world.file(
            "clerk",
            enterprise={"name": "苏州澄砚光电科技有限公司"},
            contact={"name": "林", "phone": "13800001111"},
        )
    world.file(
        "station",
        site=None,
        enterprise={"name": "苏州澄砚光电科技有限公司"},
        contact={"name": "林", "phone": "13800001111"},
    )
    today, book, net = local_date(world.now), queries.book(), network()
    tried = book.tried(wish(world, conditions=Conditions(words=("增容",))).as_rule())

    with statements() as seen:
        found = queries.replay(book, tried, Decides.INTAKE, on=today, today=today, net=net)

    codes = [(net.by_id[one.old[0]].code, net.by_id[one.new[0]].code) for one in found.turned]
    assert codes == [("S101", "S102")] * 3
    assert (found.looked_at, found.is_capped) == (3, True)
    assert len([one for one in seen if one.startswith("SELECT")]) <= 4
