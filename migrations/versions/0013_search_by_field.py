"""Full-text search by field: ranked, with attachments' names and phones; what is to be written anew.

Revision ID: 0013
Revises: 0012
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_FIELDS = ("head", "company", "body", "files", "inner_files", "hidden", "inner_hidden", "phone")
# Whoever renames a company, all its requests are found by the new name: the worker writes them anew.
_TICKETS = "SELECT id FROM tickets WHERE enterprise_id = NEW.id AND status <> 'draft'"
_RENAMED = {
    "sqlite": (
        f"""
        CREATE TRIGGER enterprises_renamed AFTER UPDATE OF name ON enterprises WHEN OLD.name <> NEW.name
        BEGIN INSERT OR IGNORE INTO ticket_texts_due (ticket_id) {_TICKETS}; END
        """,
    ),
    "postgresql": (
        f"""
        CREATE FUNCTION enterprises_renamed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO ticket_texts_due (ticket_id) {_TICKETS} ON CONFLICT DO NOTHING;
            RETURN NULL;
        END $$
        """,
        """
        CREATE TRIGGER enterprises_renamed AFTER UPDATE OF name ON enterprises
        FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION enterprises_renamed()
        """,
    ),
}
_FORGOTTEN = {
    "sqlite": ("DROP TRIGGER enterprises_renamed",),
    "postgresql": ("DROP TRIGGER enterprises_renamed ON enterprises", "DROP FUNCTION enterprises_renamed()"),
}


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    op.execute("DROP TABLE ticket_texts")
    if dialect == "sqlite":
        # The rowid is the order of receipt, so that hits come in it.
        columns = ", ".join(f"{name} UNINDEXED" for name in _FIELDS)
        op.execute(
            f"CREATE VIRTUAL TABLE ticket_texts USING fts5(grams, {columns}, "
            "tokenize = 'ascii', detail = none, columnsize = 0)"
        )
    else:
        columns = ", ".join(f'{name} text COLLATE "C" NOT NULL' for name in _FIELDS)
        op.execute(
            "CREATE TABLE ticket_texts ("
            "ticket_id integer CONSTRAINT pk_ticket_texts PRIMARY KEY "
            "CONSTRAINT fk_ticket_texts_ticket_id REFERENCES tickets (id) ON DELETE CASCADE, "
            f"fresh bigint NOT NULL, {columns}, grams tsvector NOT NULL)"
        )
        op.execute("CREATE INDEX ix_ticket_texts_grams ON ticket_texts USING gin (grams)")
        op.execute("CREATE UNIQUE INDEX ix_ticket_texts_fresh ON ticket_texts (fresh)")
    op.execute(
        "CREATE TABLE ticket_texts_due (ticket_id integer CONSTRAINT pk_ticket_texts_due PRIMARY KEY "
        "CONSTRAINT fk_ticket_texts_due_ticket_id REFERENCES tickets (id) ON DELETE CASCADE)"
    )
    for statement in _RENAMED[dialect]:
        op.execute(statement)
    op.execute("INSERT INTO ticket_texts_due (ticket_id) SELECT id FROM tickets WHERE status <> 'draft'")


def downgrade() -> None:
    """Go back to the table of one text each, empty: `flask search rebuild` of that release fills it."""
    dialect = op.get_bind().dialect.name
    for statement in _FORGOTTEN[dialect]:
        op.execute(statement)
    op.execute("DROP TABLE ticket_texts_due")
    op.execute("DROP TABLE ticket_texts")
    if dialect == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE ticket_texts USING "
            "fts5(grams, body UNINDEXED, tokenize = 'ascii', detail = none, columnsize = 0)"
        )
        return
    op.execute(
        "CREATE TABLE ticket_texts ("
        "ticket_id integer CONSTRAINT pk_ticket_texts PRIMARY KEY "
        "CONSTRAINT fk_ticket_texts_ticket_id REFERENCES tickets (id) ON DELETE CASCADE, "
        'body text COLLATE "C" NOT NULL, grams tsvector NOT NULL)'
    )
    op.execute("CREATE INDEX ix_ticket_texts_grams ON ticket_texts USING gin (grams)")
