"""Reply templates: who writes them for whom, and how one comes into a form with and without scripts."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.tickets.desk import fill, hidden
from ticketing.core.db import db
from ticketing.core.errors import ChangedMeanwhile, Invalid, NotFound, NotPermitted
from ticketing.network.queries import network
from ticketing.tickets import reply_texts
from ticketing.tickets.reply_texts import ReplyText, TextWish
from ticketing.tickets.words import Kind, State

BODY = "{企业}：您反映的{单号}，我们会在{期限}前办结。联系人{联系人}，电话{电话}。"


def wish(unit="D-PWR", name="已收到", body=BODY, category=None, kind=None):
    unit_id = network().by_code[unit].id if unit else None
    return TextWish(unit_id, name, body, category, kind)


def make(world, who="deptlead", **fields):
    return reply_texts.create(world.actor(who), wish(**fields), now=world.now)


def names(world, who, number):
    return [one.name for one in reply_texts.offered(world.actor(who), world.row(number))]


@pytest.mark.parametrize(
    ("who", "unit"),
    [("deptlead", "D-PWR"), ("station", "S101"), ("dispatcher", "C0"), ("admin", "S301"), ("admin", None)],
)
def test_heads_and_dispatchers_write_for_their_own_unit_administrators_for_all(world, who, unit):
    made = make(world, who, unit=unit)

    assert made in {one.id for one in reply_texts.editable(world.actor(who))}
    reply_texts.change(world.actor(who), made, wish(unit=unit, name="改过"), seen_version=1, now=world.now)
    assert reply_texts.remove(world.actor(who), made) == "改过"


@pytest.mark.parametrize(
    ("who", "unit"),
    [
        ("deptlead", "D-HRS"),
        ("deptlead", None),
        ("station", "S301"),
        ("dept", "D-PWR"),
        ("enterprise", "D-PWR"),
        ("dispatcher", None),
    ],
)
def test_nobody_writes_for_another_unit_or_for_the_district(world, who, unit):
    theirs = make(world, "admin", unit=unit)
    before = world.fingerprint()

    with pytest.raises(NotPermitted):
        make(world, who, unit=unit)
    with pytest.raises(NotFound):
        reply_texts.change(world.actor(who), theirs, wish(unit=unit), seen_version=1, now=world.now)
    with pytest.raises(NotFound):
        reply_texts.remove(world.actor(who), theirs)
    assert world.fingerprint() == before


def test_a_text_cannot_be_moved_into_another_unit(world):
    made = make(world)

    with pytest.raises(NotPermitted):
        reply_texts.change(world.actor("deptlead"), made, wish(unit="D-HRS"), seen_version=1, now=world.now)


def test_an_unknown_blank_and_an_old_version_are_refused_without_a_trace(world):
    made = make(world)
    reply_texts.change(world.actor("deptlead"), made, wish(name="新"), seen_version=1, now=world.now)
    before = world.fingerprint()

    with pytest.raises(Invalid):
        make(world, body="{电话号码}")
    with pytest.raises(ChangedMeanwhile):
        reply_texts.change(world.actor("deptlead"), made, wish(name="旧"), seen_version=1, now=world.now)
    assert world.fingerprint() == before


def test_offered_are_the_own_units_and_the_districts_that_fit_the_nearest_first(world):
    number = world.ticket(State.PROCESSING)
    make(world, "admin", unit=None, name="全区")
    make(world, name="本单位")
    make(world, name="用电", category="PWR")
    make(world, name="求助", kind=Kind(world.row(number).kind))
    make(world, name="融资", category="FIN")
    make(world, "admin", unit="D-HRS", name="别单位")

    assert names(world, "dept", number) == ["用电", "求助", "本单位", "全区"]
    assert names(world, "supervisor", number) == ["全区"]


def test_chosen_without_scripts_it_follows_what_was_typed_filled_in(today, visit):
    number = today.ticket(State.PROCESSING)
    made = make(today)
    path, page = f"/tickets/{number}/texts", f"/tickets/{number}/submit_reply"
    form = hidden(visit("dept").get(page), page)

    listed = visit("dept").post(path, data={**form, "for": "submit_reply", "reply": "您好。"})
    chosen = visit("dept").post(path, data={**form, "for": "submit_reply", "reply": "您好。", "text": made})
    sent = visit("dept").post(page, data={**hidden(chosen, page), "reply": "{电话}"})

    assert f'name="text" value="{made}"' in listed.text
    assert "您好。\n" + today.row(number).number not in listed.text
    assert f"您反映的{number}，我们会在" in chosen.text
    assert "您好。" in chosen.text
    assert "“{电话}”还没有填上" in sent.text


def test_what_a_reader_may_not_see_is_not_filled_in(today, visit):
    number = today.ticket(
        State.PROCESSING, kind="violation_report", contact={"name": "林知夏", "phone": "13800001111"}
    )
    make(today, "admin", unit=None)

    for who, may_read in (("supervisor", True), ("manager", False)):
        [text] = visit(who).get(f"/tickets/{number}/texts").get_json()["texts"]
        assert ("林知夏" in text["body"]) is may_read
        assert ("{企业}" in text["body"]) is not may_read
        assert "13800001111" not in text["body"]


def test_companies_and_strangers_get_no_texts(today, visit):
    number = today.ticket(State.PROCESSING)
    make(today, "admin", unit=None, body="只给工作人员")

    for who in ("enterprise", "enterprise2", "station2"):
        assert visit(who).get(f"/tickets/{number}/texts").status_code == 404


def test_in_the_browser_a_text_is_written_changed_and_removed(today, visit):
    head = visit("station")
    empty = head.get("/tickets/texts")
    page = head.get("/tickets/texts/new")
    form = {**hidden_of(page), "unit": "S101", "name": "已收到", "body": "{企业}，您好"}

    refused = head.post("/tickets/texts/new", data={**form, "body": "{公司}，您好"})
    made = head.post("/tickets/texts/new", data=form)
    text_id = db.session.scalars(select(ReplyText.id)).one()
    edit = head.get(f"/tickets/texts/{text_id}")
    changed = head.post(f"/tickets/texts/{text_id}", data={**form, **hidden_of(edit), "name": "收到了"})
    late = head.post(f"/tickets/texts/{text_id}", data={**form, **hidden_of(edit), "name": "晚了"})
    listed = head.get("/tickets/texts")
    gone = head.post(f"/tickets/texts/{text_id}/remove", data=hidden_of(edit))

    assert "还没有模板" in empty.text
    assert refused.status_code == 422
    assert "没有 {公司} 这个占位符" in refused.text
    assert "{公司}，您好" in refused.text
    assert made.status_code == changed.status_code == gone.status_code == 303
    assert late.status_code == 409
    assert "晚了" in late.text
    assert "收到了" in listed.text
    assert visit("dept").get("/tickets/texts").status_code == 403
    assert visit("deptlead").get(f"/tickets/texts/{text_id}").status_code == 404


def hidden_of(page):
    from tests.tickets.desk import fields_of

    return fields_of(page.text)


def test_a_box_on_the_ticket_page_offers_templates_and_a_note_does_not(today, visit):
    number = today.ticket(State.PROCESSING)

    page = visit("dept").get(f"/tickets/{number}").text

    assert 'name="for" value="submit_reply"' in page
    assert 'name="for" value="message"' in page
    assert 'name="for" value="note"' not in page
    assert fill(visit("dept"), number, "note", body="x").status_code == 303
