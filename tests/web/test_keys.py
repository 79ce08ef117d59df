"""The sheet of keys is the one table: what it promises, pages and scripts do."""

from __future__ import annotations

import re
from pathlib import Path

from ticketing.tickets.web.now import KEYS
from ticketing.web.keys import SHEET
from ticketing.web.menu import KEYS as LEADING

ROOT = Path(__file__).resolve().parents[2]
LINES = [line for group in SHEET for line in group.keys]


def test_every_deed_of_the_sheet_is_in_a_script():
    scripts = "".join((ROOT / f"static/js/{name}.js").read_text("utf-8") for name in ("app", "queue"))

    for does in (deed for line in LINES for deed in line.does):
        assert re.search(rf'\b{does}: \(\) =>|event\.detail === "{does}"', scripts), does


def test_every_key_that_a_page_bears_is_on_the_sheet_and_means_one_thing():
    told = [key for line in LINES for key in line.keys]
    borne = set(KEYS.values())
    for path in (ROOT / "templates").rglob("*.html"):
        borne |= set(re.findall(r'data-key="([^"{]+)"', path.read_text("utf-8")))

    assert len(told) == len(set(told))
    assert borne <= set(told)
    assert len(LEADING) == len(set(LEADING.values()))
    assert all(key.startswith("g ") for key in LEADING.values())
