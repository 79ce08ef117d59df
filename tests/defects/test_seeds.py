"""The mistakes that `make defects` sows still fit the code: their text stands once, their tests exist."""

from __future__ import annotations

import re

import pytest

from tests.defects.__main__ import ROOT
from tests.defects.seeds import DEFECTS


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_a_mistake_can_be_made_in_one_place(defect):
    text = (ROOT / defect.path).read_text(encoding="utf-8")

    assert text.count(defect.old) == 1
    assert defect.new != defect.old


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_whoever_must_see_it_is_there(defect):
    for test in defect.tests:
        path, _colons, name = test.partition("::")
        assert (ROOT / path).exists()
        assert not name or re.search(
            rf"^def {name}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE
        )


def test_no_mistake_is_made_twice():
    assert len({defect.name for defect in DEFECTS}) == len(DEFECTS)
