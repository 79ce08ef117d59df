"""Drafts of what people are typing, and who is at a ticket now.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade():
    """Add both tables; nothing in them outlives its use."""
    json = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
    op.create_table(
        "drafts",
        sa.Column(
            "user_id", sa.Integer(), sa.ForeignKey("users.id", name="fk_drafts_user_id"), nullable=False
        ),
        sa.Column(
            "ticket_id", sa.Integer(), sa.ForeignKey("tickets.id", name="fk_drafts_ticket_id"), nullable=False
        ),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("fields", json, nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "ticket_id", "action", name="pk_drafts"),
    )
    op.create_table(
        "presences",
        sa.Column(
            "ticket_id",
            sa.Integer(),
            sa.ForeignKey("tickets.id", name="fk_presences_ticket_id"),
            nullable=False,
        ),
        sa.Column(
            "user_id", sa.Integer(), sa.ForeignKey("users.id", name="fk_presences_user_id"), nullable=False
        ),
        sa.Column("doing", sa.String(32), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", "user_id", name="pk_presences"),
    )


def downgrade():
    """Drop both."""
    op.drop_table("presences")
    op.drop_table("drafts")
