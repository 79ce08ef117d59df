"""Calendars in the browser: a notice, other hours, a special day; looked at first, made when confirmed."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.accounts.kit import csrf_of
from tests.kit import entering
from tests.kit.entering import client_of
from tests.sla.test_calendar_import import CHRISTMAS_EVE, NOTICE
from tests.world import World, local
from ticketing.core import clock
from ticketing.core.db import db, transaction
from ticketing.core.errors import NotPermitted
from ticketing.core.local_day import local_date
from ticketing.sla import queries
from ticketing.sla.actions import calendars
from ticketing.sla.models import Calendar, LimitRule
from ticketing.sla.rules.changes import SpecialDay, off
from ticketing.sla.web import calendars as pages
from ticketing.tickets import ledger
from ticketing.tickets.actions import recounting
from ticketing.tickets.words import State

TODAY = local_date(clock.now())
NEXT = TODAY + timedelta(days=1)
HOURS = {
    "starts_on": NEXT.isoformat(),
    "weekdays": ["0", "1", "2", "3", "4"],
    "windows": "08:30-12:00\n13:30-17:30",
    "note": "夏季作息",
}
DAY = {"day": NEXT.isoformat(), "sort": "off", "windows": "", "note": "台风停工"}


@pytest.fixture
def world(app):
    made = World(app)
    made.now = CHRISTMAS_EVE
    return made


def visit(world: World, who: str = "admin") -> FlaskClient:
    return client_of(world.app, who)


def send(client: FlaskClient, page: str, **fields: object) -> TestResponse:
    path = f"/admin/calendars/cn/{page}"
    return client.post(path, data={"csrf_token": csrf_of(client.get(path)), **fields})


def confirm(client: FlaskClient, page: str, **fields: object) -> TestResponse:
    """Look at what a change would move, then make it."""
    seen = send(client, page, **fields)
    mark = re.search(r'name="confirm" value="([0-9a-f]+)"', seen.text)
    assert mark is not None, seen.text
    return send(client, page, confirm=mark[1], **fields)


def versions() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Calendar).where(Calendar.name == "cn")) or 0


def work_off(world: World) -> None:
    while recounting.recount(world.now):
        pass


def test_a_notice_is_looked_at_before_it_is_made(world):
    number = world.ticket(State.PROCESSING, kind="complaint")
    client = visit(world)

    seen = send(client, "import", text=NOTICE)

    assert seen.status_code == 200
    assert number in seen.text
    assert "2027-01-07 17:00" in seen.text
    assert "2027-01-08 17:00" in seen.text
    assert "1 个未结期限会变化" in seen.text
    assert "2027-02-06,holiday,春节" in seen.text  # what was typed stays
    assert versions() == 1

    made = confirm(client, "import", text=NOTICE)

    assert made.status_code == 303
    assert versions() == 2
    page = client.get("/admin/calendars/cn?year=2027").text
    assert "第 2 版" in page
    assert "2027 年放假安排" in page
    assert "正在重算" in page
    work_off(world)
    assert local(world.clocks(number)["resolve"].due_at) == "01-08 17:00"
    assert "正在重算" not in client.get("/admin/calendars/cn").text
    assert list(ledger.verify()) == []


def test_more_than_can_be_counted_in_a_moment_says_so(world, monkeypatch):
    monkeypatch.setattr(pages, "MOST_COUNTED", 2)
    for _ in range(3):
        world.ticket(State.PROCESSING, kind="complaint")

    assert "2+ 个未结期限会变化" in send(visit(world), "import", text=NOTICE).text


def test_the_published_text_is_read_shown_and_made(world):
    client, text = (
        visit(world),
        "2027年部分节假日安排\n元旦：1月1日（周五）至3日（周日）放假，共3天。1月9日上班。",
    )

    seen = send(client, "import", text=text)
    made = confirm(client, "import", text=text)

    assert re.search(
        r">元旦</th>\s*<td[^>]*>2027年1月1日 – 2027年1月3日</td>\s*<td[^>]*>2027年1月9日<", seen.text
    )
    assert made.status_code == 303
    assert "1月9日" not in send(client, "import", text="x").text


def test_a_text_of_another_year_is_refused_beside_its_box_and_stays(world):
    seen = send(visit(world), "import", text="2027年部分节假日安排\n元旦：1月1日（周四）放假1天。")

    assert seen.status_code == 422
    assert "2027-01-01 不是“周四”，请核对年份" in seen.text
    assert "元旦：1月1日（周四）放假1天" in seen.text


def test_a_notice_can_be_a_file_as_excel_saves_it(world):
    client = visit(world)

    seen = send(client, "import", file=(io.BytesIO(NOTICE.encode("gb18030")), "2027.csv"))

    assert seen.status_code == 200
    assert "2027-01-01,holiday,元旦" in seen.text
    assert "2027 年的工作日由 261 天变为 261 天" not in seen.text  # a Friday off, a Saturday worked


def test_what_is_confirmed_must_be_what_was_seen(world):
    client = visit(world)
    seen = send(client, "import", text=NOTICE)
    mark = re.search(r'name="confirm" value="([0-9a-f]+)"', seen.text)
    assert mark is not None

    other = send(client, "import", text=NOTICE + "2027-05-03,holiday,劳动节\n", confirm=mark[1])

    assert other.status_code == 200
    assert "请再核对一次" in other.text
    assert versions() == 1


def test_the_second_of_two_is_told(world):
    client = visit(world)
    draft = calendars.draft("cn", SpecialDay(NEXT, off("a")), note="a", today=TODAY)
    calendars.publish(
        world.actor("admin"), calendars.draft("cn", SpecialDay(NEXT, off("b")), note="b", today=TODAY),
        now=world.now,
    )  # fmt: skip

    with pytest.raises(calendars.CalendarChanged):
        calendars.publish(world.actor("admin"), draft, now=world.now)

    assert versions() == 2
    assert "b" in client.get("/admin/calendars/cn").text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "没有任何日期"),
        ("2027-01-01;holiday", "第 1 行应为"),
        ("2027-01-01,holiday,元旦\n2027-01-01,holiday,元旦", "第 2 行的日期 2027-01-01 与第 1 行重复"),
        ("2031-01-01,holiday,元旦", "只能导入今年或明年"),
        (f"{TODAY.year}-01-05,holiday,x", "已经过去"),
    ],
)
def test_a_wrong_notice_is_told_with_its_reason_and_stays(world, text, told):
    answer = send(visit(world), "import", text=text)

    assert answer.status_code == 422
    assert told in answer.text
    assert text.partition(",")[0] in answer.text
    assert versions() == 1


def test_other_hours_hold_from_their_day_on(world):
    before = queries.calendar("cn")

    assert confirm(visit(world), "hours", **HOURS).status_code == 303

    new = queries.calendar("cn")
    monday = TODAY + timedelta(days=7 - TODAY.weekday())
    assert new.open_stretches(TODAY - timedelta(days=7)) == before.open_stretches(TODAY - timedelta(days=7))
    assert [f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in new.windows_on(monday)] == [
        "08:30-12:00",
        "13:30-17:30",
    ]
    page = visit(world).get("/admin/calendars/cn").text
    assert "夏季作息" in page
    assert f"{NEXT.month}月{NEXT.day}日 起改为" in page


def test_hours_move_open_promises_by_the_same_way(world):
    number = world.ticket(State.PROCESSING, kind="complaint")

    seen = send(visit(world), "hours", **HOURS)
    confirm(visit(world), "hours", **HOURS)
    work_off(world)

    assert "2027-01-07 17:30" in seen.text
    assert local(world.clocks(number)["resolve"].due_at) == "01-07 17:30"
    assert list(ledger.verify()) == []


def test_a_calendar_open_day_and_night_is_taken(world):
    changes = HOURS | {"windows": "00:00-24:00", "weekdays": list("0123456")}

    assert confirm(visit(world), "hours", **changes).status_code == 303

    found = queries.calendar("cn").hours_on(NEXT)
    assert found.day_length == timedelta(days=1)
    assert len(found.weekdays) == 7


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"windows": "09:00-12:00\n11:00-17:00"}, "重叠"),
        ({"windows": "12:00-09:00"}, "起止颠倒"),
        ({"windows": "09:00-09:00"}, "起止颠倒"),
        ({"windows": "nine to five"}, "无法识别"),
        ({"windows": "09:00-25:00"}, "无法识别"),
        ({"windows": ""}, "请填写此项"),
        ({"windows": "09:00-09:01", "weekdays": ["0"]}, "一周只开放 1 分钟"),
        ({"weekdays": []}, "没有一天开放"),
        ({"weekdays": ["9"]}, "请从列表中选择"),
        ({"starts_on": (TODAY - timedelta(days=1)).isoformat()}, "过去的日子不能改"),
        ({"starts_on": "2099-01-01"}, "两年以内"),
        ({"starts_on": "soon"}, "请写成 2026-11-22"),
        ({"starts_on": ""}, "请填写此项"),
        ({"note": ""}, "请填写此项"),
    ],
)
def test_hours_that_cannot_be_are_refused_with_the_reason(world, changes, told):
    answer = send(visit(world), "hours", **HOURS | changes)

    assert answer.status_code == 422
    assert told in answer.text
    assert versions() == 1


def test_hours_too_few_for_a_limit_are_refused(world):
    with transaction():
        db.session.scalars(select(LimitRule).limit(1)).one().limit = "9600wh"

    answer = send(visit(world), "hours", **HOURS)

    assert answer.status_code == 422
    assert "没有足够的工作时间" in answer.text


@pytest.mark.parametrize(
    ("changes", "look"),
    [
        ({}, []),
        ({"sort": "short", "windows": "09:00-11:30"}, ["09:00-11:30"]),
    ],
)
def test_one_day_can_be_off_or_short(world, changes, look):
    assert confirm(visit(world), "day", **DAY | changes).status_code == 303

    found = queries.calendar("cn")
    assert [f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in found.windows_on(NEXT)] == look
    assert found.days[NEXT].name == "台风停工"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"day": (TODAY - timedelta(days=1)).isoformat()}, "过去的日子不能改"),
        ({"day": ""}, "请填写此项"),
        ({"sort": "short", "windows": ""}, "请填写当天的时段"),
        ({"sort": "short", "windows": "17:00-09:00"}, "起止颠倒"),
        ({"sort": "perhaps"}, "请从列表中选择"),
        ({"note": ""}, "请填写此项"),
    ],
)
def test_a_day_that_cannot_be_is_refused_with_the_reason(world, changes, told):
    answer = send(visit(world), "day", **DAY | changes)

    assert answer.status_code == 422
    assert told in answer.text
    assert versions() == 1


def test_the_same_again_is_no_new_version(world):
    confirm(visit(world), "day", **DAY)

    answer = send(visit(world), "day", **DAY)

    assert answer.status_code == 422
    assert "没有需要改的" in answer.text
    assert versions() == 2


@pytest.mark.parametrize("who", ["manager", "auditor", "dispatcher", "enterprise"])
@pytest.mark.parametrize("page", ["import", "hours", "day"])
def test_only_administrators_change_calendars(world, who, page):
    assert visit(world, who).get(f"/admin/calendars/cn/{page}").status_code == 403
    draft = calendars.draft("cn", SpecialDay(NEXT, off()), note="", today=TODAY)
    with pytest.raises(NotPermitted):
        calendars.publish(world.actor(who), draft, now=world.now)


def test_a_missing_notice_is_pointed_out_with_how_many_promises_depend_on_it(world):
    world.ticket(State.PROCESSING, kind="complaint")

    page = visit(world, "auditor").get("/admin/calendars/cn?year=2026").text

    assert ("2027 年的放假安排还没有导入" in page) is (TODAY.month >= 11 or TODAY.year > 2026)
    assert "现有 1 个在走的期限为暂定" in page
    assert "导入放假安排" not in page  # only for who may do it


NIGHT = {
    "name": "night",
    "weekdays": list("0123456"),
    "windows": "00:00-24:00",
    "follows_notices": "",
    "note": "昼夜值守",
}


def create(client: FlaskClient, **changes: object) -> TestResponse:
    token = csrf_of(client.get("/admin/calendars/new"))
    return client.post("/admin/calendars/new", data={"csrf_token": token, **NIGHT, **changes})


def test_a_calendar_of_another_name_can_be_chosen_by_units(world):
    assert create(visit(world)).status_code == 303

    found = queries.calendar("night")
    assert found.hours_on(TODAY).day_length == timedelta(days=1)
    assert not found.follows_notices
    assert "night" in visit(world).get("/admin/network/units/D-PWR/edit").text
    page = visit(world).get("/admin/calendars/night").text
    assert "昼夜值守" in page
    assert "还没有导入" not in page


def test_one_that_follows_the_notices_has_their_days(world):
    assert create(visit(world), follows_notices="y", windows="08:00-20:00").status_code == 303

    found, usual = queries.calendar("night"), queries.calendar("cn")
    assert found.days == usual.days
    assert found.published_years == usual.published_years


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"name": "cn"}, "已有同名的工作日历"),
        ({"name": "new"}, "不能用"),
        ({"name": "Night Shift"}, "不能用"),
        ({"name": "夜班"}, "不能用"),
        ({"name": ""}, "请填写此项"),
        ({"windows": "09:00-12:00\n11:00-13:00"}, "重叠"),
        ({"windows": "09:00-09:01", "weekdays": ["0"]}, "一周只开放 1 分钟"),
        ({"weekdays": []}, "没有一天开放"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused_with_the_reason(world, changes, told):
    answer = create(visit(world), **changes)

    assert answer.status_code == 422
    assert told in answer.text
    assert queries.versions("cn")[0].version == 1


def test_no_such_calendar(world):
    assert visit(world).get("/admin/calendars/moon/import").status_code == 404


@pytest.mark.parametrize("path", ["cn/import", "cn/hours", "cn/day", "new"])
def test_pages_are_accessible(world, page, accessibility, path):
    entering.enter(page, "admin")
    page.goto(f"/admin/calendars/{path}")

    assert accessibility(page) == []
