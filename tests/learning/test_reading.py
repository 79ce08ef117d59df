"""Which words of a text count, and that reading is the same whatever the text."""

from __future__ import annotations

import pytest

from ticketing.learning.cutting import cut
from ticketing.learning.rules.reading import MAX_CHARS, words_cut, words_in

KNOWN = {"变压器", "变压", "增容", "停电", "aeo"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("变压器要增容", ["变压器", "增容"]),
        ("停电，停电，又停电", ["停电"]),
        ("先增容，再换变压器", ["增容", "变压器"]),
        ("ＡＥＯ 认证", ["aeo"]),
        ("AEO2 认证", []),
        ("停 电", []),
        ("变压力", ["变压"]),
        ("", []),
        ("AND OR NOT ( ) \" ' * : & | ! <->", []),
        ("😀🎉\u200b\ud800", []),
    ],
)
def test_the_longest_known_word_counts_once(text, found):
    assert words_in(text, KNOWN) == found


def test_a_very_long_text_is_read_up_to_its_limit():
    assert words_in("电" * MAX_CHARS + "变压器", KNOWN) == []
    assert words_in("电" * (MAX_CHARS - 3) + "变压器", KNOWN) == ["变压器"]


def test_names_and_numbers_are_no_words():
    words = words_cut("联系人沈知遥 13800001234，澜汐微构 91320505MA1ABCDE2X，变压器 A3 号", cut)

    assert words == {"联系人", "变压器"}
