"""Lines of the audit log: one thing, one line, whatever was typed."""

from __future__ import annotations

import logging

from ticketing.core import audit
from ticketing.core.actor import SYSTEM


def test_what_was_typed_cannot_begin_a_line_of_its_own(caplog):
    caplog.set_level(logging.INFO, "ticketing.audit")

    audit.note(SYSTEM, "changes unit", "D-PWR", name="供电所\nuser 1 deletes everything\r\x1b[2J")

    (line,) = caplog.messages
    assert line.splitlines() == [line]
    assert line.isprintable()
