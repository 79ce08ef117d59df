"""Full-text search: the folded text of each ticket and its tokens (FTS5, or tsvector with GIN)."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not a model: the two databases share the name, not the shape. env.py keeps it out of comparisons.
    if op.get_bind().dialect.name == "sqlite":
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


def downgrade() -> None:
    op.execute("DROP TABLE ticket_texts")
