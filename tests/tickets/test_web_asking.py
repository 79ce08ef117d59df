"""Before something that looks internal leaves for the company, the page asks once; a program may ask too."""

from __future__ import annotations

import re

import pytest

from tests.tickets.desk import fill, hidden, send
from ticketing.accounts.actions import signing
from ticketing.accounts.models import Enterprise, User
from ticketing.core.db import db, transaction
from ticketing.tickets.words import State

ODD = "周五前送电，@王工 金额待核实。"


def confirmed(page) -> str:
    found = re.search(r'name="confirmed" value="([0-9a-f]+)"', page.text)
    assert found, "the page does not ask"
    return found.group(1)


@pytest.mark.parametrize(
    ("who", "state", "action", "field"),
    [
        ("dept", State.PROCESSING, "submit_reply", "reply"),
        ("clerk", State.ACCEPTED, "answer_now", "reply"),
        ("dept", State.PROCESSING, "message", "body"),
        ("clerk", State.SUBMITTED, "request_info", "message"),
    ],
)
def test_the_page_asks_once_changes_nothing_and_then_does_it(today, visit, who, state, action, field):
    number, client = today.ticket(state), visit(who)
    before = today.fingerprint()

    asked = fill(client, number, action, **{field: ODD})

    assert asked.status_code == 422
    assert "“@王工”像是在叫同事" in asked.text
    assert "“待核实”像是还没有写完" in asked.text
    assert ODD in asked.text
    assert today.fingerprint() == before
    path = f"/tickets/{number}/{action}"
    form = {**hidden(asked, path), field: ODD, "confirmed": confirmed(asked)}
    assert client.post(path, data=form).status_code == 303
    assert today.events(number)[-1].action == action


def test_a_yes_holds_for_what_was_shown_and_for_nothing_else(today, visit):
    number = today.ticket(State.PROCESSING)
    path = f"/tickets/{number}/message"
    asked = fill(visit("dept"), number, "message", body="@王工")

    other = visit("dept").post(
        path, data={**hidden(asked, path), "body": "【内部】", "confirmed": confirmed(asked)}
    )

    assert other.status_code == 422
    assert "“【内部】”像是内部说明" in other.text


def test_a_reply_is_looked_at_again_when_it_is_let_go(today, visit):
    number = today.ticket(State.PROCESSING)
    today.act("dept", number, "submit_reply", reply=ODD)
    path = f"/tickets/{number}/approve_reply"
    home = visit("deptlead").get(f"/tickets/{number}")

    asked = visit("deptlead").post(path, data=hidden(home, path))
    done = visit("deptlead").post(path, data={**hidden(asked, path), "confirmed": confirmed(asked)})

    assert asked.status_code == 422
    assert done.status_code == 303


def test_what_is_written_among_staff_and_by_companies_is_not_asked_about(today, visit):
    number = today.ticket(State.PROCESSING)

    assert fill(visit("dept"), number, "note", body=ODD).status_code == 303
    assert fill(visit("enterprise"), number, "message", body=ODD).status_code == 303


def test_somebody_elses_company_ticket_and_mobile_are_known_as_such(today, visit):
    mine, own, theirs = today.ticket(State.PROCESSING), today.file(), today.file("enterprise2")
    with transaction():
        db.session.get_one(User, today.actor("dept").user_id).phone = "13912345678"
        other = db.session.get_one(Enterprise, today.actor("enterprise2").enterprise_id)
        own_company = db.session.get_one(Enterprise, today.actor("enterprise").enterprise_id)
        other_name, own_name, code = other.name, own_company.name, other.uscc

    plain = f"{own_name}：与 {own} 一并办理，也可联系苏州并不存在有限公司，电话 13800001111。"
    assert fill(visit("dept"), mine, "message", body=plain).status_code == 303
    for words in (theirs, f"请与{other_name}协商", code, "电话 139 1234 5678"):
        asked = fill(visit("dept"), mine, "message", body=words)
        assert asked.status_code == 422, words
    assert "“" + other_name + "”是另一家企业" in fill(visit("dept"), mine, "message", body=other_name).text


def test_what_the_company_named_itself_may_be_answered_with(today, visit):
    other = db.session.get_one(Enterprise, today.actor("enterprise2").enterprise_id).name
    number = today.ticket(State.PROCESSING, description=f"与{other}共用一台变压器")

    assert fill(visit("dept"), number, "message", body=f"已联系{other}").status_code == 303


def test_a_stranger_is_not_asked_but_finds_nothing(today, visit):
    number = today.ticket(State.PROCESSING)

    assert send(visit("station2"), f"/tickets/{number}/message", body=ODD).status_code == 404


def test_a_program_is_refused_only_if_it_asks_for_that(app, today):
    number = today.ticket(State.PROCESSING)
    token = signing.create_token(today.actor("dept").user_id, "test", now=today.now)

    def call(**headers):
        return app.test_client().post(
            f"/api/v1/tickets/{number}/actions/message",
            json={"body": ODD},
            headers={"Authorization": f"Bearer {token}", **headers},
        )

    strict, plain = call(Prefer="respond-async, handling=strict"), call()

    assert strict.status_code == 422
    assert strict.get_json()["errors"]["body"] == ["“@王工”像是在叫同事", "“待核实”像是还没有写完"]
    assert plain.status_code == 200
