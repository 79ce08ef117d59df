"""The published text of the holiday notice: read as it stands, and checked against what it says of itself."""

from __future__ import annotations

from datetime import date

import pytest

from ticketing.sla.rules.announcement import read_announcement, read_any, stretches
from ticketing.sla.rules.calendars import DayKind
from ticketing.sla.rules.china import shipped_notice
from ticketing.sla.rules.notices import BadNotice

TEXTS = {
    2025: """国务院办公厅关于2025年
部分节假日安排的通知
各省、自治区、直辖市人民政府，国务院各部委、各直属机构：
根据国务院办公厅有关规定，现将2025年元旦、春节、清明节、劳动节、端午节、中秋节和国庆节放假调休日期的具体安排通知如下。
一、元旦：1月1日（周三）放假1天，不调休。
二、春节：1月28日（农历除夕、周二）至2月4日（农历正月初七、周二）放假调休，共8天。1月26日（周日）、2月8日（周六）上班。
三、清明节：4月4日（周五）至6日（周日）放假，共3天。
四、劳动节：5月1日（周四）至5日（周一）放假调休，共5天。4月27日（周日）上班。
五、端午节：5月31日（周六）至6月2日（周一）放假，共3天。
六、国庆节、中秋节：10月1日（周三）至8日（周三）放假调休，共8天。9月28日（周日）、10月11日（周六）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫、疫情防控等工作，确保人民群众祥和平安度过节日假期。
国务院办公厅
2024年11月12日
""",
    2026: """国务院办公厅关于2026年部分节假日安排的通知

一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。
2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
""",
}
NEW_YEAR = "2027年部分节假日安排。一、元旦：{}"


def days_of(said: str) -> list[str]:
    """What a New Year's section says: 01-01 off, 01-03 worked as 01-03+."""
    days = read_announcement(NEW_YEAR.format(said))
    return [f"{day.on:%m-%d}{'+' if day.kind is DayKind.WORKDAY else ''}" for day in days]


@pytest.mark.parametrize("year", TEXTS)
def test_the_published_text_gives_the_days_that_are_shipped(year):
    read = {(day.on, day.kind) for day in read_any(TEXTS[year])}

    assert read == {(day.on, day.kind) for day in shipped_notice(year)}


def test_each_day_has_the_name_of_its_holiday_and_the_line_it_begins_on():
    days = {day.on: day for day in read_any(TEXTS[2025])}

    assert days[date(2025, 10, 11)].name == "国庆节、中秋节"
    assert days[date(2025, 1, 26)].name == "春节"
    assert days[date(2025, 4, 5)].line == 7


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ("1月1日放假。", ["01-01"]),
        ("1月1日至3日放假，1月4日、10日上班", ["01-01", "01-02", "01-03", "01-04+", "01-10+"]),
        ("12月31日至1月2日放假调休，共3天。", ["12-31", "01-01", "01-02"]),
        ("12月31日（周四）至1月2日（周六）放假，共3天。", ["12-31", "01-01", "01-02"]),
        ("2026年12月31日（星期四）到2027年1月2日放假", ["12-31", "01-01", "01-02"]),
        (" 1 月 1 日 （周五） 至 2 日 放 假", ["01-01", "01-02"]),
        ("1月1日（周五）放假。1月9日请妥善安排值班。", ["01-01"]),
    ],
)
def test_ways_of_saying_it(said, days):
    assert days_of(said) == days


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("1月1日（周四）放假1天", "2027-01-01 不是“周四”，请核对年份"),
        ("1月1日至3日放假，共4天", "元旦写的是放假 4 天，读出来是 3 天，请核对"),
        ("1月1日放假3天", "元旦写的是放假 3 天，读出来是 1 天，请核对"),
        ("2月30日放假", "“2月30日”不是日期"),
        ("3日放假", "“3日”不是日期"),
        ("1月1日至8月1日放假", "“1月1日至8月1日”太长，不像一个假期"),
        ("1月3日至1日放假", "“1月3日至1日”太长，不像一个假期"),
        ("2027年1月3日至2026年12月31日放假", "“2027年1月3日至2026年12月31日”太长，不像一个假期"),
        ("1月1日放假。1月1日上班", "2027-01-01 出现了两次"),
        ("请注意值班", "通知里没有任何日期"),
        ("1月1日放假" + "长" * 20_000, "内容太长，不像一年的放假安排"),
    ],
)
def test_what_does_not_fit_is_told(said, told):
    with pytest.raises(BadNotice) as refused:
        days_of(said)

    assert refused.value.text % refused.value.facts == told


@pytest.mark.parametrize("title", ["", "2026年部分节假日安排、2027年部分节假日安排"])
def test_a_text_that_does_not_say_its_year_is_refused(title):
    with pytest.raises(BadNotice, match="看不出是哪一年"):
        read_any(f"{title}\n一、元旦：1月1日放假")


def test_one_day_a_line_is_read_as_before():
    assert [day.name for day in read_any("2027-01-01,holiday,元旦\n2027-01-02,holiday,元旦")] == [
        "元旦",
        "元旦",
    ]


def test_days_in_a_row_are_one_stretch():
    new_year = [date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 3)]

    assert stretches(new_year) == [(new_year[0], new_year[1]), (new_year[2], new_year[2])]
    assert stretches([]) == []
