"""The index of what is done anew says all that its counter asks for, which read every open ticket instead.

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_NAME = "ix_tickets_open_redo"
_REDO = sa.text("status NOT IN ('draft', 'closed', 'rejected', 'withdrawn', 'merged') AND cycle > 1")


def upgrade() -> None:
    _make_anew("queue_at", "id", "due_at", "status", "unit_id")


def downgrade() -> None:
    _make_anew("queue_at", "id")


def _make_anew(*columns: str) -> None:
    op.drop_index(_NAME, "tickets")
    op.create_index(_NAME, "tickets", columns, postgresql_where=_REDO, sqlite_where=_REDO)
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"ANALYZE {_NAME}")
