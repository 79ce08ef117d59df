"""Two texts side by side, and what others did meanwhile: pure."""

from __future__ import annotations

from ticketing.tickets.difference import side_by_side


def test_shared_sentences_are_told_from_ones_own():
    theirs, mine = side_by_side("已现场勘查。周五前送电。", "已现场勘查。下周一送电，请留人。")

    assert [(one.text, one.is_own) for one in theirs] == [("已现场勘查。", False), ("周五前送电。", True)]
    assert [(one.text, one.is_own) for one in mine] == [
        ("已现场勘查。", False),
        ("下周一送电，请留人。", True),
    ]


def test_joined_again_both_are_whole():
    texts = ("一，二。\n\n三", "\n零；二。\n三！")

    for text, stretches in zip(texts, side_by_side(*texts), strict=True):
        assert "".join(one.text for one in stretches) == text


def test_an_empty_side_has_nothing_of_its_own():
    assert side_by_side("", "甲。")[0] == []


def test_four_thousand_characters_are_compared_without_delay():
    long = "字，" * 2000

    theirs, mine = side_by_side(long, long[::-1])

    assert "".join(one.text for one in theirs) == long
    assert "".join(one.text for one in mine) == long[::-1]
