"""The catalogue check finds what English readers would miss."""

from __future__ import annotations

from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from tests.kit import catalogue


def made(*messages: tuple[Any, Any], flags: tuple[str, ...] = ()) -> Catalog:
    found = Catalog(locale="en", fuzzy=False)
    for sentence, english in messages:
        found.add(sentence, english, flags=flags)
    return found


@pytest.mark.parametrize(
    ("sentence", "english", "complaint"),
    [
        ("你好", "Hello", None),
        ("你好 %(name)s", "Hello %(name)s", None),
        ("还可以写 {n} 字", "{n} characters left", None),
        (("%(n)s 件", "%(n)s 件"), ("One", "%(n)s requests"), None),
        ("你好", "", "not translated"),
        ("你好 %(name)s", "Hello", "placeholders differ"),
        ("你好", "Hello %(name)s", "placeholders differ"),
        ("还可以写 {n} 字", "{m} characters left", "placeholders differ"),
        ("你好", "Hello 你好", "Chinese in the English text"),
    ],
)
def test_a_fault_is_named(sentence, english, complaint):
    found = catalogue.problems(made((sentence, None)), made((sentence, english)))

    assert [line.partition(":")[0] for line in found] == ([complaint] if complaint else [])


def test_missing_unused_and_fuzzy_are_named():
    wanted = made(("新", None))

    assert catalogue.problems(wanted, made(("旧", "Old"))) == [
        "missing: '新'  ()",
        "no longer used: '旧'",
    ]
    assert catalogue.problems(wanted, made(("新", "New"), flags=("fuzzy",))) == ["fuzzy: '新'"]


@pytest.fixture
def tree(tmp_path):
    """Return a small tree of templates and code."""
    (tmp_path / "babel.cfg").write_bytes((catalogue.ROOT / "babel.cfg").read_bytes())
    for folder in ("templates", "ticketing"):
        (tmp_path / folder).mkdir()
    (tmp_path / "templates" / "a.html").write_text(
        "<p>{{ _('甲') }}{% trans %}乙{% endtrans %}</p>", encoding="utf-8"
    )
    (tmp_path / "ticketing" / "a.py").write_text("x = N_('丙')\ny = lazy_gettext('丁')\n", encoding="utf-8")
    return tmp_path


def test_sentences_come_from_templates_and_marked_code(tree):
    assert {message.id for message in catalogue.extracted(tree) if message.id} == {"甲", "乙", "丙", "丁"}


def test_updating_keeps_translations_and_changes_nothing_the_second_time(tree):
    path = tree / "messages.po"
    catalogue.update(path, tree)
    kept = catalogue.stored(path)
    kept["乙"].string = "Kept"
    kept.add("旧", "Old")
    with path.open("wb") as opened:
        write_po(opened, kept)

    catalogue.update(path, tree)
    once = path.read_bytes()
    catalogue.update(path, tree)

    found = catalogue.stored(path)
    assert {message.id: message.string for message in found if message.id} == {
        **dict.fromkeys("甲丙丁", ""),
        "乙": "Kept",
    }
    assert path.read_bytes() == once
