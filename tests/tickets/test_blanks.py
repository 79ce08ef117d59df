"""Blanks of reply templates: which there are, what is refused, what is filled in: pure."""

from __future__ import annotations

import pytest

from ticketing.core.errors import Invalid
from ticketing.tickets.blanks import CHINESE, MEANINGS, Blank, check, fill, name_of


def test_every_blank_has_both_names_and_a_meaning_and_is_taken_either_way():
    for blank in Blank:
        check(f"您好，{name_of(blank, 'zh')} / {name_of(blank, 'en')}")
        assert MEANINGS[blank]
    assert len(set(CHINESE.values())) == len(Blank)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("请于{到期日}前", "{到期日}"),
        ("Dear {name}", "{name}"),
        ("空的{}", "{}"),
        ("没关上{企业", "{"),
        ("没打开企业}", "}"),
        ("{{企业}}", "{"),
    ],
)
def test_what_is_no_blank_is_refused_with_the_words_and_the_way_out(body, told):
    with pytest.raises(Invalid) as refused:
        check(body)

    assert list(refused.value.fields) == ["body"]
    assert told in refused.value.facts.values()


def test_what_is_known_is_filled_in_and_the_rest_stays_to_be_seen():
    values = {Blank.COMPANY: "虚构光电", Blank.CONTACT: "", Blank.NUMBER: "QS26-1"}

    filled = fill("{企业}（｛number｝）{ 联系人 }，{DEADLINE}，{别的}", values)

    assert filled == "虚构光电（QS26-1）{ 联系人 }，{DEADLINE}，{别的}"


def test_what_is_filled_in_is_not_read_again():
    assert fill("{企业}", {Blank.COMPANY: "{单号}", Blank.NUMBER: "1"}) == "{单号}"
