"""What was searched for is marked in the text as it was written."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ticketing.core import marking, tokens

TEXTS = st.text("用电增容ab1２Ｋ，-_ \n😀ßİ①e\u0301<>&", max_size=40)


@pytest.mark.parametrize(
    ("text", "phrases", "marked"),
    [
        ("车间用电，用电增容", ["用电"], "车间[用电]，[用电]增容"),
        ("申请 ５００ＫＶＡ", ["kva", "500"], "申请 [５００][ＫＶＡ]"),
        ("QS26-482-109-375", ["482 109"], "QS26-[482-109]-375"),
        ("用电增容", ["用电增", "电增容"], "[用电增容]"),
        ("Straße", ["ss"], "Stra[ß]e"),
        ("用电", ["停产", ""], "用电"),
        ("", ["用电"], ""),
    ],
)
def test_words_are_marked_where_they_stand(text, phrases, marked):
    told = marking.pieces(text, phrases)

    assert "".join(f"[{piece}]" if is_found else piece for piece, is_found in told) == marked


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.lists(st.text("用电增容ab1k ", min_size=1, max_size=4), max_size=3))
def test_marking_changes_no_character_and_marks_only_what_was_asked_for(text, typed):
    phrases = [tokens.folded(one) for one in typed]
    told = marking.pieces(text, phrases)

    assert "".join(piece for piece, _ in told) == text
    for piece, is_found in told:
        assert not is_found or any(phrase in tokens.folded(piece) for phrase in phrases if phrase)


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.text("用电增容ab12k-，\u0301", min_size=1, max_size=3))
def test_what_a_search_finds_is_marked(text, typed):
    phrase = tokens.folded(typed)
    is_held = bool(phrase) and phrase in tokens.folded(text)

    assert any(is_found for _, is_found in marking.pieces(text, [phrase])) == is_held


def test_of_a_long_text_the_part_around_the_word_is_shown():
    text = "一" * 50 + "\n麒麟阁 " + "二" * 100

    shown = marking.excerpt(text, ["麒麟阁"])

    assert shown == "…" + "一" * 13 + " 麒麟阁 " + "二" * 42 + "…"
    assert marking.excerpt("麒麟阁", ["麒麟"]) == "麒麟阁"
    assert marking.excerpt(text, ["没有"]) == ""


def test_a_piece_of_a_phone_is_found_whatever_stands_between_the_digits():
    assert marking.holds_digits("138-0013 1502", "00131502")
    assert not marking.holds_digits("138-0013 1502", "")
