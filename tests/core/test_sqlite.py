"""How SQLite is opened: an acknowledged write survives a power cut."""

from __future__ import annotations

from sqlalchemy import create_engine, text

FULL = 2


def test_every_commit_is_synced_and_nothing_dangles(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'one.db'}")

    with engine.connect() as connection:
        found = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("synchronous", "journal_mode", "foreign_keys")
        }

    engine.dispose()
    assert found == {"synchronous": FULL, "journal_mode": "wal", "foreign_keys": 1}
