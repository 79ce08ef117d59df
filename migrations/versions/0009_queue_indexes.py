"""The queue's counters read off indexes alone.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_OPEN = "status NOT IN ('draft', 'closed', 'rejected', 'withdrawn', 'merged')"
_BEFORE = {
    "ix_tickets_open_status": ["status", "queue_at", "id"],
    "ix_tickets_open_unit_status": ["unit_id", "status", "queue_at"],
}
_AFTER = {
    "ix_tickets_open_status": ["status", "queue_at", "id", "due_at", "cycle"],
    "ix_tickets_open_unit_status": ["unit_id", "status", "queue_at", "due_at", "cycle", "id"],
    "ix_tickets_open_handler": ["handler_id", "unit_id", "queue_at", "id"],
}


def upgrade():
    """Widen two indexes, add one."""
    _replace(_BEFORE, _AFTER)


def downgrade():
    """Put the narrow ones back."""
    _replace(_AFTER, _BEFORE)


def _replace(old, new):
    for name in old:
        op.drop_index(name, table_name="tickets")
    for name, columns in new.items():
        op.create_index(
            name, "tickets", columns, postgresql_where=sa.text(_OPEN), sqlite_where=sa.text(_OPEN)
        )
