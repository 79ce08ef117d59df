"""Reply templates of units and of the district.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade():
    """Add the table."""
    op.create_table(
        "reply_texts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "unit_id", sa.Integer(), sa.ForeignKey("units.id", name="fk_reply_texts_unit_id"), nullable=True
        ),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column(
            "category",
            sa.String(8),
            sa.ForeignKey("categories.code", name="fk_reply_texts_category"),
            nullable=True,
        ),
        sa.Column("kind", sa.String(32), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "changed_by",
            sa.Integer(),
            sa.ForeignKey("users.id", name="fk_reply_texts_changed_by"),
            nullable=False,
        ),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_reply_texts_counts_from_one")),
        sa.PrimaryKeyConstraint("id", name="pk_reply_texts"),
    )
    op.create_index("ix_reply_texts_unit_id", "reply_texts", ["unit_id"])


def downgrade():
    """Drop it."""
    op.drop_index("ix_reply_texts_unit_id", table_name="reply_texts")
    op.drop_table("reply_texts")
