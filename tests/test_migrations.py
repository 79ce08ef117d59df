"""Migrations build exactly what the models say, on both databases, can be taken back, and keep the data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, inspect, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import CreateIndex

from tests.world import World
from ticketing.core.db import Base, db, transaction
from ticketing.tickets import ledger
from ticketing.tickets.words import State

SCRIPTS = ScriptDirectory(str(Path(__file__).parents[1] / "migrations"))
# Made by hand for each database; no model describes them.
BY_HAND = re.compile("alembic_version|ticket_texts")


def is_of_models(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or not BY_HAND.match(name or "")


def tables() -> set[str]:
    return {name for name in inspect(db.engine).get_table_names() if not BY_HAND.match(name)}


def plain(sql: object) -> str:
    """A condition in one form: without the casts, brackets and arrays that PostgreSQL writes."""
    folded = re.sub(r"::[a-z ]+(\[\])?", "", str(sql).lower())
    folded = " ".join(re.sub(r"([=<>]+)", r" \1 ", re.sub(r"[()\"]", " ", folded)).split())
    folded = re.sub(r"= any array\[(.*?)\]", r"in \1", folded)
    folded = re.sub(r"<> all array\[(.*?)\]", r"not in \1", folded)
    return re.sub(r"(\w+) between (\S+) and (\S+)", r"\1 >= \2 and \1 <= \3", folded)


def test_migrations_build_what_the_models_say(app):
    opts = {"compare_type": True, "compare_server_default": True, "include_name": is_of_models}
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=opts)

        assert compare_metadata(context, Base.metadata) == []
    assert tables() == set(Base.metadata.tables)


def test_check_constraints_are_those_of_the_models(app):
    stored = inspect(db.engine)
    for table in Base.metadata.sorted_tables:
        checks = [item for item in table.constraints if isinstance(item, CheckConstraint)]
        wanted = {str(check.name): plain(check.sqltext) for check in checks}

        found = {
            str(item["name"]): plain(item["sqltext"]) for item in stored.get_check_constraints(table.name)
        }

        assert found == wanted, table.name


def test_partial_indexes_have_the_conditions_of_the_models(app):
    wanted = {}
    for index in (index for table in Base.metadata.sorted_tables for index in table.indexes):
        _head, where, condition = str(CreateIndex(index).compile(db.engine)).partition(" WHERE ")
        if where:
            wanted[str(index.name)] = plain(condition)

    assert dict(stored_conditions()) == wanted
    assert len(wanted) >= 3


def stored_conditions() -> Iterator[tuple[str, str]]:
    """The name and the condition of every partial index in the database."""
    if db.engine.dialect.name == "sqlite":
        wanted = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    else:
        wanted = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    for name, sql in db.session.execute(text(wanted)):
        _head, where, condition = sql.partition(" WHERE ")
        if where:
            yield name, plain(condition)


def test_migrations_form_one_line():
    steps = list(SCRIPTS.walk_revisions())

    assert [step.revision for step in reversed(steps)] == [f"{n:04d}" for n in range(1, len(steps) + 1)]


def test_every_step_can_be_taken_back_and_done_again(site, app):
    """One command each way takes every step; each alone would read all the scripts again."""
    before = schema()
    db.session.remove()

    flask_migrate.downgrade(revision="base")
    left = tables()
    flask_migrate.upgrade()

    assert left == set()
    assert schema() == before
    assert World(app).ticket(State.CLOSED)


def schema() -> list[str]:
    """Every table with its columns, indexes, keys, checks and triggers, as the database tells it."""
    stored = inspect(db.engine)
    found = []
    for name in sorted(stored.get_table_names()):
        found.append(name)
        found += [f"{c['name']} {c['type']} {c['nullable']} {c['default']}" for c in stored.get_columns(name)]
        found += sorted(f"{i['name']} {i['column_names']} {i['unique']}" for i in stored.get_indexes(name))
        found += sorted(map(repr, stored.get_foreign_keys(name)))
        found += sorted(map(repr, stored.get_check_constraints(name)))
    return found + sorted(triggers()) + sorted(map(repr, stored_conditions()))


def triggers() -> list[str]:
    if db.engine.dialect.name == "sqlite":
        wanted = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    else:
        wanted = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    found = [str(name) for name in db.session.scalars(text(wanted))]
    assert len(found) >= 2, "the event log is not guarded"
    return found


def test_an_upgrade_with_nothing_to_do_keeps_every_row(world):
    world.ticket(State.CLOSED)
    world.ticket(State.SUSPENDED)
    before = world.fingerprint()
    db.session.remove()

    flask_migrate.upgrade()

    assert world.fingerprint() == before
    assert list(ledger.verify()) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tickets SET status = 'closed'",
        "UPDATE tickets SET status = 'merged'",
        "UPDATE tickets SET status = 'replied', reply = NULL",
        "UPDATE tickets SET satisfaction = 6",
        "UPDATE tickets SET cycle = 0",
        "UPDATE clocks SET state = 'paused'",
        "UPDATE clocks SET state = 'met'",
        "INSERT INTO ticket_units (ticket_id, unit_id) VALUES (999, 1)",
    ],
)
def test_the_database_itself_refuses_what_cannot_be(world, statement):
    world.file()
    before = world.fingerprint()

    with pytest.raises(IntegrityError), transaction():
        db.session.execute(text(statement))

    assert world.fingerprint() == before
