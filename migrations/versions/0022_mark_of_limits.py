"""A mark that is new after every change of limit rules and calendars, so that a process may remember them.

SQLite: a table that is rebuilt loses its triggers; who rebuilds one of them makes them again.

Revision ID: 0022
Revises: 0021
"""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

TABLES = ("limit_rules", "calendars")


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("INSERT INTO marks (name, value) VALUES ('limits', hex(randomblob(16)))")
        for table in TABLES:
            for verb in ("INSERT", "UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_mark_{verb.lower()} AFTER {verb} ON {table} "
                    "BEGIN UPDATE marks SET value = hex(randomblob(16)) WHERE name = 'limits'; END"
                )
        return
    op.execute("INSERT INTO marks (name, value) VALUES ('limits', gen_random_uuid()::text)")
    op.execute(
        "CREATE FUNCTION mark_limits() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "UPDATE marks SET value = gen_random_uuid()::text WHERE name = 'limits'; RETURN NULL; END $$"
    )
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_mark AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION mark_limits()"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in TABLES:
            for verb in ("insert", "update", "delete"):
                op.execute(f"DROP TRIGGER {table}_mark_{verb}")
    else:
        for table in TABLES:
            op.execute(f"DROP TRIGGER {table}_mark ON {table}")
        op.execute("DROP FUNCTION mark_limits()")
    op.execute("DELETE FROM marks WHERE name = 'limits'")
