"""The journey of lead and co-unit over HTTP: late, blocked, signed off, merged, closed; and its pages."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.tickets.desk import fill, hidden, send
from ticketing.core import clock
from ticketing.tickets import ledger
from ticketing.tickets.words import State


def test_co_unit_late_lead_blocked_part_signed_off_lead_merges_and_the_company_is_asked(today, visit):
    today.now = clock.now() - timedelta(days=3)
    number = today.ticket(State.PROCESSING)
    today.act("dept", number, "invite", unit="D-TAX", due_limit="30min", message="请核实退税金额")

    _late_and_blocked(number, visit)
    _signed_off(number, visit)
    _merged(number, visit)

    today.now = clock.now()
    today.act("enterprise", number, "rate", solved="yes", satisfaction=5)
    assert today.row(number).status is State.CLOSED
    assert list(ledger.verify()) == []


def _late_and_blocked(number, visit):
    path, lead, helper = f"/tickets/{number}", visit("dept"), visit("d-tax-handler")
    owed = helper.get("/tickets/helping").text
    assert "请核实退税金额" in owed
    assert number in owed
    assert "light--red" in owed
    assert "供电公司" in owed
    queue = " ".join(helper.get("/tickets/queue").text.split())
    assert re.search(r'href="/tickets/helping"[^>]*>我们协办的 <b[^>]*>1</b>', queue)
    assert "已超时" in lead.get(path).text  # at a glance: which part is late
    blocked = fill(lead, number, "submit_reply", reply="已核实用电")
    assert blocked.status_code == 409
    assert "还有协办单位未完成" in blocked.text
    assert "已核实用电" in blocked.text


def _signed_off(number, visit):
    path, lead, helper, head = (
        f"/tickets/{number}",
        visit("dept"),
        visit("d-tax-handler"),
        visit("d-tax-lead"),
    )
    fill(helper, number, "finish_part", reply="退税 12 万元，下周到账")
    assert "待签发" in lead.get(path).text
    assert "待签发" in head.get("/tickets/helping").text
    assert "退税 12 万元" in head.get(path).text
    action = f"{path}/approve_part"
    assert "退税 12 万元" in head.get(action).text  # nobody signs unread
    assert head.post(action, data=hidden(head.get(path), action)).status_code == 303
    assert "没有要协办的" in helper.get("/tickets/helping").text


def _merged(number, visit):
    path, lead = f"/tickets/{number}", visit("dept")
    form = lead.get(f"{path}/submit_reply")
    assert f'formaction="{path}/submit_reply/parts"' in form.text
    merged = send(lead, f"{path}/submit_reply/parts", reply="用电已增容")
    assert merged.status_code == 200
    assert "用电已增容\n\n税务局：退税 12 万元，下周到账</textarea>" in merged.text.replace("\r\n", "\n")
    answer = "用电已增容\n\n税务局：退税 12 万元，下周到账"
    fields = {**hidden(merged, f"{path}/submit_reply"), "reply": answer}
    assert lead.post(f"{path}/submit_reply", data=fields).status_code == 303
    visit("deptlead").post(
        f"{path}/approve_reply", data=hidden(visit("deptlead").get(path), f"{path}/approve_reply")
    )


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_whoever_approves_reads_why_a_part_was_not_waited_for(today, visit):
    number = today.ticket(State.PROCESSING)
    today.act("dept", number, "invite", unit="D-TAX", due_limit="2wd", message="请核实")
    today.act("dept", number, "submit_reply", reply="已办好", reason="税务意见不影响结论")

    page = visit("deptlead").get(f"/tickets/{number}/send_back").text

    assert "取消的理由：税务意见不影响结论" in page


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_lead_calls_a_part_off_from_the_ticket_and_others_take_nothing_over(today, visit):
    number = today.ticket(State.PROCESSING)
    today.act("dept", number, "invite", unit="D-TAX", due_limit="2wd", message="请核实")
    path = f"/tickets/{number}"
    assert f"{path}/cancel_part?unit=D-TAX" in visit("dept").get(path).text
    assert "cancel_part?unit" not in visit("d-tax-handler").get(path).text

    done = fill(visit("dept"), number, "cancel_part", unit="D-TAX", message="企业已核实")

    assert done.status_code == 303
    assert "取消的理由：企业已核实" in visit("d-tax-handler").get(path).text
    assert send(visit("d-tax-handler"), f"{path}/submit_reply/parts", reply="x").status_code == 403
    assert send(visit("station2"), f"{path}/submit_reply/parts", reply="x").status_code == 404
    assert visit("dept").get("/tickets/helping?cursor=nonsense").status_code == 200
