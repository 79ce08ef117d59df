"""Limits and calendars in the browser: sentences, new rules from a coming day, the year at a glance."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.accounts.kit import browser, csrf_of
from tests.world import World
from ticketing.accounts.rules import DEMO_PASSWORD
from ticketing.core import clock
from ticketing.core.db import db
from ticketing.core.errors import Invalid, NotPermitted
from ticketing.core.local_day import local_date
from ticketing.sla import queries
from ticketing.sla.actions import limits as actions
from ticketing.sla.actions.limits import RuleWish
from ticketing.sla.models import LimitRule
from ticketing.sla.queries import LimitFor
from ticketing.sla.rules.limits import Limit
from ticketing.sla.words import KINDS, LEVELS, Metric
from ticketing.tickets import labels

TODAY = local_date(clock.now())
TOMORROW = TODAY + timedelta(days=1)
WISH = RuleWish(Metric.RESOLVE, "complaint", "*", "*", "*", Limit.parse("8wd"), TOMORROW)
FORM = {
    "metric": "resolve", "kind": "complaint", "level": "*", "category_code": "*", "unit_code": "*",
    "limit": "8wd", "starts_on": TOMORROW.isoformat(),
}  # fmt: skip


@pytest.fixture
def world(app):
    return World(app)


def visit(world: World, who: str) -> FlaskClient:
    return browser(world.app, f"{who}@demo.example", DEMO_PASSWORD)


def send(client: FlaskClient, **changes: object) -> TestResponse:
    token = csrf_of(client.get("/admin/limits/new"))
    return client.post("/admin/limits/new", data={"csrf_token": token, **FORM, **changes})


def rows() -> list[tuple[object, ...]]:
    return [tuple(row) for row in db.session.execute(select(*LimitRule.__table__.columns))]


def test_limits_read_like_sentences(world):
    page = visit(world, "auditor").get("/admin/limits").text
    text = re.sub(r"<[^>]+>", " ", page)

    assert re.search("投诉 · 一般 +2 个工作小时签收，1 个工作日联系，10 个工作日办结", text)
    assert re.search("表扬 · 一般 +4 个工作小时签收，5 个工作日办结", text)
    assert re.search("所有类型 · 紧急 +30 分钟签收，2 小时联系，24 小时办结", text)
    assert re.search("所有类型 · 重大 +2 个工作小时签收，1 个工作日联系，15 个工作日办结", text)


def test_a_rule_counts_from_its_day_on_and_the_old_one_stays(world):
    before = rows()

    assert send(visit(world, "admin")).status_code == 303

    assert set(before) < set(rows())
    wanted = LimitFor("complaint", "normal", "PWR", "D-PWR")
    assert str(queries.limits(wanted, TODAY)[Metric.RESOLVE]) == "10wd"
    assert str(queries.limits(wanted, TOMORROW)[Metric.RESOLVE]) == "8wd"


def test_a_rule_that_has_not_begun_can_still_be_changed(world):
    admin = world.actor("admin")
    actions.set_limit(admin, WISH, today=TODAY)
    count = len(rows())

    actions.set_limit(admin, replace(WISH, limit=None), today=TODAY)

    assert len(rows()) == count
    assert queries.limits(LimitFor("complaint", "normal", "", ""), TOMORROW)[Metric.RESOLVE] is None


@pytest.mark.parametrize("days", [0, -1, -400, 800])
def test_what_is_in_force_or_far_away_is_not_touched(world, days):
    before = world.fingerprint()

    wish = replace(WISH, starts_on=TODAY + timedelta(days=days))
    with pytest.raises(Invalid) as refused:
        actions.set_limit(world.actor("admin"), wish, today=TODAY)

    assert set(refused.value.fields) == {"starts_on"}
    assert world.fingerprint() == before


@pytest.mark.parametrize("who", ["manager", "auditor", "dispatcher", "enterprise"])
def test_only_administrators_set_limits(world, who):
    with pytest.raises(NotPermitted):
        actions.set_limit(world.actor(who), WISH, today=TODAY)
    assert visit(world, who).get("/admin/limits/new").status_code == 403


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"limit": "5 天"}, "期限“5 天”无法识别"),
        ({"limit": "0wd"}, "无法识别"),
        ({"limit": "900wd"}, "太长"),
        ({"limit": ""}, "请填写，例如 5wd"),
        ({"starts_on": TODAY.isoformat()}, "请选择明天或以后"),
        ({"starts_on": "soon"}, "请写成 2026-12-01"),
        ({"starts_on": ""}, "请填写此项"),
        ({"kind": "flood"}, "请从列表中选择"),
        ({"unit_code": "NO"}, "请从列表中选择"),
    ],
)
def test_a_bad_limit_is_told_with_its_reason(world, changes, told):
    answer = send(visit(world, "admin"), **changes)

    assert answer.status_code == 422
    assert told in answer.text


def test_no_such_limit_can_be_wanted(world):
    assert send(visit(world, "admin"), limit="", is_none="y").status_code == 303

    assert queries.limits(LimitFor("complaint", "normal", "", ""), TOMORROW)[Metric.RESOLVE] is None


def test_a_rule_for_one_unit_has_a_line_of_its_own(world):
    db.session.rollback()
    with_unit = RuleWish(Metric.SIGN, "*", "*", "*", "D-PWR", Limit.parse("1wh"), TOMORROW)
    actions.set_limit(world.actor("admin"), with_unit, today=TODAY)

    text = re.sub(r"<[^>]+>", " ", visit(world, "admin").get("/admin/limits").text)

    assert "所有类型 · 不限程度 · 供电公司" in text
    assert "尚未生效" in text


def test_changes_are_told_to_the_audit_log(world, caplog):
    caplog.set_level("INFO", logger="ticketing.audit")

    actions.set_limit(world.actor("admin"), WISH, today=TODAY)

    assert f"user {world.actor('admin').user_id} set limit resolve" in caplog.text
    assert "limit='8wd'" in caplog.text


def test_the_year_shows_holidays_made_up_days_and_their_names(world):
    page = visit(world, "auditor").get("/admin/calendars/cn?year=2026").text

    assert "全年 248 个工作日" in page
    assert len(re.findall('<td class="is-off', page)) == 33
    assert len(re.findall('<td class="is-made-up', page)) == 6
    assert 'title="国庆节' in page


def test_an_unpublished_year_says_so(world):
    assert "尚未公布" in visit(world, "admin").get("/admin/calendars/cn?year=2027").text


@pytest.mark.parametrize("path", ["cn?year=1", "cn?year=99999", "cn?year=x", "moon"])
def test_no_such_year_or_calendar(world, path):
    assert visit(world, "admin").get(f"/admin/calendars/{path}").status_code == 404


def test_kinds_and_levels_are_called_as_in_tickets():
    assert {kind.value: label for kind, label in labels.KINDS.items()} == KINDS
    assert {level.value: label for level, label in labels.LEVELS.items()} == LEVELS


@pytest.mark.parametrize("path", ["limits", "limits/new", "calendars/cn"])
def test_pages_are_accessible(world, page, accessibility, path):
    page.goto("/sign-in")
    page.locator("[name=email]").fill("admin@demo.example")
    page.locator("[name=password]").fill(DEMO_PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)

    page.goto(f"/admin/{path}")

    assert accessibility(page) == []
