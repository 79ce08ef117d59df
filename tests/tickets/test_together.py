"""Drafts and presence: kept for their writer alone, seen by staff alone, gone when their time is over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.tickets.desk import fill, hidden, send
from ticketing.core.db import db
from ticketing.core.errors import Invalid, NotFound
from ticketing.tickets import drafts, presence
from ticketing.tickets.words import Action, State

REPLY = [("reply", "已现场勘查，"), ("version", "9"), ("csrf_token", "x"), ("once", "y")]


@pytest.fixture
def number(world):
    return world.ticket(State.PROCESSING)


def save(world, number, who="dept", fields=(("reply", "写到一半"),), action=Action.SUBMIT_REPLY, **options):
    return drafts.save(world.actor(who), number, action, list(fields), now=world.now, **options)


def kept(world, number, who="dept"):
    return [(one.action, one.fields) for one in drafts.drafts(world.actor(who), number)]


def test_a_draft_holds_what_was_typed_and_nothing_of_the_form_itself():
    assert drafts.typed(Action.SUBMIT_REPLY, REPLY) == [("reply", "已现场勘查，")]
    assert drafts.typed(Action.SUBMIT_REPLY, [("reply", " \n "), ("body", "x")]) == []


def test_a_draft_is_its_writers_alone_the_last_counts_and_the_ticket_does_not_change(world, number):
    before = world.row(number).version
    save(world, number, fields=[("reply", "第一次")])
    save(world, number)
    save(world, number, who="deptlead", fields=[("body", "另一个人的")], action=Action.NOTE)

    assert kept(world, number) == [(Action.SUBMIT_REPLY, [("reply", "写到一半")])]
    assert kept(world, number, "deptlead") == [(Action.NOTE, [("body", "另一个人的")])]
    assert kept(world, number, "supervisor") == []
    assert world.row(number).version == before


def test_one_emptied_is_dropped(world, number):
    save(world, number)

    assert save(world, number, fields=[]) is False
    assert kept(world, number) == []


def test_a_stranger_neither_keeps_nor_reads_a_draft(world, number):
    for who in ("station2", "enterprise2"):
        with pytest.raises(NotFound):
            save(world, number, who=who)
        with pytest.raises(NotFound):
            drafts.drafts(world.actor(who), number)


def test_a_draft_may_be_long_but_not_endless(world, number):
    save(world, number, fields=[("reply", "字" * 8000)])

    with pytest.raises(Invalid):
        save(world, number, fields=[("reply", "字" * 12000)])
    assert len(kept(world, number)[0][1][0][1]) == 8000


def test_drafts_nobody_touches_for_thirty_days_go_and_so_do_the_traces_of_people(world, number):
    save(world, number)
    presence.here(world.actor("dept"), number, None, now=world.now)

    assert drafts.forget_old(world.now + timedelta(days=29)) == 0
    assert presence.forget_old(world.now + timedelta(minutes=59)) == 0
    assert drafts.forget_old(world.now + timedelta(days=30)) == 1
    assert presence.forget_old(world.now + timedelta(hours=1)) == 1


def test_two_see_each_other_and_what_the_other_writes_until_one_is_gone(world, number):
    lead, handler = world.actor("deptlead"), world.actor("dept")

    assert presence.here(lead, number, None, now=world.now).others == []
    [other] = presence.here(handler, number, Action.SUBMIT_REPLY, now=world.now).others
    [seen] = presence.here(lead, number, None, now=world.now + timedelta(seconds=20)).others
    late = presence.here(lead, number, None, now=world.now + timedelta(seconds=51))

    assert (other.name, other.doing) == (lead.name, None)
    assert (seen.name, seen.doing) == (handler.name, Action.SUBMIT_REPLY)
    assert late.others == []
    assert late.version == world.row(number).version
    presence.leave(lead, number)
    assert presence.here(handler, number, None, now=world.now + timedelta(seconds=52)).others == []


def test_a_beat_that_tells_nothing_new_writes_nothing(world, number, statements):
    actor = world.actor("dept")
    presence.here(actor, number, None, now=world.now)

    with statements() as again:
        presence.here(actor, number, None, now=world.now + timedelta(seconds=5))
    with statements() as news:
        presence.here(actor, number, Action.NOTE, now=world.now + timedelta(seconds=6))

    assert [one.split()[0] for one in again if not one.startswith(("BEGIN", "COMMIT", "ROLLBACK"))] == [
        "SELECT"
    ]
    assert any(one.startswith("INSERT") for one in news)


@pytest.mark.parametrize("who", ["enterprise", "enterprise2", "station2", "policy"])
def test_companies_and_strangers_are_told_of_nobody(world, number, who):
    presence.here(world.actor("dept"), number, None, now=world.now)
    before = world.fingerprint()

    with pytest.raises(NotFound):
        presence.here(world.actor(who), number, None, now=world.now)
    presence.leave(world.actor(who), number)
    assert world.fingerprint() == before


def test_over_http_a_draft_is_saved_given_back_and_gone_once_sent(today, visit):
    number = today.ticket(State.PROCESSING)
    path, page = f"/tickets/{number}/drafts", f"/tickets/{number}/submit_reply"
    form = hidden(visit("dept").get(page), page)
    as_script = {"Accept": "application/json"}
    typed = {**form, "action": "submit_reply", "reply": "写到一半"}

    saved = visit("dept").post(path, data=typed, headers=as_script)
    elsewhere = visit("dept").get(page)
    listed = visit("dept").get(path).get_json()
    sent = visit("dept").post(page, data={**form, "reply": "写完了"})
    late = visit("dept").post(path, data=typed, headers=as_script)

    assert saved.get_json()["saved"].startswith("今天")
    assert "写到一半" in elsewhere.text
    assert "已放回" in elsewhere.text
    assert listed["drafts"][0]["fields"] == [["reply", "写到一半"]]
    assert sent.status_code == 303
    assert late.get_json() == {"saved": ""}
    assert db.session.scalars(select(drafts.Draft)).all() == []


def test_without_scripts_a_button_keeps_the_draft_and_leads_back_to_it(today, visit):
    number = today.ticket(State.PROCESSING)
    home = visit("dept").get(f"/tickets/{number}")

    answer = send(visit("dept"), f"/tickets/{number}/drafts", action="note", body="写到一半")

    assert f'formaction="/tickets/{number}/drafts" name="action" value="note"' in home.text
    assert answer.status_code == 303
    back = visit("dept").get(answer.location)
    assert answer.location.endswith(f"/tickets/{number}/note")
    assert "草稿已存" in back.text
    assert "写到一半" in back.text


def test_what_is_no_form_has_no_draft_and_one_too_long_is_told_so(today, visit):
    number = today.ticket(State.PROCESSING)
    path = f"/tickets/{number}/drafts"

    for action in ("sign", "attach", "nonsense"):
        assert send(visit("dept"), path, action=action, body="x").status_code == 404
    form = hidden(visit("dept").get(f"/tickets/{number}/note"), f"/tickets/{number}/note")
    too_long = visit("dept").post(
        path,
        data={**form, "action": "note", "body": "字" * 12000},
        headers={"Accept": "application/json"},
    )
    assert too_long.status_code == 422
    assert "草稿太长" in too_long.get_json()["sentence"]


def test_the_page_says_who_is_here_in_words(today, visit):
    number = today.ticket(State.PROCESSING)
    path = f"/tickets/{number}/here"
    send(visit("dept"), path, doing="submit_reply")

    told = send(visit("deptlead"), path).get_json()
    assert told["others"] == f"{today.actor('dept').name}正在写答复"
    assert send(visit("dept"), path, gone="1").status_code == 204
    assert send(visit("deptlead"), path).get_json()["others"] == ""
    assert send(visit("enterprise"), path).status_code == 404


def test_a_form_refused_keeps_its_draft(today, visit):
    number = today.ticket(State.PROCESSING)
    send(visit("dept"), f"/tickets/{number}/drafts", action="contact", note="已通话")

    assert fill(visit("dept"), number, "contact", note="已通话").status_code == 422
    assert kept(today, number) == [(Action.CONTACT, [("note", "已通话")])]
