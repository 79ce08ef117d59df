"""The page of every action: for those who may, refused to the others, keeping what was typed."""

from __future__ import annotations

import io
import re
from html import unescape

import pytest

from tests.tickets.desk import fill, hidden, send
from ticketing.tickets.flow import FLOW
from ticketing.tickets.words import Action, State

# The whole matrix is proved below the pages; these see that the pages read the same table.
PEOPLE = ("enterprise", "dispatcher", "dept")
# Of the pages refused, every third is asked for, others in each state and by each person.
EACH_REFUSED = 3
ANSWERS: dict[str, dict[str, object]] = {
    "request_info": {"message": "请补充变压器容量"},
    "reject": {"reason_code": "out_of_scope", "message": "请向物业提出"},
    "answer_now": {"reply": "增容流程见服务指南"},
    "dispatch": {"unit": "D-PWR", "co_units": ["D-HRS"], "note": "请优先"},
    "request_return": {"reason_code": "wrong_function", "message": "不属于我单位", "suggested_unit": "D-HRS"},
    "rule_return": {"uphold": "true", "unit": "D-HRS", "message": "改派"},
    "transfer": {"unit": "D-HRS", "message": "职责所在"},
    "send_down": {"unit": "A1"},
    "contact": {"outcome": "reached", "note": "已通话"},
    "submit_reply": {"reply": "周五前送电"},
    "send_back": {"message": "请写明联系人"},
    "revisit": {"reached": "true", "solved": "yes", "satisfaction": "5"},
    "assign": {"user": "dept@demo.example"},
    "invite": {"unit": "D-HRS", "due_limit": "3wd", "message": "请提供意见"},
    "request_extension": {"days": "3", "reason": "设备采购"},
    "suspend": {"reason_code": "engineering", "resume_on": "2026-12-15"},
    "message": {"body": "请放心"},
    "note": {"body": "内部"},
    "urge": {"message": "请尽快"},
    "supervise": {"demand": "请说明", "due_limit": "1wd"},
    "withdraw": {"reason": "已解决"},
    "rate": {"solved": "yes", "satisfaction": "4"},
    "supply_info": {"message": "800 kVA"},
    "reopen": {"reason": "又跳闸了"},
}


@pytest.mark.parametrize("state", [one for one in State if one is not State.DRAFT])
def test_each_action_has_its_page_for_those_who_may_and_a_refusal_for_the_others(today, visit, state):
    number = today.ticket(state)

    for shift, who in enumerate(PEOPLE, start=list(State).index(state)):
        home = visit(who).get(f"/tickets/{number}?own=1")
        if home.status_code == 404:
            assert visit(who).get(f"/tickets/{number}/message").status_code == 404
            continue
        offered = today.may(who, number)
        for nth, action in enumerate(FLOW):
            if action.value not in offered and (nth + shift) % EACH_REFUSED:
                continue
            answer = visit(who).get(f"/tickets/{number}/{action.value}")
            assert (answer.status_code == 200) == (action.value in offered), (who, action, answer.status_code)
            if answer.status_code != 200:
                assert answer.status_code in {403, 409, 429}
            elif who != "enterprise":
                assert f"/tickets/{number}/{action.value}" in home.text, (who, action)


@pytest.mark.parametrize(
    ("who", "state", "action"),
    [
        ("clerk", State.SUBMITTED, "accept"),
        ("clerk", State.SUBMITTED, "request_info"),
        ("clerk", State.SUBMITTED, "reject"),
        ("clerk", State.ACCEPTED, "answer_now"),
        ("dispatcher", State.ACCEPTED, "dispatch"),
        ("dispatcher", State.ACCEPTED, "send_down"),
        ("dept", State.DISPATCHED, "sign"),
        ("dept", State.DISPATCHED, "request_return"),
        ("dispatcher", State.RETURN_REVIEW, "rule_return"),
        ("deptlead", State.PROCESSING, "transfer"),
        ("dept", State.PROCESSING, "contact"),
        ("dept", State.PROCESSING, "submit_reply"),
        ("deptlead", State.PROCESSING, "assign"),
        ("dept", State.PROCESSING, "invite"),
        ("dept", State.PROCESSING, "request_extension"),
        ("supervisor", State.PROCESSING, "suspend"),
        ("supervisor", State.SUSPENDED, "resume"),
        ("supervisor", State.PROCESSING, "supervise"),
        ("deptlead", State.REPLY_REVIEW, "approve_reply"),
        ("deptlead", State.REPLY_REVIEW, "send_back"),
        ("caller", State.REPLIED, "revisit"),
        ("enterprise", State.REPLIED, "rate"),
        ("enterprise", State.NEED_INFO, "supply_info"),
        ("enterprise", State.PROCESSING, "urge"),
        ("enterprise", State.PROCESSING, "withdraw"),
        ("enterprise", State.CLOSED, "reopen"),
        ("dept", State.PROCESSING, "message"),
        ("dept", State.PROCESSING, "note"),
        ("dept", State.PROCESSING, "claim"),
        ("clerk", State.MERGED, "unmerge"),
    ],
)
def test_a_form_filled_in_does_the_action_and_says_so(today, visit, who, state, action):
    number = today.ticket(state)

    answer = fill(visit(who), number, action, **ANSWERS.get(action, {}))

    assert answer.status_code == 303, answer.text
    assert answer.location.endswith(f"/tickets/{number}")
    assert today.events(number)[-1].action == action
    assert number in visit(who).get(answer.location).text


def test_merging_offers_the_other_open_requests_of_the_company(today, visit):
    number, other = today.ticket(State.SUBMITTED), today.ticket(State.ACCEPTED, title="停车位不足")
    stranger = today.file("enterprise2", title="别家的事")

    page = visit("clerk").get(f"/tickets/{number}/merge")
    answer = fill(visit("clerk"), number, "merge", into=other)

    assert "停车位不足" in page.text
    assert stranger not in page.text
    assert answer.status_code == 303
    merged = visit("clerk").get(f"/tickets/{number}?own=1").text
    assert f'href="/tickets/{other}"' in merged


def test_sent_twice_it_is_done_once(today, visit):
    number = today.ticket(State.PROCESSING)
    path = f"/tickets/{number}/note"
    form = {**hidden(visit("dept").get(path), path), "body": "同一句话"}

    first, second = (visit("dept").post(path, data=form) for _time in range(2))

    assert (first.status_code, second.status_code) == (303, 303)
    assert [event.action for event in today.events(number)].count(Action.NOTE) == 1


def test_the_same_form_with_other_words_asks_before_it_is_sent_again(today, visit):
    number = today.ticket(State.PROCESSING)
    path = f"/tickets/{number}/note"
    form = {**hidden(visit("dept").get(path), path), "body": "第一句"}
    visit("dept").post(path, data=form)

    again = visit("dept").post(path, data={**form, "body": "第二句"})
    sent = visit("dept").post(path, data={**hidden(again, path), "body": "第二句"})

    assert again.status_code == 422
    assert "第二句" in again.text
    assert sent.status_code == 303
    assert [event.action for event in today.events(number)].count(Action.NOTE) == 2


def test_an_old_version_keeps_the_text_and_shows_what_happened_meanwhile(today, visit):
    number = today.ticket(State.PROCESSING)
    path = f"/tickets/{number}/submit_reply"
    form = {**hidden(visit("dept").get(path), path), "reply": "周五前送电"}
    today.act("supervisor", number, "supervise", demand="请说明", due_limit="1wd")

    refused = visit("dept").post(path, data=form)
    confirmed = visit("dept").post(path, data={**hidden(refused, path), "reply": "周五前送电"})

    assert refused.status_code == 409
    assert "周五前送电" in refused.text
    assert "已督办" in refused.text
    assert confirmed.status_code == 303


def test_what_is_missing_stands_beside_its_field_and_the_rest_is_kept(today, visit):
    number = today.ticket(State.SUBMITTED)

    answer = fill(visit("clerk"), number, "reject", message="请向物业提出")

    assert answer.status_code == 422
    assert "请选一项" in answer.text
    assert "请向物业提出" in answer.text
    assert today.row(number).status is State.SUBMITTED


def test_a_state_that_passed_is_refused_with_the_text_kept(today, visit):
    number = today.ticket(State.PROCESSING)
    path = f"/tickets/{number}/contact"
    form = {**hidden(visit("dept").get(path), path), "outcome": "reached", "note": "已通话,约周四"}
    today.act("supervisor", number, "suspend", reason_code="engineering", resume_on="2026-12-15")

    answer = visit("dept").post(path, data=form)

    assert answer.status_code == 409
    assert "您填写期间，这件诉求有了新情况" in answer.text
    assert "现在已不能这样办" in answer.text
    assert "已通话,约周四" in answer.text


def test_an_open_part_asks_for_a_reason_and_without_one_the_question_is_not_there(today, visit):
    plain, helped = today.ticket(State.PROCESSING), today.ticket(State.PROCESSING)
    today.act("dept", helped, "invite", unit="D-HRS", due_limit="3wd", message="请协助")

    assert 'name="reason"' not in visit("dept").get(f"/tickets/{plain}/submit_reply").text
    refused = fill(visit("dept"), helped, "submit_reply", reply="先行答复")
    assert refused.status_code == 409
    assert "先行答复" in refused.text
    assert fill(visit("dept"), helped, "submit_reply", reply="先行答复", reason="不影响").status_code == 303


def test_strangers_and_unknown_addresses_get_the_same_nothing(today, visit):
    number = today.ticket(State.PROCESSING)

    for path in (f"/tickets/{number}", f"/tickets/{number}/message", f"/tickets/{number}/filed"):
        assert visit("enterprise2").get(path).status_code == 404
        assert visit("station2").get(path).status_code == 404
    assert send(visit("enterprise2"), f"/tickets/{number}/message", body="x").status_code == 404
    for path in (
        "/tickets/QS26-000-000-001",
        "/tickets/nothing",
        f"/tickets/{number}/attach",
        "/tickets/x/sign",
    ):
        assert visit("dept").get(path).status_code == 404


def test_markup_typed_into_every_field_is_shown_as_text(today, visit):
    bad = '<img src=x onerror="alert(1)">'
    number = today.file(title=f"标题{bad}", description=bad)
    today.act("clerk", number, "accept")
    today.act("dispatcher", number, "dispatch", unit="D-PWR", note=bad)
    today.act("dept", number, "sign")
    for action in ("message", "note"):
        today.act("dept", number, action, body=bad)
    today.act("dept", number, "contact", outcome="reached", note=bad)
    today.act("supervisor", number, "supervise", demand=bad, due_limit="1wd")
    today.act("dept", number, "request_extension", days=2, reason=bad)

    pages = [
        visit("dept").get(path).text for path in (f"/tickets/{number}", f"/tickets/{number}/note", "/tickets")
    ]
    refused = send(visit("dept"), f"/tickets/{number}/contact", note=bad).text

    for page in (*pages, refused):
        assert "<img src=x" not in page
        assert bad in unescape(page)


def test_what_is_refused_far_down_the_page_is_told_there(today, visit):
    number = today.ticket(State.PROCESSING)
    lead, page = visit("dept"), f"/tickets/{number}"
    for where, fields, told in (
        ("files", {"file": (io.BytesIO(b"MZ"), "图纸.exe")}, "图纸.exe：不能添加这个文件"),
        ("files", {}, "请先选择文件"),
        ("reveal", {"reason": ""}, ""),
    ):
        answer = send(lead, f"{page}/{where}", **fields)
        text = lead.get(page).text

        place = answer.location.partition("#")[2]
        assert re.search(rf'id="{place}".*?role="alert">.*?{told}', text, re.DOTALL)
        assert "flash--bad" not in text
