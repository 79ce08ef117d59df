"""The annual notice as CSV: what is read, and what is refused with its line."""

from datetime import date

import pytest

from ticketing.sla.rules.calendars import DayKind, DayRule
from ticketing.sla.rules.china import SHIPPED_YEARS, shipped_notice
from ticketing.sla.rules.notices import BadNotice, day_rules, notice_year, read_notice


def test_notice_is_read_in_the_order_of_dates():
    lines = [
        "\ufeffdate,kind,name",
        "",
        "2027-02-05,holiday, 春节 ",
        '2027-01-01,holiday,"元旦"',
        "2027-02-14,workday,春节",
    ]

    days = read_notice(lines)

    assert [(day.on.isoformat(), day.kind, day.name) for day in days] == [
        ("2027-01-01", DayKind.HOLIDAY, "元旦"),
        ("2027-02-05", DayKind.HOLIDAY, "春节"),
        ("2027-02-14", DayKind.WORKDAY, "春节"),
    ]
    assert notice_year(days) == 2027
    assert day_rules(days)[date(2027, 2, 14)] == DayRule(DayKind.WORKDAY, "春节")


def test_notice_may_begin_in_the_last_week_of_december_before():
    days = read_notice(["2026-12-31,holiday,元旦", "2027-01-01,holiday,元旦", "2027-01-02,holiday,元旦"])
    assert (len(days), notice_year(days)) == (3, 2027)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "没有任何日期"),
        (["date,kind,name"], "没有任何日期"),
        (["2027-01-01,holiday"], "第 1 行应为"),
        (["2027-01-01,holiday,元旦,x"], "第 1 行应为"),
        (["2027-01-01,holiday,元旦", '2027-01-02,holiday,"元旦'], "第 2 行应为"),
        (["2027-01-01,holiday," + "元" * 300], "第 1 行应为"),
        (["date,kind,name", "2027-13-01,holiday,元旦"], "第 2 行的日期“2027-13-01”无法识别"),
        (["2027-02-29,holiday,x"], "第 1 行的日期"),
        (["20270101,holiday,元旦"], "第 1 行的日期"),
        (["2027-W01-1,holiday,元旦"], "第 1 行的日期"),
        (["2027-01-01,closed,元旦"], "第 1 行的类别“closed”"),
        (["2027-01-01,,元旦"], "第 1 行的类别"),
        (
            ["2027-01-01,holiday,元旦", "2027-01-02,holiday,元旦", "2027-01-01,workday,元旦"],
            "第 3 行的日期 2027-01-01 与第 1 行重复",
        ),
        (
            ["2027-01-01,holiday,元旦", "2027-01-02,holiday,元旦", "2026-10-01,holiday,国庆节"],
            "第 3 行的日期 2026-10-01 不属于 2027 年",
        ),
        (
            ["2027-01-01,holiday,元旦", "2027-01-02,holiday,元旦", "2028-01-01,holiday,元旦"],
            "第 3 行的日期 2028-01-01 不属于 2027 年",
        ),
        (["2027-01-01,holiday," + "元" * 41], "第 1 行的名称超过 40 个字"),
        (
            ["2025-12-31,holiday,元旦", "2027-01-01,holiday,元旦", "2027-01-02,holiday,元旦"],
            "第 1 行的日期 2025-12-31 不属于 2027 年",
        ),
        (["2027-01-01,holiday,元旦", "date,kind,name"], "第 2 行的日期"),
        ([""] * 401, "超过 400 行"),
    ],
)
def test_notice_that_is_wrong_names_the_line(lines, said):
    with pytest.raises(BadNotice) as refused:
        read_notice(lines)
    assert said in refused.value.text % refused.value.facts


def test_shipped_notices_belong_to_their_years():
    assert [notice_year(shipped_notice(year)) for year in SHIPPED_YEARS] == [2025, 2026]
