"""A ticket's way through the network on its page: every move and return, with reason, time and rule."""

from __future__ import annotations

import re

from tests.tickets.desk import send
from tests.world import World
from ticketing.core.local_day import local_date
from ticketing.tickets.queries.view import history, view
from ticketing.tickets.web.way import Stop, way
from ticketing.tickets.words import State

RETURN = {
    "reason_code": "wrong_function",
    "message": "不属于我单位职能",
    "basis": "权责清单 12 条",
    "suggested_unit": "D-TAX",
}


def walked(world: World) -> str:
    number = world.ticket(State.ACCEPTED)
    world.act("station", number, "up_report", message="需要区级协调")
    world.act("area", number, "sign")
    world.act("area", number, "send_down", unit="S102", message="请就近办理")
    world.act("dispatcher", number, "transfer", unit="D-PWR", message="属供电职能")
    world.act("dept", number, "request_return", **RETURN)
    world.act("dispatcher", number, "rule_return", uphold=False, message="请继续办理")
    return number


def stops(world: World, number: str) -> list[Stop]:
    found = view(world.actor("dispatcher"), number, now=world.now, today=local_date(world.now))
    with world.app.test_request_context():
        return way(history(found), found)


def test_each_move_and_each_return_is_a_stop_in_its_lane(world):
    found = stops(world, walked(world))

    assert [(stop.lane, stop.before, stop.look) for stop in found] == [
        (2, None, "start"),
        (1, 2, "move"),
        (2, 1, "move"),
        (3, 2, "move"),
        (3, 3, "return"),
        (3, 3, "stay"),
    ]
    assert [stop.came.partition("：")[0] for stop in found] == ["", "向上", "向下", "平级", "", ""]
    assert [stop.reason for stop in found] == [
        "",
        "需要区级协调",
        "请就近办理",
        "属供电职能",
        "职能不符：不属于我单位职能（依据：权责清单 12 条）",
        "请继续办理",
    ]
    assert found[0].rule == "规则 R1：属地服务站先接（第 1 版）"


def test_the_page_draws_the_way_and_says_it_in_words(today, visit):
    number = walked(today)

    client = visit("dispatcher")
    chinese = client.get(f"/tickets/{number}").text
    send(client, "/language", lang="en")
    english = client.get(f"/tickets/{number}").text

    assert len(re.findall('<li class="way__stop"', chinese)) == 6
    assert "规则 R1：属地服务站先接（第 1 版）" in chinese
    assert "向上：从" in chinese
    assert "Rule R1: The place&#39;s own station first (version 1)" in english
    assert "Up: from" in english
