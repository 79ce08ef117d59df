"""Moments, spans and figures as people say them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask, g, render_template_string
from flask_babel import Babel

from ticketing.web import filters

SUNDAY_10AM = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text + "+08:00")


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("2026-11-22T17:00", "今天 17:00"),
        ("2026-11-22T00:00", "今天 00:00"),
        ("2026-11-23T09:00", "明天 09:00"),
        ("2026-11-21T23:59", "昨天 23:59"),
        ("2026-11-24T09:00", "周二 09:00"),
        ("2026-11-28T17:00", "周六 17:00"),
        ("2026-11-29T17:00", "11月29日 17:00"),
        ("2026-11-20T17:00", "11月20日 17:00"),
        ("2025-11-28T17:00", "2025年11月28日"),
        ("2027-01-04T17:00", "2027年1月4日"),
    ],
)
def test_a_moment_is_said_in_the_district_zone(when, said):
    assert filters.moment(at(when), SUNDAY_10AM) == said


def test_the_day_turns_at_midnight_in_the_district_not_in_utc():
    late = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)

    assert filters.moment(late, SUNDAY_10AM) == "明天 00:30"


def test_a_date_is_said_with_its_year_only_in_another_one():
    assert filters.day(date(2026, 12, 2), SUNDAY_10AM) == "12月2日"
    assert filters.day(date(2027, 1, 4), SUNDAY_10AM) == "2027年1月4日"


def test_the_end_of_something_on_the_day_it_began_is_a_time_alone():
    assert filters.until(at("2026-11-22T23:30"), at("2026-11-22T07:30"), SUNDAY_10AM) == "23:30"
    assert filters.until(at("2026-11-23T00:30"), at("2026-11-22T22:00"), SUNDAY_10AM) == "明天 00:30"


def test_a_deadline_ends_with_before():
    assert filters.due(at("2026-11-27T17:00"), SUNDAY_10AM) == "周五 17:00 前"


def test_the_exact_time_carries_the_date():
    assert filters.exact(at("2026-11-27T17:00")) == "2026-11-27 17:00"


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(seconds=59), "不到 1 分钟"),
        (timedelta(minutes=1), "1 分钟"),
        (timedelta(minutes=119, seconds=59), "119 分钟"),
        (timedelta(minutes=120), "2 小时"),
        (timedelta(hours=47, minutes=59), "47 小时"),
        (timedelta(hours=48), "2 天"),
        (timedelta(days=-12), "12 天"),
        (7200.0, "2 小时"),
    ],
)
def test_a_span_is_said_in_one_sensible_unit(span, said):
    assert filters.duration(span) == said


def test_time_left_turns_into_time_over_after_the_deadline():
    assert filters.left(SUNDAY_10AM + timedelta(hours=3), SUNDAY_10AM) == "还剩 3 小时"
    assert filters.left(SUNDAY_10AM, SUNDAY_10AM) == "还剩 不到 1 分钟"
    assert filters.left(SUNDAY_10AM - timedelta(days=2), SUNDAY_10AM) == "已超时 2 天"


def test_how_long_ago_stays_within_today():
    assert filters.ago(SUNDAY_10AM - timedelta(seconds=5), SUNDAY_10AM) == "刚刚"
    assert filters.ago(SUNDAY_10AM - timedelta(hours=3), SUNDAY_10AM) == "3 小时前"
    assert filters.ago(SUNDAY_10AM - timedelta(hours=12), SUNDAY_10AM) == "昨天 22:00"
    assert filters.ago(SUNDAY_10AM + timedelta(hours=1), SUNDAY_10AM) == "今天 11:00"


@pytest.mark.parametrize("told", [filters.moment, filters.due, filters.left, filters.ago])
def test_no_moment_is_no_text(told):
    assert told(None, SUNDAY_10AM) == ""


def test_figures_have_their_thousands_apart_and_a_dash_for_none():
    assert filters.number(1208) == "1,208"
    assert filters.percent(0.9634) == "96.3%"
    assert filters.permille(973) == "97.3%"
    assert filters.number(None) == filters.percent(None) == filters.permille(None) == "–"


def test_one_page_has_one_now_and_static_files_carry_their_mark(tmp_path: Path):
    (tmp_path / "a.css").write_text("a{}", encoding="utf-8")
    app = Flask("page", static_folder=str(tmp_path), static_url_path="/static")
    Babel(app, default_locale="zh")
    filters.register(app)

    with app.test_request_context():
        g.page_now = SUNDAY_10AM
        page = render_template_string(
            "{{ t|due }} {{ t|exact }} {{ asset('a.css') }}", t=at("2026-11-27T17:00")
        )

    assert page.startswith("周五 17:00 前 2026-11-27 17:00 /static/a.css?v=")
