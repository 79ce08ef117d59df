"""Clean text, limits and sentences of the base form."""

from datetime import UTC, datetime

import pytest
from flask import request
from flask_babel import force_locale
from werkzeug.datastructures import MultiDict
from wtforms import IntegerField

from ticketing.web.forms import (
    BaseForm,
    ChoiceField,
    LineField,
    MomentField,
    MultiChoiceField,
    ParagraphField,
    choices,
)


class Sample(BaseForm):
    line = LineField("行", max_chars=5)
    text = ParagraphField("文", max_chars=20, required=False)
    kind = ChoiceField("类", choices=[("a", "甲"), ("b", "乙")])
    tags = MultiChoiceField("标", choices=[("x", "X"), ("y", "Y")])
    at = MomentField("时", required=False)


GOOD = {"line": "停电", "kind": "a"}


@pytest.fixture(autouse=True)
def during_a_request(app):
    with app.test_request_context("/", method="POST"):
        yield


def filled(**fields):
    form = Sample(formdata=MultiDict({**GOOD, **fields}), meta={"csrf": False})
    form.validate()
    return form


def test_good_input_is_taken():
    form = filled(text="一\r\n二", tags="x", at="2026-11-23T09:30")

    assert form.errors == {}
    assert form.text.data == "一\n二"
    assert form.tags.data == ["x"]
    assert form.at.data == datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  停\t电 ", "停 电"),
        ("停\u202e电", "停电"),
        ("停\x00电", "停 电"),
        ("停\u200b电", "停电"),
        ("⚡🏭", "⚡🏭"),
        ("<b>", "<b>"),
    ],
)
def test_a_line_is_cleaned(typed, stored):
    assert filled(line=typed).line.data == stored


@pytest.mark.parametrize("typed", ["", "   ", "\u200b\u200b", "\x00"])
def test_nothing_visible_is_empty(typed):
    assert filled(line=typed).errors == {"line": ["请填写此项"]}


def test_length_is_counted_in_characters():
    assert filled(line="一二三四五").errors == {}
    assert filled(line="一二三四五六").errors == {"line": ["最多 5 个字"]}


def test_a_megabyte_is_too_long_and_still_there():
    form = filled(line="长" * 1_000_000)

    assert form.errors == {"line": ["最多 5 个字"]}
    assert len(form.line.data) == 1_000_000


@pytest.mark.parametrize("fields", [{"kind": "c"}, {"tags": "z"}])
def test_what_is_not_on_the_list_is_refused(fields):
    assert list(filled(**fields).errors.values()) == [["请从列表中选择"]]


def test_an_empty_choice_is_asked_for():
    assert filled(kind="").errors == {"kind": ["请选一项"]}


@pytest.mark.parametrize(
    "typed", ["tomorrow", "2026-13-01T00:00", "2026-11-23", "0000-00-00T00:00", "0001-01-01T00:00"]
)
def test_a_bad_moment_is_told_and_kept_as_typed(typed):
    form = filled(at=typed)

    assert form.errors == {"at": ["请写成 2026-11-22T09:30 这样的日期和时间"]}
    assert f'value="{typed}"' in form.at()


def test_a_bad_moment_that_is_asked_for_is_not_called_empty():
    class Asked(BaseForm):
        at = MomentField("时")

    form = Asked(formdata=MultiDict({"at": "tomorrow"}), meta={"csrf": False})
    form.validate()

    assert form.errors == {"at": ["请写成 2026-11-22T09:30 这样的日期和时间"]}


def test_the_library_s_own_sentences_follow_the_language():
    class Old(BaseForm):
        count = IntegerField("数")

    def told(locale):
        with force_locale(locale):
            if hasattr(request, "wtforms_translations"):
                del request.wtforms_translations
            form = Old(formdata=MultiDict({"count": "x"}), meta={"csrf": False})
            form.validate()
            return form.errors["count"][0]

    assert told("zh") == "不是有效的整数。"
    assert told("en") == "Not a valid integer value."


def test_every_rendering_has_its_own_key():
    first, second = Sample(formdata=None), Sample(formdata=None)

    assert first.once.data != second.once.data
    assert len(first.once.data) >= 22


def test_a_refusal_is_put_beside_its_fields():
    form = filled()

    loose = form.take_errors({"line": ["太短"], "elsewhere": ["别处"]})

    assert form.errors == {"line": ["太短"]}
    assert loose == ["别处"]


def test_an_empty_first_choice_makes_a_select_optional():
    listed = choices([("a", "甲")], empty="不限")

    assert [(one.value, one.label) for one in listed] == [("", "不限"), ("a", "甲")]
    assert [one.value for one in choices([("a", "甲")])] == ["a"]
