"""The index of the queue says what is late, so that the list of it is read in order instead of sorted.

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_NAME = "ix_tickets_open_queue"
_OPEN = sa.text("status NOT IN ('draft', 'closed', 'rejected', 'withdrawn', 'merged')")


def upgrade() -> None:
    _make_anew("queue_at", "id", "due_at")


def downgrade() -> None:
    _make_anew("queue_at", "id")


def _make_anew(*columns: str) -> None:
    op.drop_index(_NAME, "tickets")
    op.create_index(_NAME, "tickets", columns, postgresql_where=_OPEN, sqlite_where=_OPEN)
