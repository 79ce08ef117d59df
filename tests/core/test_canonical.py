"""Canonical JSON: the same text as the plain encoder's, whatever was met before."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

from ticketing.core import canonical
from ticketing.tickets.words import Action

AT = datetime(2026, 11, 28, 6, 30, tzinfo=UTC)


def test_a_moment_is_told_in_utc_even_when_it_was_met_in_another_zone_first():
    abroad = (AT + timedelta(microseconds=1)).astimezone(timezone(timedelta(hours=8)))

    assert canonical.moment(abroad) == "2026-11-28T06:30:00.000001+00:00"
    assert canonical.moment(abroad.astimezone(UTC)) == canonical.moment(abroad)
    assert canonical.value(abroad) == '"2026-11-28T06:30:00.000001+00:00"'


def test_piece_by_piece_reads_as_encoded_at_once():
    held = {"b": [1, None, True, '“引号” " \\ \n'], "a": {"z": Action.NOTE, "y": AT}, "0": False}

    plain = {"b": held["b"], "a": {"z": "note", "y": AT.isoformat()}, "0": False}
    assert canonical.value(held) == canonical.encode(plain) == canonical.members(held.items())
    assert json.loads(canonical.value(held)) == plain
