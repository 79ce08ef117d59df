"""Steps as people fill them in: rows in any order, hours counted from the due moment."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketing.sla.rules.step_rows import AUDIENCES, StepRow, plan_of, rows_of
from ticketing.sla.rules.steps import DEFAULT, LADDER, Audience, BadSteps

HANDLER, LEADER = (Audience.HANDLER,), (Audience.UNIT_LEADER,)
NOTHING = StepRow("", False, ())


def share(amount: str, *audience: Audience) -> StepRow:
    return StepRow(amount, False, audience or HANDLER)


def late(amount: str, *audience: Audience) -> StepRow:
    return StepRow(amount, True, audience or LEADER)


def test_hours_late_are_counted_from_the_due_moment_and_kept_from_step_to_step():
    assert [row.amount for row in rows_of(DEFAULT)] == ["50", "80", "100", "24", "48", "72"]
    assert [step["every_hours"] for step in plan_of(rows_of(DEFAULT)).as_json()[3:]] == [24, 24, 24]


def test_rows_come_in_any_order_and_empty_ones_are_left_out():
    plan = plan_of([late("48"), NOTHING, share("100"), late("8"), share("５０")])

    assert [(row.amount, row.is_late) for row in rows_of(plan)] == [
        ("50", False), ("100", False), ("8", True), ("48", True),
    ]  # fmt: skip


def test_whom_to_tell_comes_from_the_nearest_to_the_highest():
    assert plan_of([share("50", Audience.SUPERVISION, *HANDLER)]).steps[0].audience == (
        Audience.HANDLER, Audience.SUPERVISION,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([StepRow("50", False, ())], "第 1 步没有选告知谁"),
        ([NOTHING, StepRow("", False, HANDLER)], "第 2 步没有写什么时候告知"),
        ([share("soon")], "第 1 步的“soon”不是数字"),
        ([share("-5")], "第 1 步的“-5”不是数字"),
        ([late("9" * 9)], "不是数字"),
        ([share("50"), share("50", *LEADER)], "第 2 步和前面一步是同一个时候"),
        ([share("0")], "百分比须在 1 到 100 之间"),
        ([share("120")], "百分比须在 1 到 100 之间"),
        ([late("0")], "1 到 720 小时"),
        ([late("721")], "1 到 720 小时"),
        ([NOTHING], "1 到 20 步"),
        ([share(str(n)) for n in range(1, 30)], "1 到 20 步"),
    ],
)
def test_steps_that_cannot_be_are_refused_with_the_reason(rows, told):
    with pytest.raises(BadSteps) as refused:
        plan_of(rows)
    assert told in refused.value.text % refused.value.facts


@given(
    st.sets(st.integers(1, 100), max_size=5),
    st.sets(st.integers(1, 700), min_size=1, max_size=5),
    st.sets(st.sampled_from(LADDER), min_size=1),
)
def test_a_plan_is_the_same_after_it_was_shown(shares, hours, audience):
    told = tuple(sorted(audience, key=LADDER.index))
    plan = plan_of([*(share(str(one), *told) for one in shares), *(late(str(one), *told) for one in hours)])

    assert plan_of(rows_of(plan)) == plan


def test_every_audience_has_a_name():
    assert set(AUDIENCES) == set(Audience)
