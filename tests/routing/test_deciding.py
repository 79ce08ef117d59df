"""Who gets a request and why: conditions, order, closed units, the way out that is always there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import pytest

from ticketing.network.words import UnitKind
from ticketing.routing.rules.book import RuleBook
from ticketing.routing.rules.deciding import Asked, Conditions, Decision, Rule, decide, missed
from ticketing.routing.words import CHANNELS, Decides, Miss, Target, Why
from ticketing.tickets import labels

DAY = date(2026, 11, 23)


@dataclass(frozen=True)
class Spot:
    """A unit of a small network."""

    id: int
    code: str
    kind: UnitKind
    path: str
    is_active: bool = True


class Small:
    """C0 over A1 over S1 and S2; the department D1; closed ones by name."""

    def __init__(self, *closed: str) -> None:
        kinds = {"C": UnitKind.CENTRE, "A": UnitKind.AREA, "S": UnitKind.STATION, "D": UnitKind.DEPARTMENT}
        paths = ("C0", "C0/A1", "C0/A1/S1", "C0/A1/S2", "C0/D1")
        units = [
            Spot(place, path.rpartition("/")[2], kinds[path.rpartition("/")[2][0]], path)
            for place, path in enumerate(paths, start=1)
        ]
        units = [replace(unit, is_active=unit.code not in closed) for unit in units]
        self.by_id = {unit.id: unit for unit in units}
        self.by_code = {unit.code: unit for unit in units}
        self.centre = units[0]


def rule(code: str, target: Target, priority: int = 500, unit: str = "", **when: tuple[str, ...]) -> Rule:
    made = Conditions(**when)
    return Rule(1, code, 1, code, code, Decides.INTAKE, priority, made, target, unit, date(2025, 1, 1))


SEEDED = [
    rule("R1", Target.STATION, 900),
    rule("R2", Target.AREA, 910),
    rule("R3", Target.OWN, 920),
    rule("R4", Target.TRIAGE, 990),
]
FROM_S1 = Asked("PWR", "help", "normal", "platform", "PK1", "C0/A1/S1", "车间停电 UPS")


def who(decision: Decision, net: Small) -> str:
    return net.by_id[decision.units[0]].code


@pytest.mark.parametrize(
    ("closed", "asked", "unit", "by"),
    [
        ((), FROM_S1, "S1", "R1"),
        (("S1",), FROM_S1, "A1", "R2"),
        (("S1", "A1"), FROM_S1, "C0", "R4"),
        ((), replace(FROM_S1, path="C0/A1"), "A1", "R2"),
        ((), replace(FROM_S1, path="C0"), "C0", "R4"),
        ((), replace(FROM_S1, site="", path=""), "C0", "R4"),
        ((), replace(FROM_S1, site="", path="", own=4), "S2", "R3"),
        (("S2",), replace(FROM_S1, site="", path="", own=4), "C0", "R4"),
        ((), replace(FROM_S1, own=4), "S1", "R1"),
    ],
)
def test_the_station_of_the_place_else_its_area_else_the_filers_unit_else_the_centre(closed, asked, unit, by):
    net = Small(*closed)

    found = decide(Decides.INTAKE, SEEDED, asked, net)

    assert found.rule
    assert (who(found, net), found.rule.code, found.why) == (unit, by, Why.RULE)


NOWHERE = replace(FROM_S1, site="", path="")


@pytest.mark.parametrize(
    ("closed", "asked", "misses"),
    [
        ((), NOWHERE, [Miss.NO_PLACE, Miss.NO_PLACE, Miss.NOT_REGISTERED]),
        ((), replace(NOWHERE, own=4), [Miss.NO_PLACE, Miss.NO_PLACE]),
        (("S2",), replace(NOWHERE, own=4), [Miss.NO_PLACE, Miss.NO_PLACE, Miss.NOBODY]),
        (("S1", "A1"), replace(FROM_S1, own=4), [Miss.NOBODY, Miss.NOBODY, Miss.PLACE_DECIDES]),
    ],
)
def test_a_rule_that_means_nobody_says_why(closed, asked, misses):
    found = decide(Decides.INTAKE, SEEDED, asked, Small(*closed))

    assert [miss for _rule, miss in found.passed] == misses


def test_without_any_rule_the_triage_desk_takes_it_and_says_so():
    found = decide(Decides.INTAKE, [], FROM_S1, Small())

    assert (found.units, found.rule, found.why) == ((1,), None, Why.NOTHING_FITS)
    assert found.said() == {"why": "nothing_fits"}


def test_a_rule_whose_unit_is_closed_hands_over_to_the_triage_desk_and_is_named():
    net = Small("S2")
    rules = [rule("R9", Target.UNIT, 1, unit="S2"), *SEEDED]

    found = decide(Decides.INTAKE, rules, FROM_S1, net)

    assert found.rule
    assert (who(found, net), found.rule.code, found.why) == ("C0", "R9", Why.TARGET_CLOSED)
    assert found.said()["code"] == "R9"


def test_a_lead_is_proposed_only_by_a_rule():
    net = Small()

    assert decide(Decides.LEAD, [], FROM_S1, net).units == ()
    assert decide(Decides.LEAD, [rule("R5", Target.CATEGORY_LEAD)], FROM_S1, net, [5]).units == (5,)
    nobody = decide(Decides.LEAD, [rule("R5", Target.CATEGORY_LEAD)], FROM_S1, Small("D1"), [5])
    assert (nobody.units, [miss for _rule, miss in nobody.passed]) == ((), [Miss.NOBODY])


@pytest.mark.parametrize(
    ("when", "miss"),
    [
        ({}, None),
        ({"categories": ("PWR", "GAS")}, None),
        ({"categories": ("GAS",)}, Miss.CATEGORY),
        ({"kinds": ("complaint",)}, Miss.KIND),
        ({"levels": ("urgent",)}, Miss.LEVEL),
        ({"channels": ("phone",)}, Miss.CHANNEL),
        ({"sites": ("PK2",)}, Miss.SITE),
        ({"sites": ("PK1",)}, None),
        ({"areas": ("A2", "D1")}, Miss.AREA),
        ({"areas": ("A1",)}, None),
        ({"areas": ("S1",)}, None),
        ({"areas": ("S",)}, Miss.AREA),
        ({"words": ("漏水", "停电")}, None),
        ({"words": ("ups",)}, None),
        ({"words": ("漏水",)}, Miss.WORDS),
        ({"categories": ("PWR",), "kinds": ("help",), "areas": ("A2",)}, Miss.AREA),
    ],
)
def test_every_condition_that_is_given_must_hold(when, miss):
    assert missed(Conditions(**when), FROM_S1) is miss


def test_what_has_no_place_is_in_nobodys_territory():
    elsewhere = replace(FROM_S1, site="", path="")

    assert missed(Conditions(sites=("PK1",)), elsewhere) is Miss.SITE
    assert missed(Conditions(areas=("A1",)), elsewhere) is Miss.AREA


def test_the_rules_passed_over_are_told_in_their_order_with_the_reason():
    rules = [rule("R7", Target.UNIT, 1, unit="S2", kinds=("complaint",)), *SEEDED]

    found = decide(Decides.INTAKE, rules, replace(FROM_S1, path="C0/A1"), Small())

    assert [(one.code, miss) for one, miss in found.passed] == [("R7", Miss.KIND), ("R1", Miss.NOBODY)]


def versions(*rows: tuple[str, int, int, int, bool]) -> RuleBook:
    """Rules as (code, version, priority, days after DAY, is ended)."""
    return RuleBook(
        replace(
            rule(code, Target.TRIAGE, priority),
            version=version,
            starts_on=date.fromordinal(DAY.toordinal() + days),
            is_ended=is_ended,
        )
        for code, version, priority, days, is_ended in rows
    )


def test_of_a_rules_versions_the_highest_that_has_begun_is_in_force():
    book = versions(
        ("R1", 1, 5, -9, False), ("R1", 2, 5, 0, False), ("R1", 3, 5, 3, True), ("R2", 1, 4, 0, False)
    )

    def on(days: int) -> list[tuple[str, int]]:
        day = date.fromordinal(DAY.toordinal() + days)
        return [(one.code, one.version) for one in book.in_force(Decides.INTAKE, day)]

    assert on(-10) == []
    assert on(-1) == [("R1", 1)]
    assert on(0) == [("R2", 1), ("R1", 2)]
    assert on(3) == [("R2", 1)]
    assert [(one.code, one.version) for one in book.latest()] == [("R1", 3), ("R2", 1)]


def test_what_stands_from_a_day_on_is_in_force_then_or_comes_later():
    book = versions(
        ("R1", 1, 5, -9, False), ("R1", 2, 5, 9, False), ("R1", 3, 5, 4, False), ("R2", 1, 4, 0, True)
    )

    standing = book.standing(Decides.INTAKE, DAY)

    assert sorted((one.code, one.version) for one in standing) == [("R1", 1), ("R1", 3)]


def test_conditions_are_stored_without_what_is_empty_and_read_back():
    made = Conditions(categories=("PWR",), words=("停电",))

    assert made.stored() == {"categories": ["PWR"], "words": ["停电"]}
    assert Conditions.read(made.stored() | {"unknown": ["x"]}) == made


def test_channels_are_called_as_the_tickets_call_them():
    assert {channel.value: name for channel, name in labels.CHANNELS.items()} == CHANNELS
