"""Parts with a clock of their own, handed in, signed off or called off with a reason.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

from ticketing.core.db import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_OPEN = "finished_at IS NULL AND cancelled_at IS NULL"


def upgrade():
    """Add the columns; a part that is finished was handed in when it was."""
    with op.batch_alter_table("parts") as parts:
        parts.add_column(sa.Column("clock_nth", sa.Integer()))
        parts.add_column(sa.Column("handed_in_at", UtcDateTime(timezone=True)))
        parts.add_column(sa.Column("handed_in_by", sa.Integer()))
        parts.add_column(sa.Column("signed_by", sa.Integer()))
        parts.add_column(sa.Column("cancelled_because", sa.Text()))
        parts.create_foreign_key("fk_parts_handed_in_by", "users", ["handed_in_by"], ["id"])
        parts.create_foreign_key("fk_parts_signed_by", "users", ["signed_by"], ["id"])
        parts.create_check_constraint("finished_has_a_reply", "finished_at IS NULL OR reply IS NOT NULL")
    op.execute("UPDATE parts SET handed_in_at = finished_at")
    op.create_index(
        "ix_parts_open_unit",
        "parts",
        ["unit_id", "due_at", "id"],
        postgresql_where=sa.text(_OPEN),
        sqlite_where=sa.text(_OPEN),
    )


def downgrade():
    """Take them away again."""
    op.drop_index("ix_parts_open_unit", table_name="parts")
    with op.batch_alter_table("parts") as parts:
        parts.drop_constraint(op.f("ck_parts_finished_has_a_reply"), type_="check")
        parts.drop_constraint("fk_parts_signed_by", type_="foreignkey")
        parts.drop_constraint("fk_parts_handed_in_by", type_="foreignkey")
        for name in ("cancelled_because", "signed_by", "handed_in_by", "handed_in_at", "clock_nth"):
            parts.drop_column(name)
