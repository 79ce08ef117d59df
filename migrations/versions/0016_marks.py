"""A mark that is new after every change of the network, so that a process may remember it.

SQLite: a table that is rebuilt loses its triggers; who rebuilds units or categories makes them again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLES = ("units", "categories")


def upgrade() -> None:
    op.create_table(
        "marks",
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("value", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_marks"),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute("INSERT INTO marks (name, value) VALUES ('network', hex(randomblob(16)))")
        for table in TABLES:
            for verb in ("INSERT", "UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_mark_{verb.lower()} AFTER {verb} ON {table} "
                    "BEGIN UPDATE marks SET value = hex(randomblob(16)) WHERE name = 'network'; END"
                )
        return
    op.execute("INSERT INTO marks (name, value) VALUES ('network', gen_random_uuid()::text)")
    op.execute(
        "CREATE FUNCTION mark_network() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "UPDATE marks SET value = gen_random_uuid()::text WHERE name = 'network'; RETURN NULL; END $$"
    )
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_mark AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION mark_network()"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in TABLES:
            for verb in ("insert", "update", "delete"):
                op.execute(f"DROP TRIGGER {table}_mark_{verb}")
    else:
        for table in TABLES:
            op.execute(f"DROP TRIGGER {table}_mark ON {table}")
        op.execute("DROP FUNCTION mark_network()")
    op.drop_table("marks")
