"""Moments and batches as text."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from ticketing.sla.rules.calendars import BadMoment
from ticketing.sla.rules.china import CN
from ticketing.sla.rules.deadlines import Deadline
from ticketing.sla.rules.moments import BadLine, answers, read_moment, written

TEN = datetime(2026, 9, 18, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-09-18T10:00+08:00",
        "2026-09-18T10:00:00+08:00",
        "2026-09-18T10:00:00.000000000+08:00",
        " 2026-09-18 10:00+08:00 ",
        "2026-09-18t02:00:00z",
        "2026-09-18T02:00Z",
        "2026-09-17T21:00-05:00",
        "2026-09-18T02:00-00:00",
    ],
)
def test_a_moment_is_read_with_any_offset(text):
    assert read_moment(text) == TEN


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-09-18",
        "2026-09-31T10:00+08:00",
        "2026-09-18T24:01+08:00",
        "2026-09-18T10:00+25:00",
        "20260918T100000Z",
        "2026-W38-5T10:00Z",
        "2026-09-18T10+08:00",
        "1789696800",
        "2026-9-18T10:00+08:00",
        "٢٠٢٦-09-18T10:00+08:00",
        "2026-09-18T10:00+0800",
        "2026-09-18T10:00:60Z",
        "x" * 5000,
    ],
)
def test_what_is_no_moment_is_refused(text):
    with pytest.raises(BadMoment) as refused:
        read_moment(text)
    assert "无法识别" in refused.value.text
    assert len(str(refused.value.facts["value"])) <= 40


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-09-18T10:00", "没有时区"),
        ("2026-09-18T10:00:00", "没有时区"),
        ("0001-01-01T00:00+08:00", "超出可计算的年份"),
        ("9999-12-31T23:59Z", "超出可计算的年份"),
    ],
)
def test_a_moment_without_offset_or_far_away_has_its_own_sentence(text, said):
    with pytest.raises(BadMoment) as refused:
        read_moment(text)
    assert said in refused.value.text


def test_a_moment_is_written_in_the_zone_asked_for():
    assert written(TEN, timezone(timedelta(hours=8))) == "2026-09-18T10:00:00+08:00"
    assert written(TEN + timedelta(milliseconds=500), UTC) == "2026-09-18T02:00:00.500000+00:00"


def test_a_batch_answers_every_line_and_goes_on_after_a_bad_one():
    lines = [
        "\ufefflimit,start\n",
        "5wd,2026-09-18T10:00+08:00\n",
        "\n",
        "5xx,2026-09-18T10:00+08:00\n",
        "5wd\n",
        "5wd,2026-09-18T10:00\n",
        "5wd,2026-09-18T10:00+08:00,more\n",
        " 3wd , 2026-09-30T10:00+08:00 \n",
    ]

    found = list(answers(lines, CN))

    assert [(one.line, one.deadline is None) for one in found] == [
        (2, False),
        (4, True),
        (5, True),
        (6, True),
        (7, True),
        (8, False),
    ]
    assert [type(one.problem) for one in found if one.line in {5, 7}] == [BadLine, BadLine]
    assert found[-1].deadline == Deadline(datetime(2026, 10, 10, 9, tzinfo=UTC))
