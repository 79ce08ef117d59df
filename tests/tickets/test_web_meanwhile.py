"""The second save: what others did meanwhile, field by field, both texts, and nothing typed lost."""

from __future__ import annotations

import re

import pytest

from tests.tickets.desk import hidden
from ticketing.tickets.words import Action, State


@pytest.fixture
def stale(today, visit):
    """Return who opens the form of an action on a fresh ticket, lets ``meanwhile`` happen, and sends it."""

    def send(who: str, action: str, meanwhile, **typed):
        number = today.ticket(State.PROCESSING)
        path = f"/tickets/{number}/{action}"
        form = {**hidden(visit(who).get(path), path), **typed}
        meanwhile(number)
        return number, visit(who).post(path, data=form)

    return send


def test_fields_are_shown_before_and_after_with_who_and_what_was_written(today, stale):
    def suspend(number):
        today.act(
            "supervisor",
            number,
            "suspend",
            reason_code="engineering",
            resume_on="2026-12-15",
            message="待设备到货",
        )

    _number, answer = stale("dept", "contact", suspend, outcome="reached", note="已通话，约周四")

    assert answer.status_code == 409
    assert re.search(r"<dt>状态</dt><dd><del>办理中</del>.*?<ins>挂起</ins>", answer.text)
    assert re.search(r"<dt>恢复日期</dt><dd><del>（无）</del>.*?<ins>2026-12-15</ins>", answer.text)
    assert "待设备到货" in answer.text
    assert "已通话，约周四" in answer.text
    assert "现在已不能这样办" in answer.text


def test_two_replies_stand_side_by_side_and_the_second_can_be_left_as_a_note(today, visit, stale):
    def reply(number):
        today.act("dept", number, "submit_reply", reply="已现场勘查。周五前送电。")

    number, answer = stale("dept", "submit_reply", reply, reply="已现场勘查。下周一送电。")
    note = hidden(answer, f"/tickets/{number}/note")
    left = visit("dept").post(f"/tickets/{number}/note", data=note)

    assert answer.status_code == 409
    assert "已现场勘查。<mark>周五前送电。</mark>" in answer.text
    assert "已现场勘查。<mark>下周一送电。</mark>" in answer.text
    assert left.status_code == 303
    assert [event.action for event in today.events(number)][-2:] == [Action.SUBMIT_REPLY, Action.NOTE]
    assert today.events(number)[-1].data["said"]["body"] == "已现场勘查。下周一送电。"


def test_after_two_messages_one_press_sends_the_second_all_the_same(today, visit, stale):
    number, answer = stale(
        "dept",
        "message",
        lambda number: today.act("deptlead", number, "message", body="请放心。"),
        body="周四到。",
    )
    again = visit("dept").post(
        f"/tickets/{number}/message",
        data={**hidden(answer, f"/tickets/{number}/message"), "body": "周四到。"},
    )

    assert answer.status_code == 409
    assert "仍要这样办" in answer.text
    assert "<mark>请放心。</mark>" in answer.text
    assert again.status_code == 303


def test_a_company_is_not_shown_what_staff_did_among_themselves(today, stale):
    def among_staff(number):
        today.act("dept", number, "note", body="内情不宜公开")
        today.act("deptlead", number, "assign", user="dept@demo.example")

    _number, answer = stale("enterprise", "message", among_staff, body="请问进展")

    assert answer.status_code == 409
    assert "内情不宜公开" not in answer.text
    assert "经办人</dt>" not in answer.text
    assert "请问进展" in answer.text


def test_who_urges_twice_from_two_tabs_is_told_why_and_not_shown_the_same_words_twice(today, stale):
    def urge(number):
        today.act("enterprise", number, "urge", message="请尽快")

    _number, answer = stale("enterprise", "urge", urge, message="请尽快 ")
    _number, other = stale("enterprise", "urge", urge, message="请再快些")

    assert "今天已经催办过，请明天再催。您写的内容还在下面" in answer.text
    assert "您写的</h3>" not in answer.text
    assert "您刚才发出的</h3>" in other.text
