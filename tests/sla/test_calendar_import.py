"""A year's notice taken from the command line: what moves is said first, then counted anew once."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.accounts.kit import browser
from tests.world import World, local
from ticketing.accounts.rules import DEMO_PASSWORD
from ticketing.core.db import db
from ticketing.core.outbox import Outbox
from ticketing.sla import queries
from ticketing.sla.actions.clocks import ClockBook
from ticketing.sla.models import Calendar, CalendarDay, Clock
from ticketing.sla.rules.deadlines import elapsed
from ticketing.sla.rules.limits import Limit
from ticketing.tickets import ledger
from ticketing.tickets.actions import recounting
from ticketing.tickets.models import Event, Part, Supervision
from ticketing.tickets.queries import audience
from ticketing.tickets.words import Action, State

# Thursday, 10:00: five working days from here lead over the New Year.
CHRISTMAS_EVE = datetime(2026, 12, 24, 2, 0, tzinfo=UTC)
NOTICE = """date,kind,name
2027-01-01,holiday,元旦
2027-01-02,holiday,元旦
2027-01-03,holiday,元旦
2027-02-06,holiday,春节
2027-02-20,workday,春节
"""
PEOPLE = {"enterprise", "dept"}


@pytest.fixture
def world(app):
    made = World(app)
    made.now = CHRISTMAS_EVE
    return made


def run(world: World, folder: Path, text: str | bytes, *words: str):
    file = folder / "notice.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    done = world.app.test_cli_runner().invoke(args=["calendar", "import", str(file), *words])
    db.session.rollback()
    db.session.expire_all()
    return done


def moved(world: World, number: str) -> list[Event]:
    return [event for event in world.events(number) if event.action is Action.RECOUNT]


def test_what_moves_is_printed_and_nothing_is_changed(world, tmp_path):
    number = world.ticket(State.PROCESSING)
    before = world.fingerprint()

    done = run(world, tmp_path, NOTICE)

    assert done.exit_code == 0
    assert (
        done.output.splitlines()
        == [f"{number}  resolve  2026-12-31T17:00:00+08:00 -> 2026-12-31T17:00:00+08:00"]
        or f"{number}  resolve" not in done.output
    )
    assert "加上 --yes" in done.output
    assert world.fingerprint() == before


def test_every_open_promise_is_counted_anew_once_with_one_event(world, tmp_path):
    number = world.ticket(State.PROCESSING, kind="complaint")
    clock = world.clocks(number)["resolve"]
    was = world.row(number).version
    assert (local(clock.due_at), clock.is_provisional) == ("01-07 17:00", True)

    done = run(world, tmp_path, NOTICE, "--yes")

    assert done.exit_code == 0
    line = f"{number}  resolve  2027-01-07T17:00:00+08:00 -> 2027-01-08T17:00:00+08:00"
    assert line in done.output
    clock = world.clocks(number)["resolve"]
    assert (local(clock.due_at), clock.is_provisional) == ("01-08 17:00", False)
    assert local(clock.original_due_at) == "01-07 17:00"
    assert clock.calendar_id == queries.current_calendar_id("cn")
    (event,) = moved(world, number)
    assert event.data["said"]["moved"] == [
        {"metric": "resolve", "old": "2027-01-07T09:00:00+00:00", "new": "2027-01-08T09:00:00+00:00"}
    ]
    assert (event.actor_id, event.to_status) == (None, State.PROCESSING)
    assert world.row(number).version == was
    assert local(world.row(number).late_at) == "01-08 17:00"
    assert list(ledger.verify()) == []

    again = run(world, tmp_path, NOTICE, "--yes")

    assert again.exit_code == 0
    assert "没有需要改的" in again.output
    assert len(moved(world, number)) == 1


def test_company_and_handler_hear_of_it(world, tmp_path):
    number = world.ticket(State.PROCESSING, kind="complaint")
    world.act("dept", number, "claim")

    run(world, tmp_path, NOTICE, "--yes")

    (event,) = moved(world, number)
    assert db.session.get(Outbox, event.id) is not None
    told = audience.told(audience.occasions([event.id]))[event.id]
    assert {world.actor("enterprise").user_id, world.actor("dept").user_id} <= set(told)
    assert world.actor("enterprise2").user_id not in told


def test_both_sides_read_what_moved_and_why(world, tmp_path):
    number = world.ticket(State.PROCESSING, kind="complaint")
    run(world, tmp_path, NOTICE, "--yes")

    staff = browser(world.app, "dept@demo.example", DEMO_PASSWORD).get(f"/tickets/{number}").text
    company = browser(world.app, "enterprise@demo.example", DEMO_PASSWORD).get(f"/tickets/{number}").text

    for page in (staff, company):
        assert "由 1月7日 17:00 改为 1月8日 17:00" in page
    assert "2027 年放假安排" in staff
    assert "原定" in staff


def test_the_ticket_page_tells_what_is_provisional_span_by_span(world):
    number = world.ticket(State.PROCESSING, kind="complaint")

    page = browser(world.app, "dept@demo.example", DEMO_PASSWORD).get(f"/tickets/{number}").text

    assert "节假日安排未公布，为暂定" in page
    assert re.search("2027-01-01</span>.*?工作日（暂定）", page)


def test_a_paused_promise_tells_when_it_would_end(world):
    number = world.ticket(State.PROCESSING, kind="complaint")
    world.act("supervisor", number, "suspend", reason_code="engineering", resume_on="2027-01-15")

    page = browser(world.app, "dept@demo.example", DEMO_PASSWORD).get(f"/tickets/{number}").text

    assert "如果现在恢复计时，到此截止" in page


def test_a_new_version_is_made_and_the_old_one_stays(world, tmp_path):
    old_id = queries.current_calendar_id("cn")
    days = select(CalendarDay).where(CalendarDay.calendar_id == old_id)
    before = [(day.on, day.kind, day.name) for day in db.session.scalars(days)]

    run(world, tmp_path, NOTICE, "--yes")

    rows = db.session.scalars(select(Calendar).where(Calendar.name == "cn").order_by(Calendar.version)).all()
    assert [(row.version, row.is_current, row.published_years) for row in rows] == [
        (1, False, [2025, 2026]),
        (2, True, [2025, 2026, 2027]),
    ]
    assert [(day.on, day.kind, day.name) for day in db.session.scalars(days)] == before
    new = queries.calendar("cn")
    assert not new.is_working(date(2027, 1, 1))
    assert new.is_working(date(2027, 2, 20))
    assert new.is_working(date(2026, 2, 14))


def test_elapsed_time_and_pauses_are_kept(world, tmp_path):
    number = world.ticket(State.PROCESSING, kind="complaint")
    world.act("supervisor", number, "suspend", reason_code="engineering", resume_on="2027-01-15")
    clock = world.clocks(number)["resolve"]
    pauses = queries.pauses_of([clock.id])[clock.id]
    due = clock.due_at

    def spent():
        calendar = queries.calendar_by_id(clock.calendar_id)
        held = queries.paused_stretches(pauses, world.now)
        return elapsed(clock.started_at, world.now, Limit.parse(clock.limit), calendar, held)

    before = spent()
    run(world, tmp_path, NOTICE, "--yes")
    clock = world.clocks(number)["resolve"]

    assert spent() == before
    assert clock.state.value == "paused"
    assert clock.due_at > due
    world.now = datetime(2026, 12, 28, 2, tzinfo=UTC)
    world.act("supervisor", number, "resume")
    assert local(world.clocks(number)["resolve"].due_at) == "01-12 16:57"  # two days and a bit lost
    assert list(ledger.verify()) == []


def test_a_pause_that_is_over_still_counts_after_the_import(world, tmp_path):
    number = world.ticket(State.PROCESSING, kind="complaint")
    world.act("supervisor", number, "suspend", reason_code="engineering", resume_on="2027-01-15")
    world.now = datetime(2026, 12, 28, 2, tzinfo=UTC)
    world.act("supervisor", number, "resume")
    assert local(world.clocks(number)["resolve"].due_at) == "01-11 16:57"

    run(world, tmp_path, NOTICE, "--yes")

    assert local(world.clocks(number)["resolve"].due_at) == "01-12 16:57"


def test_a_promise_that_does_not_move_is_certain_afterwards_without_an_event(world, tmp_path):
    number = world.ticket(State.PROCESSING, kind="complaint")
    assert world.clocks(number)["resolve"].is_provisional

    run(world, tmp_path, "2027-05-03,holiday,劳动节", "--yes")

    clock = world.clocks(number)["resolve"]
    assert (local(clock.due_at), clock.is_provisional) == ("01-07 17:00", False)
    assert moved(world, number) == []


def test_what_units_owe_each_other_moves_too(world, tmp_path):
    number = world.ticket(State.PROCESSING, kind="complaint")
    world.act("dept", number, "invite", unit="D-HRS", due_limit="7wd", message="请一起看")
    world.act("supervisor", number, "supervise", demand="请说明", due_limit="8wd")
    ticket_id = world.row(number).id

    run(world, tmp_path, NOTICE, "--yes")

    part = db.session.scalars(select(Part).where(Part.ticket_id == ticket_id)).one()
    case = db.session.scalars(select(Supervision).where(Supervision.ticket_id == ticket_id)).one()
    assert (local(part.due_at), local(case.due_at)) == ("01-05 17:00", "01-06 17:00")
    (event,) = moved(world, number)
    assert [one["unit"] for one in event.data["said"]["demands"]] == ["D-HRS", "D-PWR"]
    page = browser(world.app, "dept@demo.example", DEMO_PASSWORD).get(f"/tickets/{number}").text
    assert "由 1月4日 17:00 改为 1月5日 17:00" in page
    assert (
        "demands"
        not in browser(world.app, "enterprise@demo.example", DEMO_PASSWORD).get(f"/tickets/{number}").text
    )


def test_ended_clocks_are_never_touched(world, tmp_path):
    numbers = [world.ticket(State.CLOSED), world.ticket(State.WITHDRAWN)]
    db.session.rollback()
    before = [[(c.due_at, c.calendar_id, c.state) for c in clocks_of(world, number)] for number in numbers]

    run(world, tmp_path, NOTICE, "--yes")

    after = [[(c.due_at, c.calendar_id, c.state) for c in clocks_of(world, number)] for number in numbers]
    assert after == before
    assert not any(moved(world, number) for number in numbers)


def clocks_of(world: World, number: str) -> list[Clock]:
    return queries.clocks_of(world.row(number).id)


def test_one_killed_half_way_is_taken_up_again(world, tmp_path, monkeypatch):
    numbers = [world.ticket(State.PROCESSING, kind="complaint") for _ in range(5)]
    real, calls = ClockBook.rebase, []

    def killed_in_the_third(book, newest):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(book, newest)

    monkeypatch.setattr(recounting, "AT_ONCE", 2)
    monkeypatch.setattr(recounting.recount, "__defaults__", (2,))
    monkeypatch.setattr(ClockBook, "rebase", killed_in_the_third)
    run(world, tmp_path, NOTICE, "--yes")
    assert sum(len(moved(world, number)) for number in numbers) == 2
    monkeypatch.setattr(ClockBook, "rebase", real)

    while recounting.recount(world.now):
        pass

    assert [len(moved(world, number)) for number in numbers] == [1] * 5
    assert queries.newest_versions() == {}
    assert list(ledger.verify()) == []


def test_a_ticket_that_moves_nothing_gets_no_event_but_the_new_version(world, tmp_path):
    number = world.ticket(State.PROCESSING, level="urgent")

    run(world, tmp_path, NOTICE, "--yes")

    assert moved(world, number) == []
    current = queries.current_calendar_id("cn")
    assert {clock.calendar_id for clock in clocks_of(world, number) if clock.state.value == "running"} == {
        current
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "2027-01-01,holiday,元旦\n2026-10-01,holiday,x\n2027-01-02,holiday,元旦",
            "第 2 行的日期 2026-10-01 不属于",
        ),
        ("2027-01-01,holiday,元旦\n2027-01-01,workday,元旦", "第 2 行的日期 2027-01-01 与第 1 行重复"),
        ("2027-01-01,closed,元旦", "第 1 行的类别"),
        ("2029-01-01,holiday,元旦", "2029 年的通知，只能导入今年或明年"),
        ("2025-01-01,holiday,元旦", "2025 年的通知，只能导入今年或明年"),
        ("date,kind,name\n2026-03-03,holiday,补假", "第 2 行的日期 2026-03-03 已经过去"),
        ("", "没有任何日期"),
        (b"\xff\xfe\x00\x81", "编码"),
    ],
)
def test_a_notice_that_is_wrong_is_refused_with_its_line(world, tmp_path, text, told):
    before = world.fingerprint()

    done = run(world, tmp_path, text, "--yes")

    assert done.exit_code == 1
    assert told in done.output
    assert world.fingerprint() == before


def test_a_year_without_an_open_day_is_refused(world, tmp_path):
    days = [date.fromordinal(date(2027, 1, 1).toordinal() + n) for n in range(365)]

    done = run(world, tmp_path, "\n".join(f"{on},holiday,停工" for on in days), "--yes")

    assert done.exit_code == 1
    assert "没有一天开放" in done.output


def test_what_excel_saves_in_china_is_read(world, tmp_path):
    done = run(world, tmp_path, NOTICE.encode("gb18030"), "--yes")

    assert done.exit_code == 0
    assert queries.calendar("cn").days[date(2027, 1, 1)].name == "元旦"


def test_no_such_calendar(world, tmp_path):
    done = run(world, tmp_path, NOTICE, "--calendar", "moon")

    assert done.exit_code == 1
    assert "moon" in done.output
