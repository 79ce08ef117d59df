"""On the page of a ticket: what was merged into it, to read without leaving."""

from __future__ import annotations

import pytest
from sqlalchemy import delete

from tests.tickets.desk import statements
from tests.tickets.test_page_costs import MOST_FOR_A_PAGE
from ticketing.core.db import db, transaction
from ticketing.core.local_day import local_date
from ticketing.core.text import mask_name
from ticketing.tickets.models import TicketUnit
from ticketing.tickets.queries import joined
from ticketing.tickets.queries.view import view
from ticketing.tickets.words import State


@pytest.fixture
def pair(today):
    """A ticket in work at D-PWR, and the one merged into it, in which both sides had said something."""
    main, twin = today.ticket(State.PROCESSING), today.ticket(State.PROCESSING, unit="D-HRS", title="又跳闸")
    today.act("enterprise", twin, "message", body="二号车间也停了")
    today.act("dept2", twin, "note", body="先找物业核实")
    today.act("clerk", twin, "merge", into=main, message="同一件事")
    return main, twin


def test_who_handles_the_main_ticket_reads_there_what_was_said_in_the_merged_one(today, visit, pair):
    main, twin = pair
    page = visit("dept").get(f"/tickets/{main}").text
    folded = page.split('id="joined"')[1]

    for told in ("又跳闸", "二号车间也停了", "先找物业核实", f'href="/tickets/{twin}?own=1"'):
        assert told in folded
    assert f'action="/tickets/{twin}/' not in page  # nothing can be done to it from here

    today.act("clerk", twin, "unmerge")
    assert 'id="joined"' not in visit("dept").get(f"/tickets/{main}").text


def test_the_company_reads_each_of_its_requests_on_its_own_page(visit, pair):
    main, twin = pair
    page = visit("enterprise").get(f"/tickets/{main}").text
    assert 'id="joined"' not in page
    assert "二号车间也停了" not in page
    own = visit("enterprise").get(f"/tickets/{twin}?own=1").text
    assert "二号车间也停了" in own
    assert "先找物业核实" not in own


def test_nobody_reads_there_what_is_out_of_their_own_sight(today, visit, pair):
    main, twin = pair
    with transaction():
        db.session.execute(delete(TicketUnit).where(TicketUnit.ticket_id == today.row(twin).id))

    assert 'id="joined"' not in visit("dept").get(f"/tickets/{main}").text
    assert 'id="joined"' in visit("clerk").get(f"/tickets/{main}").text
    company, now = today.actor("enterprise"), today.now
    assert joined.joined(company, view(company, main, now=now, today=local_date(now))) == []


def test_a_confidential_one_hides_its_names_from_those_who_need_not_know(today, visit):
    main = today.ticket(State.PROCESSING)
    twin = today.file(confidential=True, title="请保密处理")
    today.act("enterprise", twin, "message", body="请勿告知园区")
    today.act("clerk", twin, "merge", into=main)
    name = today.actor("enterprise").name

    def folded(who: str) -> str:
        page: str = visit(who).get(f"/tickets/{main}").text
        return page.split('id="joined"')[1].split("</details>", maxsplit=1)[0]

    assert name not in folded("deptlead")
    assert mask_name(name) in folded("deptlead")
    assert name in folded("clerk")


def test_the_page_costs_no_more_however_many_were_merged_and_names_those_beyond_the_first(
    app, today, visit, monkeypatch
):
    monkeypatch.setattr(joined, "MOST", 2)
    main, client = today.ticket(State.PROCESSING), visit("dept")
    twins = [today.file(title=f"停电 {nth}") for nth in range(3)]
    for twin in twins:
        today.act("clerk", twin, "merge", into=main)
    client.get(f"/tickets/{main}")

    with statements(app) as sent:
        page = client.get(f"/tickets/{main}").text

    assert [f"并入：停电 {nth}" in page for nth in range(3)] == [True, True, False]
    assert all(twin in page for twin in twins)
    read = [one for one in sent if not one.startswith(("BEGIN", "COMMIT", "ROLLBACK"))]
    assert len(read) <= MOST_FOR_A_PAGE, "\n".join(read)
