"""Prints of a whole database: what every table holds, in two milliseconds, to see that nothing changed."""

from __future__ import annotations

import hashlib
from functools import cache

from sqlalchemy import Table

from ticketing.core.db import Base, db

# What holds no facts of the product itself.
NOT_COMPARED = {"alembic_version"}


def print_of_rows() -> dict[str, str]:
    """Return a hash over all rows of each table, read anew; equal when no row has changed."""
    db.session.rollback()
    connection = db.session.connection()
    cursor = connection.connection.cursor()
    try:
        if connection.dialect.name == "postgresql":
            cursor.execute(_in_one_question())
            return dict(cursor.fetchall())
        return {
            table.name: hashlib.sha256(repr(cursor.execute(_all_rows(table)).fetchall()).encode()).hexdigest()
            for table in _tables()
        }
    finally:
        cursor.close()


@cache
def _tables() -> list[Table]:
    return [table for name, table in sorted(Base.metadata.tables.items()) if name not in NOT_COMPARED]


@cache
def _all_rows(table: Table) -> str:
    columns, key = ([f'"{column.name}"' for column in part] for part in (table.columns, table.primary_key))
    return f'SELECT {", ".join(columns)} FROM "{table.name}" ORDER BY {", ".join(key)}'


@cache
def _in_one_question() -> str:
    """The sum of the hashes of the rows, whose order does not matter, table by table."""
    return " UNION ALL ".join(
        f"SELECT '{table.name}', count(*) || '/' || coalesce(sum(hashtextextended(r::text, 0)), 0)"
        f' FROM "{table.name}" r'
        for table in _tables()
    )
