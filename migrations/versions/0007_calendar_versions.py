"""Calendar versions: later hours, who made them and why; which open clocks count by an older one."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON_B = sa.JSON().with_variant(JSONB(), "postgresql")
CURRENT = sa.text("is_current")
OPEN = sa.text("state IN ('running', 'paused')")


def upgrade() -> None:
    op.add_column("calendars", sa.Column("weekdays", JSON_B, nullable=True))
    op.add_column("calendars", sa.Column("eras", JSON_B, nullable=True))
    op.add_column(
        "calendars", sa.Column("follows_notices", sa.Boolean(), server_default=sa.true(), nullable=False)
    )
    op.add_column("calendars", sa.Column("note", sa.String(length=200), nullable=True))
    op.add_column("calendars", sa.Column("made_at", MOMENT, nullable=True))
    _made_by()
    op.create_index(
        "ix_calendars_current",
        "calendars",
        ["name"],
        unique=True,
        postgresql_where=CURRENT,
        sqlite_where=CURRENT,
    )
    op.create_index(
        "ix_clocks_open_calendar", "clocks", ["calendar_id", "ticket_id"],
        postgresql_where=OPEN, sqlite_where=OPEN,
    )  # fmt: skip


def _made_by() -> None:
    if (
        op.get_bind().dialect.name == "sqlite"
    ):  # a new table would let go of the days and clocks that refer to it
        op.execute(
            "ALTER TABLE calendars ADD COLUMN made_by INTEGER "
            "CONSTRAINT fk_calendars_made_by REFERENCES users (id)"
        )
        return
    op.add_column("calendars", sa.Column("made_by", sa.Integer(), nullable=True))
    op.create_foreign_key("fk_calendars_made_by", "calendars", "users", ["made_by"], ["id"])


def downgrade() -> None:
    op.drop_index("ix_clocks_open_calendar", table_name="clocks")
    op.drop_index("ix_calendars_current", table_name="calendars")
    for column in ("made_by", "made_at", "note", "follows_notices", "eras", "weekdays"):
        op.drop_column("calendars", column)
