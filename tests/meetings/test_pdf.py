"""The minutes as PDF: people's words come out as words, whatever they are; the web worker stays small."""

from __future__ import annotations

import re
import resource
import zlib
from pathlib import Path

import pytest

from tests.meetings import kit
from ticketing.core import typeset
from ticketing.meetings import minutes
from ticketing.meetings.web import pdf
from ticketing.tickets.words import State
from ticketing.web.texts import in_language

HOSTILE = (
    '#import "@preview/x:1.0.0" #panic("x") *粗* _斜_ `码` $x^2$ [ ] { } @ref // /* = 题 \\'
    '<b onclick="x()">&amp; %(n)s'
    " 😀 \u202e\u200b" + "A" * 200 + "字" * 200
)
CMAP = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)


def letters(made: bytes) -> set[str]:
    """The characters a PDF says it shows, from the maps of its fonts."""
    found: set[str] = set()
    for packed in CMAP.findall(made):
        try:
            plain = zlib.decompress(packed)
        except zlib.error:
            continue
        if b"beginbfchar" in plain:
            for code in re.findall(rb"<[0-9A-Fa-f]+> <([0-9A-Fa-f]+)>", plain):
                found |= set(bytes.fromhex(code.decode()).decode("utf-16-be", "replace"))
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
def test_hostile_words_come_out_as_words_in_both_languages(app, world, language):
    number = kit.called(world, world.ticket(State.PROCESSING), theme="主题" + HOSTILE[:190])
    world.later(hours=2)
    item_id = kit.decide(world, number, HOSTILE, for_company="x")
    kit.task(world, number, item_id, "D-HRS", what=HOSTILE)

    with app.test_request_context(), in_language(language):
        made = pdf.minutes(kit.found(world, number), "周明远", language, world.now)

    assert made.startswith(b"%PDF-")
    shown = letters(made)
    assert set('#*_`$[]{}@\\<>&%"码') <= shown
    assert ("纪" in shown) or language == "en"
    assert b"Noto" in made


def test_compiling_leaves_no_memory_behind(app, world):
    number = kit.called(world, world.ticket(State.PROCESSING))
    found = kit.found(world, number)
    with app.test_request_context(), in_language("zh"):
        pdf.minutes(found, "周明远", "zh", world.now)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _n in range(3):
            pdf.minutes(found, "周明远", "zh", world.now)

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 10 * 1024


def test_too_much_and_broken_templates_are_told(tmp_path: Path):
    with pytest.raises(typeset.TooLongToPrint):
        typeset.pdf(pdf.TEMPLATE, {"x": "长" * typeset.MOST_DATA_BYTES})
    broken = tmp_path / "broken.typ"
    broken.write_text('#import "@preview/cetz:0.3.0": canvas')
    with pytest.raises(typeset.CannotPrint):
        typeset.pdf(broken, {})


def test_a_confidential_ticket_is_a_number_on_paper(app, world):
    ticket = world.ticket(State.PROCESSING, kind="violation_report", title="举报某公司")
    number = kit.issued(world, ticket, "D-HRS")

    written = kit.found(world, number, "supervisor").papers[0][0].body

    assert ticket in written
    assert "举报某公司" not in written
    assert minutes.seal(written) == kit.found(world, number).papers[0][0].sha256
