"""What suggestions are made of: learnt models, and the days on which a worker took to learning."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON_B = sa.JSON().with_variant(JSONB(), "postgresql")
TARGET = sa.Enum("category", "department", name="target", native_enum=False, length=32)


def upgrade() -> None:
    op.create_table(
        "learnt_models",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("target", TARGET, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("learnt_at", MOMENT, nullable=False),
        sa.Column("lessons", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("three", sa.Integer(), nullable=False),
        sa.Column("fresh_asked", sa.Integer(), nullable=False),
        sa.Column("fresh_first", sa.Integer(), nullable=False),
        sa.Column("fresh_three", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("data", JSON_B, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learnt_models")),
        sa.UniqueConstraint("target", "version", name=op.f("uq_learnt_models_target_version")),
    )
    op.create_table(
        "learning_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("taken_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_learning_days")),
    )


def downgrade() -> None:
    op.drop_table("learning_days")
    op.drop_table("learnt_models")
