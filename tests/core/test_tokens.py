"""Tokens narrow and never lose a text; what counts as holding a phrase."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ticketing.core import tokens
from ticketing.core.tokens import MAX_PHRASES, MAX_QUERY_CHARS, Word, read_query

ALPHABET = "用电增容一カ가ab12 \n，。-_·'\"*:&|!()\\%\0\ud800😀１Ａ①İΣßée\u0301￼𠀀"
TEXTS = st.lists(st.text(ALPHABET, max_size=40), min_size=1, max_size=3)
QUERIES = st.text(ALPHABET, min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("用电增容", "用电增容"),
        ("  ＫＶＡ　５００ ", "kva 500"),
        ("C-12（A座）", "c 12 a座"),
        ("QS26-482-109-375", "qs26 482 109 375"),
        ("a_b", "a b"),
        ("Straße", "strasse"),
        ("5㎡ ①", "5m2 1"),
        ("好😀的\0", "好 的"),
        ("--- *:& ", ""),
    ],
)
def test_letters_and_digits_count_and_the_rest_is_a_gap(text, folded):
    assert tokens.folded(text) == folded


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("用电增容", ["增容", "容", "用电", "电增"]),
        ("500kva", ["00k", "0kv", "500", "a", "kva", "va"]),
        ("a座 用", ["a座", "座", "用"]),
        ("用用用", ["用", "用用"]),
        ("", []),
    ],
)
def test_each_character_starts_a_token_that_ends_at_a_gap(text, found):
    assert tokens.tokens(text) == found


def test_no_token_reaches_from_one_field_into_the_next():
    body = tokens.body(["用电", "", "!", "增容"])

    assert body == "用电\n增容"
    assert "电增" not in tokens.tokens(body)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("用电", [Word("用电", ("用电",))]),
        ("用电增容", [Word("用电增容", ("增容", "用电", "电增"))]),
        ("kv", [Word("kv", (), "kv")]),
        ("KVA 电", [Word("kva", ("kva",)), Word("电", (), "电")]),
        ("C-12", [Word("c 12", ("c",))]),
        ("138-0013", [Word("138 0013", ("001", "013", "138", "38", "8"), "", "1380013")]),
        ("20", [Word("20", (), "20")]),
        ('"用电" OR *', [Word("用电", ("用电",)), Word("or", (), "or")]),
        ("用电 用电", [Word("用电", ("用电",))]),
    ],
)
def test_a_word_needs_whole_tokens_where_it_has_any(typed, words):
    assert list(read_query(typed)) == words


@pytest.mark.parametrize(
    "typed",
    ["", "   ", "***", '"" & | ! ( ) :* -- ;', "%%%", "\0\0", "\ud800", "电", "a b", "1", "_a_"],
)
def test_there_is_nothing_to_look_for_without_two_letters_or_digits_together(typed):
    assert read_query(typed) == ()


def test_a_long_query_is_cut_to_what_can_be_meant():
    assert tokens.phrases("用" * 10_000) == ["用" * MAX_QUERY_CHARS]
    assert len(tokens.phrases(" ".join(map(str, range(1000))))) == MAX_PHRASES


def test_a_phone_is_its_digits_however_it_is_written():
    assert tokens.digits_of("+86 138-0013（８０００） ext转 2") == "8613800138000" + "2"


@settings(max_examples=400, deadline=None)
@given(TEXTS, QUERIES, st.integers(0, 200), st.integers(1, 12))
@example(["ab"], "a", 0, 2)
@example(["电力"], "电力", 0, 2)
def test_a_text_that_holds_a_word_has_all_its_tokens(fields, typed, start, length):
    body = tokens.body(fields)
    for wanted in (typed, "".join(fields)[start : start + length], body[start : start + length]):
        for word in read_query(wanted):
            if word.phrase not in body:
                continue
            held = tokens.tokens(body)

            assert set(word.tokens) <= set(held)
            assert any(token.startswith(word.start) for token in held)
            assert word.tokens or word.start


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40))
def test_whatever_is_typed_leaves_letters_and_digits_only(typed):
    for word in read_query(typed):
        for token in (*word.tokens, word.start, word.digits):
            assert token.isalnum() or not token
    assert set(tokens.body([typed])) <= {" ", *filter(str.isalnum, tokens.body([typed]))}


def test_a_folder_that_remembers_finds_what_any_other_does():
    folder = tokens.Folder.remembering(2)
    texts = ["用电 Abc1", "ＱＳ26-1234", "用电 Abc1", "", "增容\n用电", "ＱＳ26-1234"]

    for text in texts * 2:
        body = tokens.body([text, "用电"])
        assert folder.body([text, "用电"]) == body
        assert folder.tokens(body) == tokens.tokens(body) == sorted(set(tokens._TOKEN.findall(body)))
