"""Who is away and who stands in, how a unit's tickets find a handler, and what nobody could act on.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

from ticketing.core.db import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade():
    """Make the tables; what is open is looked at with the first hour."""
    op.create_table(
        "absences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("deputy_id", sa.Integer()),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("entered_by", sa.Integer(), nullable=False),
        sa.Column("entered_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", UtcDateTime(timezone=True)),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_absences_ends_after_it_starts")),
        sa.CheckConstraint(
            "deputy_id IS NULL OR deputy_id <> user_id", name=op.f("ck_absences_nobody_is_the_own_deputy")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_absences_user_id")),
        sa.ForeignKeyConstraint(["deputy_id"], ["users.id"], name=op.f("fk_absences_deputy_id")),
        sa.ForeignKeyConstraint(["entered_by"], ["users.id"], name=op.f("fk_absences_entered_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    op.create_index("ix_absences_user_id", "absences", ["user_id", "ends_on"])
    op.create_index("ix_absences_deputy_id", "absences", ["deputy_id", "ends_on"])
    op.create_table(
        "unit_desks",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(32), nullable=False),
        sa.Column("last_user_id", sa.Integer()),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_unit_desks_unit_id")),
        sa.ForeignKeyConstraint(["last_user_id"], ["users.id"], name=op.f("fk_unit_desks_last_user_id")),
        sa.PrimaryKeyConstraint("unit_id", name=op.f("pk_unit_desks")),
    )
    op.create_table(
        "staff_changes",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_staff_changes_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_staff_changes")),
    )
    op.create_table(
        "orphan_looks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("looked_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orphan_looks")),
    )


def downgrade():
    """Drop them."""
    for name in ("orphan_looks", "staff_changes", "unit_desks", "absences"):
        op.drop_table(name)
