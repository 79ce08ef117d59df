"""Lists narrowed by state, level, kind, category, channel or unit are read off an index in their order.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_OPEN = sa.text("status NOT IN ('draft', 'closed', 'rejected', 'withdrawn', 'merged')")
_ORDER = ["received_at", "id"]
_NARROWED = [*_ORDER, "status", "level", "kind", "category", "channel", "unit_id"]


def upgrade():
    """Widen the index of the order of receipt; add one of the open."""
    op.drop_index("ix_tickets_received", table_name="tickets")
    op.create_index("ix_tickets_received", "tickets", _NARROWED)
    op.create_index(
        "ix_tickets_open_received", "tickets", _NARROWED, postgresql_where=_OPEN, sqlite_where=_OPEN
    )


def downgrade():
    """Put the narrow one back."""
    op.drop_index("ix_tickets_open_received", table_name="tickets")
    op.drop_index("ix_tickets_received", table_name="tickets")
    op.create_index("ix_tickets_received", "tickets", _ORDER)
