"""Searching gives what a plain substring search would, on both databases, and nothing more."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from sqlalchemy import select, text

from tests.tickets.plain import found, seen_by, truth
from ticketing.core.actor import SYSTEM
from ticketing.core.db import db, transaction
from ticketing.core.files import Shelf, Upload
from ticketing.tickets import wishes as w
from ticketing.tickets.actions import indexing
from ticketing.tickets.actions.attaching import attach
from ticketing.tickets.actions.filing import file
from ticketing.tickets.models import Ticket
from ticketing.tickets.queries import commonness
from ticketing.tickets.queries.conditions import Filters
from ticketing.tickets.queries.listing import Sort, listing
from ticketing.tickets.queries.search import matches
from ticketing.tickets.searchable import Document
from ticketing.tickets.words import State

ALPHABET = "用电增容停产厂房有限公司ab1２ Ｋ，。-_'\"*:&|\n😀ß①"
UNFIT_FOR_FILES = str.maketrans("", "", '"*:&|\n/\\')
HOSTILE = [
    '" OR *',
    "AND",
    "NOT 用电",
    "用电 AND 增容",
    '"用电"',
    "'用电'",
    "用电':*",
    "用电 | 停产",
    "!用电",
    "(用电",
    "用电*",
    "NEAR(用 电)",
    "body:用电",
    "{grams}: 用电",
    "^用电",
    "用电%",
    "用_电",
    "\\",
    "用电\\",
    "'; DROP TABLE ticket_texts; --",
    "%(ticket_id)s :grams",
    "用\0电",
    "\ud800用电",
    "用" * 10_000,
    "a " * 5_000,
    "***",
    '""""',
    "& | ! <-> :*",
    "\0",
]


def test_two_chinese_characters_find_their_tickets(world):
    power = world.file(title="车间用电增容", description="现有容量不够")
    world.file(title="招工难", description="电工用人")

    assert found("用电") == {power}
    assert found("电增容") == {power}
    assert found("用容") == set()


def test_all_words_must_be_held_each_anywhere(world):
    both = world.file(title="车间停产", description="申请 500 kVA 增容")
    world.file(title="车间停产", description="无")

    assert found("停产 增容") == {both}
    assert found("ＫＶＡ 停产") == {both}
    assert found("va 50") == {both}
    assert found("停产申请") == set()  # no phrase reaches from the title into the text


def test_a_number_in_any_spelling_is_that_ticket_and_parts_of_it_are_words(world):
    number, other = world.file(), world.file()
    digits = number.replace("-", "")[2:]

    for spelling in (
        number,
        number.lower(),
        f"QS {digits}",
        f" {digits} ",
        f"编号:{number.replace('-', '－')}",
    ):
        assert found(spelling) == {number}, spelling
    assert number in found(number[5:12])
    assert number in found(digits[3:9])
    assert found(f"{number} {other}") == set()


def test_a_company_is_found_by_its_name(world):
    contact = w.Contact(name="王", phone="13800000000")
    mine = world.file("clerk", enterprise=w.EnterpriseRef(name="苏州麒麟阁科技有限公司"), contact=contact)
    world.file()

    assert found("麒麟阁") == {mine}
    assert seen_by(world, "clerk", "麒麟阁 增容") == {mine}


def test_words_that_stand_in_nearly_every_text_are_asked_for_all_the_same(world):
    nameless = world.file(title="车间用电", confidential=True)
    named = world.file(title="车间用电，有限供应", confidential=True)

    assert seen_by(world, "dispatcher", "用电 有限") == {named}
    assert seen_by(world, "dispatcher", "有限") == {named}
    assert seen_by(world, "dispatcher", "用电") == {named, nameless}


def test_a_confidential_company_is_found_by_name_only_by_those_who_may_know_it(world):
    contact = w.Contact(name="王", phone="13800000000")
    company = w.EnterpriseRef(name="苏州麒麟阁科技有限公司")
    hidden = world.file("clerk", title="拖欠货款", enterprise=company, contact=contact, confidential=True)

    for _ in range(2):
        for who in ("clerk", "supervisor"):
            assert seen_by(world, who, "麒麟阁") == {hidden}
        for who in ("dispatcher", "caller", "manager", "station"):
            assert seen_by(world, who, "麒麟阁") == set()
        assert seen_by(world, "dispatcher", "货款") == {hidden}
        indexing.rebuild()


def test_nothing_outside_a_persons_sight_comes_back(world):
    number = world.file(title="麒麟阁用电")

    assert seen_by(world, "enterprise", "麒麟阁") == {number}
    assert seen_by(world, "clerk", "麒麟阁") == {number}
    for stranger in ("enterprise2", "dept2", "station2", "admin"):
        assert seen_by(world, stranger, "麒麟阁") == set()
        assert seen_by(world, stranger, number) == set()


def test_a_draft_is_found_by_words_once_it_is_sent(world):
    number = world.file(title="麒麟阁用电", draft=True)

    assert found("麒麟阁") == set()
    assert seen_by(world, "enterprise", number) == {number}
    assert seen_by(world, "clerk", number) == set()
    world.do("enterprise", number, w.Submit())
    assert found("麒麟阁") == {number}


@pytest.fixture
def mixed(world):
    """Tickets with what can be found anywhere, at places where different people have different rights."""
    shelf = Shelf(Path(world.app.config["TICKETING"].var_dir) / "files", 10 << 20)
    rng = random.Random(20261128)
    for place in range(12):
        number = world.file(
            rng.choice(["enterprise", "enterprise2"]),
            title=f"题{random_text(rng, 12)}",
            description=f"述{random_text(rng, 30)}",
            contact={"name": "王", "phone": rng.choice(["138-0013-1502", "0512 6501", "13812340512"])},
            confidential=rng.random() < 0.4,
            site=world.site_of(rng.choice(["S101", "S201"])),
        )
        if place % 2:
            name = f"图{random_text(rng, 8).translate(UNFIT_FOR_FILES)}.pdf"
            attach(
                world.actor("clerk"), number, Upload(name, b"%PDF-1.7\n%%EOF"), shelf=shelf, now=world.now,
                is_internal=rng.random() < 0.5,
            )  # fmt: skip
        if place % 3 == 0:
            world.act("clerk", number, "accept")
            world.act("dispatcher", number, "dispatch", unit="D-PWR")
            if place % 2 == 0:
                world.act("dept", number, "sign")
                world.act("dept", number, "claim")
    return db.session.scalars(select(Ticket.description)).all()


def random_text(rng, most):
    return "".join(rng.choices(ALPHABET, k=rng.randint(2, most)))


PEOPLE = ("enterprise", "enterprise2", "clerk", "dispatcher", "supervisor", "caller", "manager", "station",
          "station2", "area", "dept", "deptlead", "dept2", "admin")  # fmt: skip
WORDS = (
    "用电",
    "容",
    "0512",
    "138",
    "1502 0013",
    "有限公司",
    "pdf",
    "图",
    "ab1",
    "厂房 pdf",
    "50",
    "500 138",
)


def test_hits_and_their_order_are_those_of_a_plain_substring_search_by_everybodys_rights(world, mixed):
    rng = random.Random(7)
    typed = list(WORDS)
    for _ in range(5):
        source = rng.choice(mixed)
        start = rng.randrange(len(source))
        typed.append(rng.choice([random_text(rng, 8), source[start : start + rng.randint(2, 8)]]))
    sights = {who: visible_numbers(world, who) for who in PEOPLE}
    received = dict(db.session.execute(select(Ticket.number, Ticket.received_at)).all())
    ids = dict(db.session.execute(select(Ticket.number, Ticket.id)).all())
    hits = 0

    for who in PEOPLE:
        actor = world.actor(who)
        for text_typed in rng.sample(typed, 6):
            expected = {
                number: level for number, level in truth(text_typed, actor).items() if number in sights[who]
            }
            ordered = sorted(expected, key=lambda number: (-received[number].timestamp() // 1, -ids[number]))
            ordered.sort(key=expected.__getitem__)
            hits += len(ordered)

            assert in_pages(world, actor, text_typed) == ordered, (who, text_typed)
            assert seen_by(world, who, text_typed) == set(ordered), (who, text_typed)
    assert hits > 60


def visible_numbers(world, who):
    return {row.number for row in listing(world.actor(who), Filters(), now=world.now, limit=200).rows}


def in_pages(world, actor, typed):
    """The hits, best first, read three at a time."""
    numbers, cursor = [], None
    while True:
        page = listing(actor, Filters(text=typed), sort=Sort.BEST, cursor=cursor, limit=3, now=world.now)
        numbers += [row.number for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            return numbers


def test_what_looks_like_a_query_language_is_text(world):
    world.file(title="车间用电增容", description="a b or and not near body grams 停产")
    world.file(title="停产", description="' \" * \\ %")

    for typed in HOSTILE:
        assert found(typed) == set(truth(typed)), repr(typed)[:60]


@pytest.mark.parametrize("filler", ["用", "0 ", "用电"])
def test_the_end_of_a_long_text_of_one_token_is_found(world, filler):
    number = world.file(description=(filler * 10_000)[:9_990] + "麒麟阁")

    assert found("麒麟阁") == {number}
    assert found(filler.strip() * 3 + "麒麟") == set(truth(filler.strip() * 3 + "麒麟"))
    assert found("阁麒麟") == set()


@pytest.mark.parametrize("who", ["enterprise", "clerk"])
def test_filing_costs_one_statement_more(world, statements, who):
    fields = {"title": "用电", "description": "增容", "category": "PWR", "site": world.site}
    fields["contact"] = {"name": "王", "phone": "13800000000"}
    if who == "clerk":
        fields["enterprise"] = {"name": "苏州麒麟阁科技有限公司"}
    wish = w.Filing.model_validate(fields)
    file(world.actor(who), wish, now=world.now)
    with statements() as seen:
        file(world.actor(who), wish, now=world.now)

    assert sum("ticket_texts" in statement for statement in seen) == 1
    assert len({statement for statement in seen if not statement.startswith("BEGIN")}) <= 12


def test_a_filing_undone_leaves_no_trace(world):
    def fail_after_filing():
        with transaction():
            world.file(title="麒麟阁用电")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_filing()

    assert db.session.scalar(text("SELECT count(*) FROM ticket_texts")) == 0


def test_rebuilding_finds_the_same_and_mends_what_was_lost(world):
    numbers = {world.file(title="麒麟阁用电"), world.file(title="麒麟阁停产")}
    world.file(title="麒麟阁", draft=True)
    with transaction():
        db.session.execute(text("DELETE FROM ticket_texts"))
    assert found("麒麟阁") == set()

    result = world.app.test_cli_runner().invoke(args=["search", "rebuild"])

    assert result.output == "2 tickets indexed\n"
    assert found("麒麟阁") == numbers
    assert found("停产") == set(truth("停产"))


def test_many_are_indexed_at_once(world):
    number = world.file(title="车间用电")
    ticket = world.row(number)
    with transaction():
        db.session.execute(text("DELETE FROM ticket_texts"))
        document = Document(
            ticket.id, ticket.received_at, number, ticket.title, "麒麟阁", "", "", is_confidential=False
        )

        assert indexing.index_many([]) == 0
        assert indexing.index_many(iter([document])) == 1
    assert found("麒麟阁 用电") == {number}


def test_words_are_looked_up_in_the_index(world, monkeypatch):
    monkeypatch.setattr(commonness, "known", lambda: commonness.Known(10.0, 1.0, {}))
    world.file()
    with transaction():
        plans_name_the_index()


def plans_name_the_index():
    if db.engine.dialect.name == "postgresql":
        for way in ("seqscan", "indexscan", "indexonlyscan"):
            db.session.execute(text(f"SET LOCAL enable_{way} = off"))
        explain, expected = "EXPLAIN ", "Bitmap Index Scan on ix_ticket_texts_grams"
    else:
        explain, expected = "EXPLAIN QUERY PLAN ", "SCAN ticket_texts VIRTUAL TABLE INDEX"
    for typed in ("用电增容", "kv"):
        query = (
            select(Ticket.id)
            .where(matches(typed, SYSTEM))
            .compile(db.engine, compile_kwargs={"literal_binds": True})
        )

        plan = "\n".join(
            str(row) for row in db.session.execute(text(explain + str(query).replace(":", "\\:")))
        )

        assert expected in plan


def test_a_unit_that_had_a_ticket_still_finds_it(world):
    number = world.ticket(State.PROCESSING, unit="D-PWR", title="麒麟阁用电")
    world.do("dispatcher", number, w.Transfer(unit="D-HRS", message="改由人社办理"))

    for who in ("dept", "dept2"):
        assert seen_by(world, who, "麒麟阁") == {number}
        assert seen_by(world, who, "") == {number}


def test_what_waits_for_the_index_stays_short_after_a_rebuild_too(world):
    if db.engine.dialect.name == "sqlite":
        return

    def options():
        wanted = text("SELECT reloptions FROM pg_class WHERE relname = 'ix_ticket_texts_grams'")
        return db.session.execute(wanted).scalar_one()

    migrated = options()
    with transaction():
        indexing.rebuild()

    assert migrated == options() == ["gin_pending_list_limit=128"]
