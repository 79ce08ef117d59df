"""Keeping the network: what may stand where, what a move does to paths and rights, and who may do it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.world import World
from ticketing.accounts.queries import identity
from ticketing.core.db import db
from ticketing.core.errors import DomainError, Invalid, NotFound, NotPermitted
from ticketing.network import actions, queries
from ticketing.network.actions import SiteWish, StillHolding, UnitWish
from ticketing.network.words import ScopePart, SiteKind, UnitKind
from ticketing.tickets.words import ENDED, State

STATION = UnitWish(
    name="新站", name_en="New Station", kind=UnitKind.STATION, parent="A1", calendar_name="cn",
    phone="0512-16809999", duty_user_id=None, leads=frozenset(), helps=frozenset(), is_active=True,
)  # fmt: skip
OFFICE = replace(STATION, name="科室", name_en="", kind=UnitKind.DEPARTMENT, parent="D-PWR")


def path(code: str) -> str:
    return queries.network().by_code[code].path


def wish_of(world: World, code: str, **changes: Any) -> UnitWish:
    """Return the wish that leaves a unit as it is, but for ``changes``."""
    net = queries.network()
    unit = net.by_code[code]
    scope = queries.scopes().get(unit.id, [])
    duty = queries.duty_people().get(unit.id)
    same = UnitWish(
        name=unit.name, name_en=unit.name_en, kind=unit.kind,
        parent="" if unit.parent_id is None else net.parent(unit).code, calendar_name=unit.calendar_name,
        phone=unit.phone, duty_user_id=duty[0] if duty else None,
        leads=frozenset(c for c, part in scope if part is ScopePart.LEAD),
        helps=frozenset(c for c, part in scope if part is ScopePart.HELP), is_active=unit.is_active,
    )  # fmt: skip
    return replace(same, **changes)


def edit(world: World, code: str, **changes: Any) -> None:
    actions.edit_unit(world.actor("admin"), code, wish_of(world, code, **changes))


def test_a_new_station_stands_below_its_area(world):
    code = actions.create_unit(world.actor("admin"), " s107 ", STATION)

    assert (code, path("S107")) == ("S107", "C0/A1/S107")
    assert queries.network().by_code["S107"].phone == "0512-16809999"


@pytest.mark.parametrize(
    ("code", "changes", "field"),
    [
        ("S101", {}, "code"),
        ("7", {}, "code"),
        ("A/B", {}, "code"),
        ("", {}, "code"),
        ("S107", {"parent": ""}, "parent"),
        ("S107", {"parent": "NO"}, "parent"),
        ("S107", {"parent": "D-PWR"}, "parent"),
        ("S107", {"parent": "S101"}, "parent"),
        ("A4", {"kind": UnitKind.AREA, "parent": "A1"}, "parent"),
        ("C1", {"kind": UnitKind.CENTRE, "parent": "C0"}, "parent"),
        ("S107", {"calendar_name": "moon"}, "calendar_name"),
        ("S107", {"duty_user_id": 1}, "duty_user_id"),
        ("S107", {"leads": frozenset({"NO"})}, "leads"),
        ("S107", {"leads": frozenset({"PWR"}), "helps": frozenset({"PWR"})}, "helps"),
    ],
)
def test_what_cannot_stand_is_refused_and_leaves_no_trace(world, code, changes, field):
    before = world.fingerprint()

    with pytest.raises(Invalid) as refused:
        actions.create_unit(world.actor("admin"), code, replace(STATION, **changes))

    assert set(refused.value.fields) == {field}
    assert world.fingerprint() == before


def test_scope_and_duty_are_kept(world):
    station = world.actor("station").user_id
    edit(world, "S101", leads=frozenset({"PWR", "GAS"}), helps=frozenset({"TAX"}), duty_user_id=station)

    unit = queries.network().by_code["S101"]
    assert queries.scopes()[unit.id] == [
        ("GAS", ScopePart.LEAD),
        ("PWR", ScopePart.LEAD),
        ("TAX", ScopePart.HELP),
    ]
    assert queries.duty_people()[unit.id][0] == station
    with pytest.raises(Invalid):
        edit(world, "S101", duty_user_id=world.actor("station2").user_id)


def test_moving_a_unit_takes_along_all_below_it_and_moves_rights(world):
    admin = world.actor("admin")
    for code, parent in (("D-PWR1", "D-PWR"), ("D-PWR2", "D-PWR1")):
        actions.create_unit(admin, code, replace(OFFICE, parent=parent))

    edit(world, "D-PWR", parent="A1")

    assert [path(code) for code in ("D-PWR", "D-PWR1", "D-PWR2")] == [
        "C0/A1/D-PWR",
        "C0/A1/D-PWR/D-PWR1",
        "C0/A1/D-PWR/D-PWR1/D-PWR2",
    ]
    user_id = world.actor("dept").user_id
    assert user_id is not None
    assert {grant.path for grant in identity.person(user_id).actor.grants} == {"C0/A1/D-PWR"}


def test_a_unit_cannot_stand_below_itself(world):
    actions.create_unit(world.actor("admin"), "D-PWR1", OFFICE)

    for parent in ("D-PWR", "D-PWR1"):
        with pytest.raises(Invalid, match=r".+") as refused:
            edit(world, "D-PWR", parent=parent)
        assert "parent" in refused.value.fields


def test_a_unit_keeps_a_kind_its_units_below_can_stand_under(world):
    with pytest.raises(Invalid) as refused:
        edit(world, "A1", kind=UnitKind.DEPARTMENT)

    assert "kind" in refused.value.fields


def test_the_centre_stays_the_one_root(world):
    for code, changes in (
        ("C0", {"parent": "A1"}),
        ("A1", {"parent": ""}),
        ("A1", {"kind": UnitKind.CENTRE}),
    ):
        with pytest.raises(Invalid):
            edit(world, code, **changes)
    edit(world, "C0", name="区企业服务中心")
    assert queries.network().centre.name == "区企业服务中心"


def test_a_unit_with_work_is_not_closed(world):
    number = world.ticket(State.PROCESSING, unit="D-PWR")
    world.act("dept", number, "invite", unit="D-HRS", due_limit="2wd", message="请协助")

    held = {}
    for code in ("D-PWR", "D-HRS", "A1"):
        with pytest.raises(StillHolding) as refused:
            edit(world, code, is_active=False)
        held[code] = refused.value.extra

    assert held == {
        "D-PWR": {"tickets": 1, "parts": 0, "units": 0, "rules": 0},
        "D-HRS": {"tickets": 0, "parts": 1, "units": 0, "rules": 0},
        "A1": {"tickets": 0, "parts": 0, "units": 6, "rules": 0},
    }
    assert queries.network().by_code["D-PWR"].is_active


def test_a_unit_without_work_is_closed_and_opened_again(world):
    world.ticket(State.CLOSED, unit="D-PWR")

    edit(world, "D-PWR", is_active=False)
    assert not queries.network().by_code["D-PWR"].is_active

    edit(world, "D-PWR", is_active=True)
    assert queries.network().by_code["D-PWR"].is_active


def test_places_are_made_changed_and_moved_to_another_unit(world):
    admin = world.actor("admin")
    actions.create_site(admin, "pk99", SiteWish("新园", "New Park", SiteKind.PARK, "S101"))
    actions.edit_site(admin, "PK99", SiteWish("新园二期", "New Park II", SiteKind.BUILDING, "A2"))

    site = queries.site("PK99")
    assert (site.name, site.kind) == ("新园二期", SiteKind.BUILDING)
    assert queries.network().by_id[site.unit_id].code == "A2"


@pytest.mark.parametrize("unit", ["D-PWR", "NO", ""])
def test_territory_belongs_to_stations_areas_and_the_centre(world, unit):
    with pytest.raises(Invalid):
        actions.create_site(world.actor("admin"), "PK99", SiteWish("新园", "", SiteKind.PARK, unit))


def test_a_place_s_code_is_used_once(world):
    with pytest.raises(Invalid):
        actions.create_site(world.actor("admin"), "PK01", SiteWish("新园", "", SiteKind.PARK, "S101"))


@pytest.mark.parametrize("who", ["manager", "auditor", "dispatcher", "area", "station", "enterprise"])
def test_only_administrators_change_the_network(world, who):
    before = world.fingerprint()
    actor, site = world.actor(who), SiteWish("园", "", SiteKind.PARK, "S101")

    for change in (
        lambda: actions.create_unit(actor, "S107", STATION),
        lambda: actions.edit_unit(actor, "S101", wish_of(world, "S101", name="改名")),
        lambda: actions.create_site(actor, "PK99", site),
        lambda: actions.edit_site(actor, "PK01", site),
    ):
        with pytest.raises(NotPermitted):
            change()
    assert world.fingerprint() == before


def test_what_is_not_there_is_not_found(world):
    admin = world.actor("admin")
    with pytest.raises(NotFound):
        actions.edit_unit(admin, "NO", STATION)
    with pytest.raises(NotFound):
        actions.edit_site(admin, "NO", SiteWish("园", "", SiteKind.PARK, "S101"))


def test_changes_are_told_to_the_audit_log_without_phone_numbers(world, caplog):
    caplog.set_level("INFO", logger="ticketing.audit")

    actions.create_unit(world.actor("admin"), "S107", STATION)

    (record,) = [one for one in caplog.records if one.name == "ticketing.audit"]
    assert f"user {world.actor('admin').user_id} created unit S107" in record.getMessage()
    assert "16809999" not in record.getMessage()


def test_a_refusal_is_a_domain_error_and_rolls_back(world):
    with pytest.raises(DomainError):
        edit(world, "S101", name="改名", parent="A2", calendar_name="moon")

    assert path("S101") == "C0/A1/S101"
    assert not db.session.dirty


def test_what_counts_as_open_is_what_tickets_say(world):
    assert set(queries.NOT_IN_WORK) == {state.value for state in ENDED | {State.DRAFT}}
