"""What another company may read of an answer: what was done, and nobody's data."""

from __future__ import annotations

import pytest

from ticketing.tickets.gist import MAX_GIST, gist, neutral

COMPANY = "苏州澜汐光电科技有限公司"
TITLE = "变压器容量不足，申请增容"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"{COMPANY}用电增容", "某企业用电增容"),
        ("澜汐光电科技的车间停电", "某企业的车间停电"),
        ("请联系沈知遥", "请联系…"),
        ("电话 138 0000 1234 或 0512-66801234", "电话 … 或 …"),
        ("同 QS26-482-109-372 一样", "同 … 一样"),
        ("信用代码 91350100M000100Y43", "信用代码 …"),
        ("写信到 a.b@example.cn，谢谢", "写信到 …，谢谢"),
        ("增容 630 千伏安，3 天", "增容 630 千伏安，3 天"),
        ("第一行\n第二行", "第一行 第二行"),
    ],
)
def test_names_and_numbers_are_taken_out(text, told):
    assert neutral(text, COMPANY, ["沈知遥"]) == told


def test_only_what_was_done_is_left_of_an_answer():
    reply = (
        f"您好，您反映的“{TITLE}”收悉。经供电公司核实：已现场勘查，确定供电方案。预计五天内送电。"
        "如有疑问请与陆工联系，电话0512-66801234。"
    )

    assert gist(reply, TITLE, COMPANY) == "经供电公司核实：已现场勘查，确定供电方案。预计五天内送电。"


@pytest.mark.parametrize(
    "reply",
    [
        f"已为{COMPANY}办理增容。",
        "已请澜汐光电科技补交材料。",
        "请拨打 0512-66801234。",
        "沈知遥已签收。",
        "经办人：陆工。",
        "",
        "。！？",
    ],
)
def test_a_sentence_about_somebody_is_left_out(reply):
    assert gist(reply, TITLE, COMPANY, ["沈知遥"]) == ""


def test_what_was_done_is_kept_after_a_polite_beginning():
    assert gist("贵公司关于增容的诉求答复如下：已完成接火送电。", TITLE, COMPANY) == "已完成接火送电。"


def test_a_long_answer_is_cut_at_a_sentence():
    told = gist("已完成勘查。" * 200, TITLE, COMPANY)

    assert 0 < len(told) <= MAX_GIST
    assert told.endswith("。")
