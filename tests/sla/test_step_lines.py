"""Steps as people write them."""

import pytest

from ticketing.sla.rules.step_lines import AUDIENCES, lines_of, read_lines
from ticketing.sla.rules.steps import DEFAULT, Audience, BadSteps


def test_the_default_steps_read_as_they_are_written():
    text = lines_of(DEFAULT)

    assert text.splitlines()[1] == "80% 经办人、单位领导"
    assert text.splitlines()[-1] == "+24h 督办、区领导"
    assert read_lines(text) == DEFAULT


def test_an_empty_text_is_the_default():
    assert read_lines(" \n") is None


def test_codes_other_languages_and_full_width_signs_are_read():
    plan = read_lines(
        "50％：handler\n100% Unit leader\n＋8小时 parent，督办", {"Unit leader": Audience.UNIT_LEADER}
    )

    assert plan is not None
    assert lines_of(plan).splitlines() == ["50% 经办人", "100% 单位领导", "+8h 上级单位、督办"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("soon 经办人", "第 1 行“soon 经办人”无法识别"),
        ("50%", "第 1 行"),
        ("50% 经办人\n\n80% 邻居", "第 3 行不认识的告知对象“邻居”"),
        ("80% 经办人\n50% 经办人", "由小到大"),
        ("0% 经办人", "由小到大"),
        ("120% 经办人", "由小到大"),
        ("+24h 督办\n50% 经办人", "由小到大"),
        ("+0h 督办", "1 到 720 小时"),
        ("\n".join(f"{n}% 经办人" for n in range(1, 30)), "1 到 20 步"),
    ],
)
def test_steps_that_cannot_be_are_refused_with_the_reason(text, told):
    with pytest.raises(BadSteps) as refused:
        read_lines(text)
    assert told in refused.value.text % refused.value.facts


def test_every_audience_has_a_name():
    assert set(AUDIENCES) == set(Audience)
