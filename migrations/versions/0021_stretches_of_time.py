"""Search by stretches of time: each text's tokens say in which 3, 24 and 388 days it was received.

SQLite reads hits in the order of receipt anyhow: what is there already stays as it is.

Revision ID: 0021
Revises: 0020
"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_STRETCHES = "ARRAY['v' || (fresh >> 48), 'w' || (fresh >> 51), 'y' || (fresh >> 55)]"
_INDEX = "CREATE INDEX ix_ticket_texts_grams ON ticket_texts USING gin (grams)"


def upgrade() -> None:
    _rewrite(f"grams || array_to_tsvector({_STRETCHES})", tokens_known=500)


def downgrade() -> None:
    _rewrite(f"ts_delete(grams, {_STRETCHES})", tokens_known=-1)


def _rewrite(grams: str, tokens_known: int) -> None:
    """Without the index meanwhile: several times as fast. ``tokens_known``: a tenth of how many, -1 as usual."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(f"ALTER TABLE ticket_texts ALTER COLUMN grams SET STATISTICS {tokens_known}")
    op.execute("DROP INDEX ix_ticket_texts_grams")
    op.execute(f"UPDATE ticket_texts SET grams = {grams}")
    op.execute(_INDEX)
