"""The dispatch desk: units proposed with their reasons, returns to rule on, one request after the other."""

from __future__ import annotations

import re
from io import BytesIO

import pytest

from tests.tickets.desk import fill, hidden, send
from ticketing.network.queries import network
from ticketing.tickets.words import State

PICK = re.compile(r'name="pick" value="([^"]*)"(?: data-key="(\d)")?')
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64
REASON = "配电设施归园区物业管理"


def unit_of(world, number: str) -> str:
    return network().by_id[world.row(number).unit_id].code


def test_proposed_units_stand_with_their_reasons_and_keys(today, visit):
    number = today.ticket(State.ACCEPTED)

    page = visit("dispatcher").get(f"/tickets/{number}/dispatch").text

    assert PICK.findall(page) == [("D-PWR", "1"), ("S101", "2"), ("", "")]
    assert "<li>规则 R5：按类别派给主办部门</li>" in page
    assert "最先接到的单位，就地能办的由它办" in page
    assert "需要增容 500 kVA" in page
    assert '<li class="way__stop" aria-current="step">' in page


def test_an_area_is_offered_and_proposed_units_of_its_own_area_only(today, visit):
    number = today.ticket(State.ACCEPTED)

    page = visit("area").get(f"/tickets/{number}/dispatch").text

    assert PICK.findall(page) == [("S101", "1"), ("", "")]
    options = set(re.findall(r'<option value="([A-Z][^"]*)"', page))
    assert options == {"A1", "S101", "S102", "S103", "S104", "S105", "S106"}


def test_a_picked_unit_gets_the_ticket_and_the_desk_goes_on_to_the_next(today, visit):
    first, second = today.ticket(State.ACCEPTED), today.ticket(State.ACCEPTED)
    client = visit("dispatcher")

    start = client.get("/tickets/dispatching")
    assert start.headers["Location"] == f"/tickets/{first}/dispatch?next=/tickets/dispatching"
    page = client.get(start.headers["Location"])
    form = hidden(page, f"/tickets/{first}/dispatch")
    assert form["next"] == "/tickets/dispatching"
    done = client.post(
        f"/tickets/{first}/dispatch", data=form | {"pick": "D-PWR", "unit": "", "note": "请尽快"}
    )

    assert (done.status_code, done.headers["Location"]) == (303, "/tickets/dispatching")
    assert unit_of(today, first) == "D-PWR"
    assert second in client.get("/tickets/dispatching").headers["Location"]
    fill(client, second, "dispatch", pick="", unit="S102")
    assert unit_of(today, second) == "S102"
    assert "没有等着派单或裁定的诉求" in client.get("/tickets/dispatching").text


def test_two_units_chosen_at_once_are_refused_and_nothing_typed_is_lost(today, visit):
    number = today.ticket(State.ACCEPTED)
    client = visit("dispatcher")

    both = fill(client, number, "dispatch", pick="D-PWR", unit="D-TAX", note="请核实产权")
    neither = fill(client, number, "dispatch", pick="", unit="")

    assert (both.status_code, neither.status_code) == (422, 422)
    assert "请只留一个" in both.text
    assert "请核实产权" in both.text
    assert 'value="D-PWR" data-key="1" checked' in both.text
    assert today.row(number).status is State.ACCEPTED


def test_a_return_comes_with_basis_and_files_and_the_ruler_sees_who_should_have_it(today, visit):
    number = today.ticket(State.DISPATCHED)
    answer = fill(
        visit("dept"), number, "request_return", reason_code="wrong_function", message=REASON,
        basis="权责清单第 12 条", suggested_unit="D-URB", evidence=(BytesIO(PNG), "清单.png"),
    )  # fmt: skip
    assert answer.status_code == 303
    attach, asked = today.events(number)[-1], today.events(number)[-2]
    assert (attach.action, attach.data["said"]["is_internal"], asked.action) == (
        "attach",
        True,
        "request_return",
    )

    desk = visit("dispatcher").get("/tickets/dispatching")
    page = visit("dispatcher").get(desk.headers["Location"]).text

    assert f"/tickets/{number}/rule_return" in desk.headers["Location"]
    for told in (
        REASON,
        "依据：权责清单第 12 条",
        "附了文件",
        "建议：城市管理局",
        "供电公司申请退单：职能不符",
    ):
        assert told in page
    assert PICK.findall(page)[0] == ("D-URB", "1")
    assert "退单的单位建议" in page
    fill(visit("dispatcher"), number, "rule_return", pick="D-URB", unit="", uphold="true", message="同意")
    assert unit_of(today, number) == "D-URB"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_return_without_basis_says_so_to_the_ruler_and_a_bad_file_takes_the_return_along(today, visit):
    number = today.ticket(State.DISPATCHED)
    wrong = fill(
        visit("dept"), number, "request_return", reason_code="wrong_function", message=REASON,
        evidence=(BytesIO(b"MZ not taken"), "virus.exe"),
    )  # fmt: skip
    assert wrong.status_code == 422
    assert REASON in wrong.text
    assert today.row(number).status is State.DISPATCHED

    short = fill(visit("dept"), number, "request_return", reason_code="wrong_function", message="不办")
    assert (short.status_code, "至少 4 个字" in short.text) == (422, True)
    today.act("dept", number, "request_return", reason_code="wrong_function", message=REASON)
    page = visit("dispatcher").get(f"/tickets/{number}/rule_return").text
    assert "没有写依据，也没有附文件。" in page


@pytest.mark.parametrize("who", ["station", "dept", "enterprise", "admin"])
def test_the_desk_is_the_dispatchers(today, visit, who):
    assert visit(who).get("/tickets/dispatching").status_code == 403
    assert send(visit(who), "/tickets/dispatching").status_code in {403, 405}
