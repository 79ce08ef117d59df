"""Tokens narrow and never lose a text; what counts as holding a phrase."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ticketing.core import tokens
from ticketing.core.tokens import MAX_PHRASES, MAX_QUERY_CHARS, read_query

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
    ("typed", "phrases", "whole", "starts"),
    [
        ("用电", ("用电",), ("用电",), ()),
        ("用电增容", ("用电增容",), ("增容", "用电", "电增"), ()),
        ("电", ("电",), (), ("电",)),
        ("kv", ("kv",), (), ("kv",)),
        ("KVA 电", ("kva", "电"), ("kva",), ()),
        ("C-12", ("c 12",), ("c",), ()),
        ('"用电" OR *', ("用电", "or"), ("用电",), ()),
        ("用电 用电", ("用电",), ("用电",), ()),
    ],
)
def test_a_query_needs_whole_tokens_where_there_are_any(typed, phrases, whole, starts):
    query = read_query(typed)

    assert query is not None
    assert (query.phrases, query.tokens, query.starts) == (phrases, whole, starts)


@pytest.mark.parametrize("typed", ["", "   ", "***", '"" & | ! ( ) :* -- ;', "\0\0", "😀", "\ud800"])
def test_there_is_nothing_to_look_for_without_a_letter_or_digit(typed):
    assert read_query(typed) is None


def test_a_long_query_is_cut_to_what_can_be_meant():
    assert tokens.phrases("用" * 10_000) == ["用" * MAX_QUERY_CHARS]
    assert len(tokens.phrases(" ".join(map(str, range(1000))))) == MAX_PHRASES


@settings(max_examples=400, deadline=None)
@given(TEXTS, QUERIES, st.integers(0, 200), st.integers(1, 12))
@example(["ab"], "a", 0, 2)
@example(["电"], "电", 0, 1)
def test_a_text_that_holds_a_phrase_has_all_its_tokens(fields, typed, start, length):
    body = tokens.body(fields)
    for wanted in (typed, "".join(fields)[start : start + length], body[start : start + length]):
        query = read_query(wanted)
        if query is None or not all(phrase in body for phrase in query.phrases):
            continue
        held = tokens.tokens(body)

        assert set(query.tokens) <= set(held)
        assert all(any(token.startswith(begun) for token in held) for begun in query.starts)


@settings(max_examples=300, deadline=None)
@given(TEXTS, QUERIES)
def test_a_phrase_that_needs_no_comparing_is_held_when_its_token_is(fields, typed):
    body, query = tokens.body(fields), read_query(typed)
    if query is None:
        return

    for phrase in set(query.phrases) - set(query.to_compare):
        assert (phrase in body) == (phrase in tokens.tokens(body))


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40))
def test_whatever_is_typed_leaves_letters_and_digits_only(typed):
    query = read_query(typed)

    for token in (*query.tokens, *query.starts) if query else ():
        assert token.isalnum()
    assert set(tokens.body([typed])) <= {" ", *filter(str.isalnum, tokens.body([typed]))}
