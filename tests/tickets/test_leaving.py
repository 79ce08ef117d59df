"""What looks internal in a text for a company: what must be asked about, and what must not."""

from __future__ import annotations

import pytest

from ticketing.accounts.rules import make_uscc
from ticketing.tickets.leaving import Sort, marks, mentions, possible_names, seal

MUST_FIRE = [
    ("@王工 请先看一下再发", Sort.MENTION, "@王工"),
    ("情况如上。＠李主任", Sort.MENTION, "＠李主任"),
    ("please check @wu.gong first", Sort.MENTION, "@wu.gong"),
    ("【内部】企业情绪较大", Sort.INTERNAL, "【内部】"),
    ("（仅供内部参考）预算不足", Sort.INTERNAL, "（仅供内部参考）"),
    ("[Internal] budget is short", Sort.INTERNAL, "[Internal]"),
    ("以上内容仅供内部掌握", Sort.INTERNAL, "仅供内部掌握"),
    ("内部口径：暂不承诺时间", Sort.INTERNAL, "内部口径"),
    ("此件请勿外传", Sort.INTERNAL, "请勿外传"),
    ("先不告诉企业", Sort.INTERNAL, "先不告诉企业"),
    ("第一段。\n内部：领导未批", Sort.INTERNAL, "内部："),
    ("for internal use", Sort.INTERNAL, "for internal use"),
    ("【草稿】周五前送电", Sort.DRAFT, "【草稿】"),
    ("草稿：周五前送电", Sort.DRAFT, "草稿："),
    ("答复草稿如下", Sort.DRAFT, "答复草稿"),
    ("周五前送电（待领导审）", Sort.DRAFT, "（待领导审）"),
    ("补贴金额待核实。", Sort.DRAFT, "待核实"),
    ("开工日期待确认", Sort.DRAFT, "待确认"),
    ("TODO 写联系人", Sort.DRAFT, "TODO"),
    ("请联系XX科", Sort.DRAFT, "XX"),
    ("请联系××办事处", Sort.DRAFT, "××"),
    ("电话 XXX", Sort.DRAFT, "XXX"),
    ("电话____", Sort.DRAFT, "____"),
    ("送电时间？？？", Sort.DRAFT, "？？？"),
    ("请于{期限}前联系", Sort.BLANK, "{期限}"),
    ("Dear {contact}", Sort.BLANK, "{contact}"),
    ("｛经办人｝将上门", Sort.BLANK, "｛经办人｝"),
    ("身份证 11010519491231002X 已核", Sort.IDENTITY, "11010519491231002X"),
]
MUST_NOT_FIRE = [
    "已现场勘查，周五前完成增容到 1000 kVA。经办人吴工 0512-16800022。",
    "贵公司内部网络故障不在本次服务范围，建议联系运营商。",
    "厂区内部道路由园区物业维护。企业内部管理制度请自行完善。",
    "内部装修需要办理施工许可，内部排水管由业主负责。",
    "补贴金额待核实后告知您；开工日期待确认清楚再通知。",
    "请提交合同草稿和施工图初稿各一份。",
    "请发送到 service@gov.example，或致电 12345。",
    "可关注公众号：@苏州高新区发布。也可看微博@高新区发布。",
    "变压器型号 XXL-200，管径 DN100，尺寸 3×5 米，型号 Exx。",
    "单价 3.5 元 @ 每度。",
    "公式 {1} 与集合 {2, 3} 见附件。",
    "您问的是不是这个？请回电。真的吗？？",
    "贵公司草稿箱里的申报表可以继续填写。",
    "我们会为您保密。涉密材料请勿上传。",
    "订单号 123456789012345678 已受理。",
    "Please call Wu Gong at 0512-16800022; the inside of the plant is yours to maintain.",
    "待施工图审查通过后，我们会第一时间联系贵公司。",
    "按照“待遇从优”的原则办理，请补充材料。",
]


@pytest.mark.parametrize(("text", "sort", "words"), MUST_FIRE)
def test_what_looks_internal_is_seen_with_its_words(text, sort, words):
    assert (sort, words) in [(one.sort, one.words) for one in marks(text)]


@pytest.mark.parametrize("text", MUST_NOT_FIRE)
def test_ordinary_sentences_pass(text):
    assert marks(text) == []


def test_each_thing_is_told_once_in_the_order_of_the_text():
    found = marks("@王工 {期限} @王工 【内部】")

    assert [one.words for one in found] == ["@王工", "{期限}", "【内部】"]


def test_numbers_codes_and_mobiles_are_read_however_they_are_written():
    code = make_uscc("91320505MA1ABCD12")

    found = mentions(f"见 QS26-482-109-372 和 qs26 482 109 373，代码 {code.lower()}，电话 139-1234-5678")

    assert found.codes == {code}
    assert found.mobiles == {"13912345678"}
    assert all(number.startswith("QS26-482-109-") for number in found.numbers)
    assert not mentions("订单 20261123001，座机 0512-16800022")


def test_a_company_is_looked_for_by_every_beginning_its_name_may_have():
    [whole] = mentions("请与苏州虚构光电有限公司协商").names

    assert "苏州虚构光电有限公司" in possible_names(whole)
    assert possible_names(whole)[0] == whole
    assert mentions("有限公司应当年报").names == ()


def test_saying_yes_to_one_thing_is_not_saying_yes_to_another():
    first, second = marks("@王工"), marks("@李工")

    assert seal(first) != seal(second)
    assert seal([*first, *second]) == seal([*second, *first])
