"""The mistakes that `make defects` sows still fit the code: it is run now and then, the code moves daily."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.defects.seeds import DEFECTS, Defect

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_a_mistake_can_be_sown_and_has_tests_to_catch_it(defect: Defect) -> None:
    assert (ROOT / defect.path).read_text(encoding="utf-8").count(defect.old) == 1
    assert defect.new != defect.old
    for test in defect.tests:
        file, _colons, name = test.partition("::")
        held = ROOT / file
        assert held.exists(), test
        assert not name or f"def {name}(" in held.read_text(encoding="utf-8"), test
