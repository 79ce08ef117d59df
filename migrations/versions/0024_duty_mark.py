"""A mark that is new after every change of who is on duty, who is away and what they are called.

So a process may remember them.

SQLite: a table that is rebuilt loses its triggers; who rebuilds one of them makes them again.

Revision ID: 0024
Revises: 0023
"""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

# What of each table is read for duty; a person who is new is on duty nowhere yet.
WATCHED = {
    "units": ("INSERT", "UPDATE", "DELETE"),
    "absences": ("INSERT", "UPDATE", "DELETE"),
    "users": ("UPDATE OF name, is_active", "DELETE"),
}


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("INSERT INTO marks (name, value) VALUES ('duty', hex(randomblob(16)))")
        for table, verbs in WATCHED.items():
            for verb in verbs:
                op.execute(
                    f"CREATE TRIGGER {_name(table, verb)} AFTER {verb} ON {table} "
                    "BEGIN UPDATE marks SET value = hex(randomblob(16)) WHERE name = 'duty'; END"
                )
        return
    op.execute("INSERT INTO marks (name, value) VALUES ('duty', gen_random_uuid()::text)")
    op.execute(
        "CREATE FUNCTION mark_duty() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "UPDATE marks SET value = gen_random_uuid()::text WHERE name = 'duty'; RETURN NULL; END $$"
    )
    for table, verbs in WATCHED.items():
        op.execute(
            f"CREATE TRIGGER {table}_duty_mark AFTER {' OR '.join(verbs)} OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION mark_duty()"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table, verbs in WATCHED.items():
            for verb in verbs:
                op.execute(f"DROP TRIGGER {_name(table, verb)}")
    else:
        for table in WATCHED:
            op.execute(f"DROP TRIGGER {table}_duty_mark ON {table}")
        op.execute("DROP FUNCTION mark_duty()")
    op.execute("DELETE FROM marks WHERE name = 'duty'")


def _name(table: str, verb: str) -> str:
    return f"{table}_duty_mark_{verb.split(maxsplit=1)[0].lower()}"
