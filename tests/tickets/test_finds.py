"""Searching on the pages: what was found is marked, why it was found is said, bad input gets a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from tests.tickets.desk import statements
from ticketing.accounts.models import Enterprise
from ticketing.core.db import db, transaction
from ticketing.core.files import Shelf, Upload
from ticketing.tickets.actions import indexing
from ticketing.tickets.actions.attaching import attach
from ticketing.tickets.models import Ticket
from ticketing.tickets.queries import commonness, ranking
from ticketing.tickets.queries.conditions import Filters
from ticketing.tickets.queries.listing import Sort, listing
from ticketing.tickets.words import State

MOST_STATEMENTS = 8
PDF = b"%PDF-1.7\n%%EOF"


def found_by(world, who, typed):
    page = listing(world.actor(who), Filters(text=typed), sort=Sort.BEST, now=world.now)
    return [row.number for row in page.rows]


def put(world, number, name, *, who="clerk", is_internal=False):
    shelf = Shelf(Path(world.app.config["TICKETING"].var_dir) / "files", 10 << 20)
    attach(world.actor(who), number, Upload(name, PDF), shelf=shelf, now=world.now, is_internal=is_internal)


def test_what_was_searched_for_is_marked_and_why_it_was_found_is_said(today, visit):
    in_title = today.file(title="车间<用电>增容", description="无")
    in_text = today.file(title="车间停产", description="三号车间 <b>用电</b> 不够\n请尽快")
    in_file = today.file(title="厂房验收", description="无")
    put(today, in_file, "用电图纸.pdf")

    page = visit("clerk").get("/tickets?q=用电")

    assert f'href="/tickets/{in_title}">车间&lt;<mark>用电</mark>&gt;增容</a>' in page.text
    assert "三号车间 &lt;b&gt;<mark>用电</mark>&lt;/b&gt; 不够 请尽快" in page.text
    assert '<p class="row__why">附件：<mark>用电</mark>图纸.pdf</p>' in page.text
    places = [page.text.index(f'href="/tickets/{number}"') for number in (in_title, in_text, in_file)]
    assert places == sorted(places)


def test_a_piece_of_a_phone_finds_only_for_those_who_may_call_and_is_not_told_in_full(today, visit):
    open_one = today.file(contact={"name": "王", "phone": "192-0512-7788"})
    hidden = today.file(contact={"name": "王", "phone": "192-0512-7788"}, confidential=True)

    page = visit("clerk").get("/tickets?q=05127788")

    assert page.text.count("联系电话里有 <mark>05127788</mark>") == 2
    assert "192-0512-7788" not in page.text
    assert found_by(today, "caller", "0512 7788") == [open_one]
    assert found_by(today, "supervisor", "0512-7788") == [hidden, open_one]
    for who in ("dispatcher", "manager", "area", "dept", "enterprise2"):
        assert found_by(today, who, "05127788") == []


def test_the_right_to_a_phone_comes_and_goes_with_the_ticket(world):
    number = world.file(contact={"name": "王", "phone": "19205127788"}, confidential=True)
    world.act("clerk", number, "accept")
    world.act("dispatcher", number, "dispatch", unit="D-PWR")
    world.act("dept", number, "sign")
    assert found_by(world, "dept", "05127788") == []
    world.act("dept", number, "claim")
    assert found_by(world, "dept", "05127788") == [number]

    world.act("deptlead", number, "transfer", unit="D-HRS", message="由人社办理")

    assert found_by(world, "dept", "05127788") == []
    assert found_by(world, "dept", "增容") == [number]


def test_an_internal_file_is_found_by_staff_only_from_the_moment_it_is_there(world):
    number = world.file()
    assert found_by(world, "clerk", "勘察纪要") == []

    put(world, number, "勘察纪要.pdf", is_internal=True)
    put(world, number, "现场照片.pdf", who="enterprise")

    assert found_by(world, "clerk", "勘察纪要") == [number]
    assert found_by(world, "enterprise", "勘察纪要") == []
    assert found_by(world, "enterprise", "现场照片") == [number]
    indexing.rebuild()
    assert found_by(world, "enterprise", "勘察纪要 现场") == []
    assert found_by(world, "clerk", "勘察纪要 现场") == [number]


def test_the_files_of_a_draft_are_found_once_it_is_sent(world):
    number = world.file(draft=True)
    put(world, number, "现场照片.pdf", who="enterprise")
    assert found_by(world, "enterprise", "现场照片") == []

    world.act("enterprise", number, "submit")

    assert found_by(world, "clerk", "现场照片") == [number]


def test_after_a_companys_new_name_its_requests_are_found_by_it(world):
    numbers = {world.file(), world.file(), world.file(confidential=True)}
    world.file(draft=True)
    company = world.row(min(numbers)).enterprise_id
    with transaction():
        db.session.execute(update(Enterprise).where(Enterprise.id == company).values(name="苏州麒麟阁公司"))

    done = [indexing.index_due(2), indexing.index_due(2), indexing.index_due(2)]

    assert done == [2, 1, 0]
    assert set(found_by(world, "clerk", "麒麟阁")) == numbers
    assert len(found_by(world, "dispatcher", "麒麟阁")) == 2
    assert db.session.scalar(text("SELECT count(*) FROM ticket_texts")) == len(numbers)


def test_the_same_name_again_makes_no_work(world):
    number = world.file()
    with transaction():
        company = db.session.get_one(Enterprise, world.row(number).enterprise_id)
        db.session.execute(update(Enterprise).where(Enterprise.id == company.id).values(name=company.name))

    assert indexing.index_due() == 0


UNFIT = {
    "电": "太短了，请至少连着写两个字或数字",
    "a b c": "太短了，请至少连着写两个字或数字",
    "%": "里面没有可以查找的字或数字",
    '"" && (*) | %_\\': "里面没有可以查找的字或数字",
    "用" * 10_000: "只用了前 100 个字",
}


def test_what_cannot_be_searched_for_gets_a_sentence_and_no_trouble(today, visit):
    today.file()

    for who in ("clerk", "enterprise"):
        for typed, told in UNFIT.items():
            page = visit(who).get("/tickets", query_string={"q": typed})

            assert page.status_code == 200
            assert "搜索词" in page.text, typed
            assert told in page.text, typed
            assert "row__title" not in page.text


def test_the_companys_list_marks_what_it_found(today, visit):
    today.file(title="车间停产", description="三号车间用电不够")

    page = visit("enterprise").get("/tickets?q=用电")

    assert "三号车间<mark>用电</mark>不够" in page.text


def test_a_page_of_hits_takes_few_statements_however_many_they_are(today, visit):
    person = visit("clerk")
    today.file(title="车间停产", description="用电不够")
    person.get("/tickets?q=用电")
    with statements(today.app) as few:
        assert "<mark>" in person.get("/tickets?q=用电").text
    for _ in range(6):
        put(today, today.file(title="车间停产", description="不够"), "用电.pdf")
        today.file(title="车间用电")
    with statements(today.app) as many:
        page = person.get("/tickets?q=用电")

    assert page.text.count("<mark>") >= 13
    assert len(few) == len(many) <= MOST_STATEMENTS


def test_all_pages_together_hold_every_hit_once_whatever_comes_in_between(world):
    numbers = [
        world.file(title="车间用电" if place % 2 else "停产", description="用电") for place in range(7)
    ]
    actor, wanted = world.actor("clerk"), Filters(text="用电")
    first = listing(actor, wanted, sort=Sort.BEST, limit=4, now=world.now)
    world.later(minutes=1)
    world.file(title="车间用电")

    second = listing(actor, wanted, sort=Sort.BEST, limit=4, cursor=first.next_cursor, now=world.now)

    assert [row.number for row in (*first.rows, *second.rows)] == numbers[5::-2] + numbers[6::-2]
    assert second.next_cursor is None
    assert len(set(db.session.scalars(select(Ticket.number)))) == 8


ONCE, COUNTED, STRETCH, READING = ranking.Way


@pytest.mark.parametrize(
    ("ways", "counted", "rare"),
    [
        ((ONCE,) * 4, 100, 0),
        ((STRETCH,) * 4, 100, 0),
        ((READING, READING, READING, STRETCH), 100, 0),  # nobody reads all for a phone
        ((COUNTED,) * 4, 100, 0),
        ((COUNTED,) * 4, 100, 1e9),
        ((COUNTED,) * 4, 2, 0),
        ((COUNTED, COUNTED, COUNTED, STRETCH), 100, 0),
        ((COUNTED, COUNTED, COUNTED, STRETCH), 2, 0),
    ],
)
def test_however_hits_are_looked_for_they_are_the_same(world, monkeypatch, ways, counted, rare):
    filed = []
    for place in range(6):
        world.later(days=place * place * 17)
        title = "车间用电" if place % 2 else "停产"
        filed.append(world.file(title=title, description="用电 500 kVA", confidential=place == 3))
    typed = ("用电", "用电 kva", "500", "有限公司", "没有的词")
    usual = [found_by(world, who, one) for who in ("clerk", "station", "enterprise") for one in typed]

    monkeypatch.setattr(ranking, "ways", lambda _words, _known: ways)
    monkeypatch.setattr(ranking, "_COUNTED", counted)
    monkeypatch.setattr(ranking, "_RARE", rare)
    monkeypatch.setattr(commonness, "known", lambda: commonness.Known(10.0, 1.0, {"t": 1.0}))
    for remembered in (ranking._page, ranking._first_found):
        remembered.cache_clear()

    assert [found_by(world, who, one) for who in ("clerk", "station", "enterprise") for one in typed] == usual
    assert len(usual[0]) == 6
    assert paged(world, "用电", Sort.BEST) == usual[0]
    assert paged(world, "用电", Sort.RECEIVED) == sorted(usual[0], key=filed.index, reverse=True)


@pytest.mark.parametrize("total", [10.0, 1e9])
def test_among_the_most_urgent_a_few_texts_and_many_are_found_alike(world, monkeypatch, total):
    first = world.file(title="车间用电", description="500 kVA")
    hidden = world.file(title="停产", description="用电 500 kVA", confidential=True)
    put(world, first, "蒸汽.pdf", is_internal=True)
    closed = world.ticket(State.CLOSED, title="车间用电")
    monkeypatch.setattr(commonness, "known", lambda: commonness.Known(total, 1.0, {}))

    def urgent(who: str, typed: str) -> set[str]:
        page = listing(world.actor(who), Filters(text=typed), sort=Sort.DUE, now=world.now)
        return {row.number for row in page.rows}

    assert urgent("clerk", "用电") == {first, hidden}
    assert urgent("enterprise", "用电 500") == {first, hidden}
    assert urgent("station", "车间 kva") == {first}
    assert urgent("clerk", "蒸汽") == {first}
    assert (
        urgent("enterprise", "蒸汽") == urgent("enterprise2", "用电") == urgent("clerk", "没有的词") == set()
    )
    company = world.row(hidden).enterprise_id
    name = db.session.scalars(select(Enterprise.name).where(Enterprise.id == company)).one()
    assert urgent("supervisor", name) == {first, hidden}
    assert urgent("manager", name) == {first}
    assert closed not in urgent("clerk", "车间用电")


def paged(world, typed, sort):
    """The numbers of all pages of two."""
    shown, cursor = [], None
    while True:
        page = listing(
            world.actor("clerk"), Filters(text=typed), sort=sort, limit=2, cursor=cursor, now=world.now
        )
        shown += [row.number for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            return shown
