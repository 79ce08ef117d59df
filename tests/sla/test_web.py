"""Limits and calendars in the browser: sentences, new rules from a coming day, the year at a glance."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import time, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.accounts.kit import csrf_of
from tests.kit import entering
from tests.kit.entering import client_of
from tests.world import World
from ticketing.core import clock
from ticketing.core.db import db
from ticketing.core.errors import Invalid, NotPermitted
from ticketing.core.local_day import DISTRICT_ZONE, local_date
from ticketing.sla import queries
from ticketing.sla.actions import calendars
from ticketing.sla.actions import limits as actions
from ticketing.sla.actions.limits import RuleWish
from ticketing.sla.models import LimitRule
from ticketing.sla.queries import LimitFor
from ticketing.sla.rules.calendars import Era
from ticketing.sla.rules.changes import new_calendar
from ticketing.sla.rules.deadlines import due_at
from ticketing.sla.rules.limits import Limit
from ticketing.sla.rules.step_rows import rows_of
from ticketing.sla.rules.steps import DEFAULT, StepPlan
from ticketing.sla.words import KINDS, LEVELS, Metric
from ticketing.tickets import labels
from ticketing.tickets.words import State

TODAY = local_date(clock.now())
TOMORROW = TODAY + timedelta(days=1)
WISH = RuleWish(Metric.RESOLVE, "complaint", "*", "*", "*", Limit.parse("8wd"), TOMORROW)
FORM = {
    "metric": "resolve", "kind": "complaint", "level": "*", "category_code": "*", "unit_code": "*",
    "limit": ["8", "wd"], "starts_on": TOMORROW.isoformat(), "calendar_name": "", "usual_steps": "y",
}  # fmt: skip
MARK = re.compile(r'name="confirm" value="([0-9a-f]+)"')


@pytest.fixture
def world(app):
    return World(app)


def visit(world: World, who: str) -> FlaskClient:
    return client_of(world.app, who)


def send(client: FlaskClient, **changes: object) -> TestResponse:
    """Try a rule and, when it can be, keep it as it was seen."""
    tried = look(client, **changes)
    mark = MARK.search(tried.text)
    return tried if mark is None else look(client, confirm=mark[1], **changes)


def look(client: FlaskClient, **changes: object) -> TestResponse:
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
        ({"limit": ["5 天", "wd"]}, "请只写数字，例如 5，单位在旁边选择"),
        ({"limit": ["5wd", "wd"]}, "请只写数字"),
        ({"limit": ["-1", "wd"]}, "请只写数字"),
        ({"limit": ["0", "cd"]}, "请填写 1 或更大的数"),
        ({"limit": ["900", "wd"]}, "太长，最长为 400 个工作日"),
        ({"limit": ["9" * 30, "min"]}, "太长，最长为 576000 分钟"),
        ({"limit": ["", "h"]}, "请填写多久；或者勾选"),
        ({"limit": ["5", "weeks"]}, "请从列表中选择"),
        ({"limit": ["5"]}, "请从列表中选择"),
        ({"starts_on": TODAY.isoformat()}, "请选择明天或以后"),
        ({"starts_on": "soon"}, "请写成 2026-11-22"),
        ({"starts_on": ""}, "请填写此项"),
        ({"kind": "flood"}, "请从列表中选择"),
        ({"unit_code": "NO"}, "请从列表中选择"),
        ({"limit": ["3000", "wh"]}, "没有足够的工作时间"),
        ({"calendar_name": "moon"}, "请从列表中选择"),
        ({"steps-0-amount": "soon", "steps-0-to": "handler"}, "第 1 步的“soon”不是数字"),
        ({"steps-0-amount": "50", "steps-0-to": "neighbour"}, "第 1 步没有选告知谁"),
        ({}, "预警步骤须有 1 到 20 步"),
    ],
)
def test_a_bad_limit_is_told_with_its_reason(world, changes, told):
    if not changes or "steps-" in "".join(changes):
        changes = {**changes, "usual_steps": ""}
    answer = send(visit(world, "admin"), **changes)

    assert answer.status_code == 422
    assert told in answer.text
    for name, typed in changes.items():  # what was typed stays, unless it is on no list
        kept = f'value="{typed[0][:20]}"' if name == "limit" else str(typed)
        assert kept in answer.text or name in {"kind", "unit_code", "calendar_name", "steps-0-to"}


def test_a_rule_is_tried_on_late_requests_before_it_is_kept(world):
    admin = visit(world, "admin")
    world.now = clock.now() - timedelta(days=2)
    moved, other = world.file(kind="complaint"), world.file(kind="consult")
    before = rows()

    seen = look(admin)

    assert seen.status_code == 200
    assert "管得到的诉求有 1 件" in seen.text
    assert moved in seen.text
    assert other not in seen.text
    old, new = (
        due_at(world.now, Limit.parse(limit), queries.calendar("cn")).at.astimezone(DISTRICT_ZONE)
        for limit in ("10wd", "8wd")
    )
    assert f"{old:%Y-%m-%d %H:%M}" in seen.text
    assert f"{new:%Y-%m-%d %H:%M}" in seen.text
    assert rows() == before


def test_the_trial_is_what_filing_then_would_have_promised(world):
    world.now = clock.now() - timedelta(days=3)
    number = world.file(kind="complaint")
    promised = world.clocks(number)["resolve"].due_at

    (effect,) = actions.trial(WISH, today=TODAY).effects

    assert (effect.number, effect.old) == (number, promised)
    actions.set_limit(world.actor("admin"), replace(WISH, starts_on=TOMORROW), today=TODAY)
    assert effect.new is not None
    assert effect.new < promised


def test_a_trial_asks_for_the_rule_of_the_day_on_which_the_limit_began(world):
    sign = RuleWish(Metric.SIGN, "help", "*", "*", "*", Limit.parse("4wh"), TODAY)
    actions.set_limit(world.actor("admin"), sign, today=TODAY - timedelta(days=1))
    world.now = clock.now() - timedelta(days=1)
    number = world.ticket(State.ACCEPTED)
    world.now = clock.now()
    world.act("dispatcher", number, "dispatch", unit="D-PWR")

    same, longer = (
        actions.trial(replace(sign, limit=Limit.parse(limit), starts_on=TOMORROW), today=TODAY)
        for limit in ("4wh", "6wh")
    )

    assert (same.looked_at, same.effects) == (1, [])
    assert [effect.number for effect in longer.effects] == [number]


def test_a_trial_counts_by_the_calendar_of_the_rule(world):
    world.now = clock.now() - timedelta(days=2)
    world.file(kind="complaint")
    usual = queries.calendar("cn")
    every_day = Era(TODAY, ((time(0), time.max),), frozenset(range(7)))
    calendars.create(
        world.actor("admin"),
        new_calendar("night", every_day, usual, follows_notices=False),
        note="",
        now=world.now,
    )

    (effect,) = actions.trial(replace(WISH, calendar_name="night"), today=TODAY).effects

    day = queries.calendar("night").local_date(world.now)
    assert effect.new == queries.calendar("night").midnight(day + timedelta(days=9))


def test_what_is_kept_must_be_what_was_tried(world):
    admin = visit(world, "admin")
    mark = MARK.search(look(admin).text)
    assert mark is not None

    answer = look(admin, limit=["7", "wd"], confirm=mark[1])

    assert answer.status_code == 200
    assert "请再核对一次" in answer.text
    assert queries.limits(LimitFor("complaint", "normal", "", ""), TOMORROW)[Metric.RESOLVE] == Limit.parse(
        "10wd"
    )


def test_a_rule_has_its_own_calendar_steps_and_version(world):
    steps = {
        "usual_steps": [], "calendar_name": "cn",
        "steps-0-amount": "8", "steps-0-when": "late", "steps-0-to": "supervision",
        "steps-1-amount": "", "steps-1-when": "late",
        "steps-2-amount": "50", "steps-2-when": "share", "steps-2-to": "handler",
        "steps-3-amount": "100", "steps-3-when": "share", "steps-3-to": ["unit_leader", "handler"],
    }  # fmt: skip

    assert "预警和升级：时限用到 50%，告知经办人；到期时" in look(visit(world, "admin"), **steps).text
    assert "预警和升级：默认的步骤" in look(visit(world, "admin")).text
    assert "有 0 件。假如当时就有这条规则，期限都不变" in look(visit(world, "admin")).text
    assert send(visit(world, "admin"), **steps).status_code == 303
    assert send(visit(world, "admin"), limit=["9", "wd"], **steps).status_code == 303

    wanted = LimitFor("complaint", "normal", "PWR", "D-PWR")
    term = queries.terms(wanted, "cn", TOMORROW)[Metric.RESOLVE]
    assert (str(term.limit), term.calendar_name) == ("9wd", "cn")
    assert term.steps == [
        {"percent": 50, "audience": ["handler"]},
        {"percent": 100, "audience": ["handler", "unit_leader"]},
        {"every_hours": 8, "audience": ["supervision"]},
    ]
    (rule,) = [rule for rule in queries.all_rules() if rule.starts_on == TOMORROW]
    assert rule.version == 3  # of this scope: the one in force, and two changes
    page = visit(world, "admin").get("/admin/limits").text
    assert "第 3 版" in page
    assert "到期时，告知经办人、单位领导；超时 8 小时，告知督办；此后每 8 小时再告知一次" in page
    form = visit(world, "admin").get(f"/admin/limits/new?rule={rule.id}").text
    assert re.search(r'name="steps-2-amount" value="8".*?value="late" selected', form, re.DOTALL)
    assert 'name="usual_steps" type="checkbox" value="y">' in form
    assert 'value="9"' in form
    assert '<option selected value="wd">个工作日</option>' in form


@pytest.mark.parametrize(
    ("unit", "stored"), [("wd", "5wd"), ("wh", "5wh"), ("h", "5h"), ("min", "5min"), ("cd", "5cd")]
)
def test_a_number_and_a_unit_are_kept_as_one_code(world, unit, stored):
    assert send(visit(world, "admin"), limit=["5", unit]).status_code == 303

    (rule,) = [rule for rule in queries.all_rules() if rule.starts_on == TOMORROW]
    assert rule.limit == stored


def test_numbers_of_a_chinese_keyboard_are_numbers(world):
    assert send(visit(world, "admin"), limit=["１２", "wd"]).status_code == 303


def test_changed_steps_are_not_dropped_for_the_usual_ones_unsaid(world):
    row = {"steps-0-when": "late", "steps-0-to": "supervision"}

    refused = send(visit(world, "admin"), **row, **{"steps-0-amount": "8"})

    assert refused.status_code == 422
    assert "步骤改过了：要用它们，请取消“用默认的步骤”的勾选" in refused.text
    assert re.search(r'<details class="disclosure" open>.*?value="8"', refused.text, re.DOTALL)
    assert send(visit(world, "admin"), **_filled(DEFAULT)).status_code == 303


def _filled(plan: StepPlan) -> dict[str, object]:
    """The rows as a browser sends them that has not touched them."""
    fields: dict[str, object] = {}
    for number, row in enumerate(rows_of(plan)):
        when = "late" if row.is_late else "share"
        for name, value in (("amount", row.amount), ("when", when), ("to", list(row.audience))):
            fields[f"steps-{number}-{name}"] = value
    return fields


@pytest.mark.parametrize("asked", ["0", "x", "999999999", "9" * 30])
def test_a_rule_that_is_not_there_gives_an_empty_form(world, asked):
    assert visit(world, "admin").get(f"/admin/limits/new?rule={asked}").status_code == 200


@pytest.mark.parametrize("typed", [["", "wd"], ["soon", "weeks"]])
def test_no_such_limit_can_be_wanted(world, typed):
    assert send(visit(world, "admin"), limit=typed, is_none="y").status_code == 303

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
    entering.enter(page, "admin")
    page.goto(f"/admin/{path}")

    assert accessibility(page) == []
