"""The inbox."""

from __future__ import annotations

import pytest
from flask import get_template_attribute
from sqlalchemy import select

from tests.tickets.desk import hidden, send, statements, visits, world_now
from ticketing.core.db import db
from ticketing.escalation.actions.sweep import sweep
from ticketing.notify.actions import relay as actions
from ticketing.notify.models import InboxEntry
from ticketing.tickets.words import State


@pytest.fixture
def today(app):
    return world_now(app)


@pytest.fixture
def visit(app, today):
    return visits(app)


def relay(today) -> None:
    while actions.relay(today.now):
        pass


def entry_id(today, who: str) -> int:
    found = db.session.scalars(
        select(InboxEntry.id)
        .where(InboxEntry.user_id == today.actor(who).user_id)
        .order_by(InboxEntry.id.desc())
    ).first()
    assert found is not None
    return found


def test_what_happened_is_listed_newest_first_with_its_ticket(today, visit):
    number = today.ticket(State.PROCESSING)
    relay(today)

    page = visit("enterprise").get("/inbox").text

    assert number in page
    assert page.index("签收，开始办理") < page.index("交给供电公司办理") < page.index("已受理")
    assert "还没有消息" in visit("enterprise2").get("/inbox").text


def test_opening_an_entry_reads_all_of_its_ticket_and_leads_there(today, visit):
    number, other = today.ticket(State.DISPATCHED), today.ticket(State.ACCEPTED)
    relay(today)
    newest = entry_id(today, "dept")
    page = visit("dept").get("/inbox")

    answer = visit("dept").post(f"/inbox/{newest}", data=hidden(page, f"/inbox/{newest}"))

    assert answer.location == f"/tickets/{number}"
    assert "data-new" not in visit("dept").get("/inbox").text
    assert other in visit("enterprise").get("/inbox").text


def test_all_are_read_up_to_the_newest_shown(today, visit):
    today.ticket(State.DISPATCHED)
    relay(today)
    page = visit("enterprise").get("/inbox")
    form = hidden(page, "/inbox/read")
    today.ticket(State.DISPATCHED, title="后来的事")
    relay(today)

    visit("enterprise").post("/inbox/read", data=form)

    unread = [line for line in visit("enterprise").get("/inbox").text.split("<li") if "data-new" in line]
    assert unread
    assert all("后来的事" in line for line in unread)


def test_somebody_elses_entry_is_not_there(today, visit):
    today.ticket(State.DISPATCHED)
    relay(today)
    newest = entry_id(today, "dept")

    assert send(visit("enterprise2"), f"/inbox/{newest}").status_code == 404
    assert send(visit("dept"), "/inbox/999999999").status_code == 404
    assert "data-new" in visit("dept").get("/inbox").text


def test_reading_changes_nothing_and_takes_few_statements(app, today, visit):
    today.ticket(State.DISPATCHED)
    relay(today)
    visit("dept").get("/inbox")
    before = today.fingerprint()

    with statements(app) as sent:
        assert visit("dept").get("/inbox").status_code == 200

    assert len(sent) <= 8
    assert today.fingerprint() == before


def test_an_escalation_is_said_in_words(today, visit):
    number = today.ticket(State.PROCESSING)
    today.now = today.clocks(number)["resolve"].due_at
    while sweep(today.now):
        pass
    relay(today)

    page = visit("dept").get("/inbox").text

    assert "办结答复已到期限" in page
    assert "联系已到期限" in page or "联系时限已用" in page or "联系已超时" in page


@pytest.mark.parametrize(("count", "shown"), [(99, "99"), (100, "99+")])
def test_how_many_are_unread_is_told_as_it_is_shown(app, count, shown):
    with app.test_request_context():
        link = get_template_attribute("parts/inbox_link.html", "inbox_link")(count)

    assert f'aria-label="消息，{shown} 条未读"' in link
    assert f">{shown}</span>" in link
