"""Steps of warning and escalation, what fired, cards; open clocks and tickets are looked at once."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON_B = sa.JSON().with_variant(JSONB(), "postgresql")
RUNNING = sa.text("state = 'running'")
LOOKED_AT = sa.text("look_at IS NOT NULL")
OPEN_CASE = sa.text("answered_at IS NULL")
CARDED = sa.text("card IS NOT NULL")
NO_CLOCK = sa.text("clock_id IS NULL")
METRIC = sa.Enum("sign", "respond", "resolve", "revisit", name="metric", native_enum=False, length=32)
AUDIENCE = sa.Enum(
    "handler", "unit_leader", "parent", "supervision", "district_leader",
    name="audience", native_enum=False, length=32,
)  # fmt: skip
CARD = sa.Enum("yellow", "red", name="card", native_enum=False, length=32)
ONLY_RUNNING = "next_step_at IS NULL OR state = 'running'"


def upgrade() -> None:
    op.add_column("limit_rules", sa.Column("steps", JSON_B, nullable=True))
    op.add_column("limit_rules", sa.Column("calendar_name", sa.String(length=32), nullable=True))
    op.add_column(
        "limit_rules", sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False)
    )
    _clocks()
    op.add_column("tickets", sa.Column("look_at", MOMENT, nullable=True))
    op.create_index(
        "ix_tickets_look_at", "tickets", ["look_at"], postgresql_where=LOOKED_AT, sqlite_where=LOOKED_AT
    )
    op.add_column("supervisions", sa.Column("card", CARD, nullable=True))
    _reference("supervisions", "revoked_by", "users")
    op.add_column("supervisions", sa.Column("revoked_at", MOMENT, nullable=True))
    op.add_column("supervisions", sa.Column("revoked_because", sa.Text(), nullable=True))
    op.create_index(
        "ix_supervisions_open", "supervisions", ["due_at"], postgresql_where=OPEN_CASE, sqlite_where=OPEN_CASE
    )
    op.create_index(
        "ix_supervisions_cards", "supervisions", ["opened_at"], postgresql_where=CARDED, sqlite_where=CARDED
    )
    _escalations()
    # Nothing is lost: the sweep works out where each open clock stands, and fires what is due.
    op.execute("UPDATE clocks SET next_step_at = started_at WHERE state = 'running'")
    op.execute(
        "UPDATE tickets SET look_at = last_at "
        "WHERE status NOT IN ('draft', 'closed', 'rejected', 'withdrawn', 'merged')"
    )


def _clocks() -> None:
    _reference("clocks", "rule_id", "limit_rules")
    op.add_column("clocks", sa.Column("steps", JSON_B, nullable=True))
    op.add_column("clocks", sa.Column("next_step", sa.Integer(), nullable=True))
    if op.get_bind().dialect.name == "sqlite":  # a new table for one check would let go of what hangs on it
        op.execute(
            "ALTER TABLE clocks ADD COLUMN next_step_at DATETIME "
            f"CONSTRAINT ck_clocks_only_a_running_one_warns CHECK ({ONLY_RUNNING})"
        )
    else:
        op.add_column("clocks", sa.Column("next_step_at", MOMENT, nullable=True))
        op.create_check_constraint("only_a_running_one_warns", "clocks", ONLY_RUNNING)
    op.create_index(
        "ix_clocks_next_step_at", "clocks", ["next_step_at"], postgresql_where=RUNNING, sqlite_where=RUNNING
    )


def _reference(table: str, column: str, other: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {column} INTEGER "
            f"CONSTRAINT fk_{table}_{column} REFERENCES {other} (id)"
        )
        return
    op.add_column(table, sa.Column(column, sa.Integer(), nullable=True))
    op.create_foreign_key(f"fk_{table}_{column}", table, other, [column], ["id"])


def _escalations() -> None:
    op.create_table(
        "escalations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("clock_id", sa.Integer(), nullable=True),
        sa.Column("metric", METRIC, nullable=True),
        sa.Column("step", sa.String(length=32), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("level", AUDIENCE, nullable=False),
        sa.Column("due_moment", MOMENT, nullable=False),
        sa.Column("fired_at", MOMENT, nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("notified", JSON_B, nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_escalations_ticket_id")),
        sa.ForeignKeyConstraint(["clock_id"], ["clocks.id"], name=op.f("fk_escalations_clock_id")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_escalations_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalations")),
        sa.UniqueConstraint("clock_id", "step", "cycle", name=op.f("uq_escalations_clock_id_step_cycle")),
    )
    op.create_index(
        "ix_escalations_once_without_clock", "escalations", ["ticket_id", "step", "cycle"],
        unique=True, postgresql_where=NO_CLOCK, sqlite_where=NO_CLOCK,
    )  # fmt: skip
    op.create_index("ix_escalations_ticket_id", "escalations", ["ticket_id", "cycle"])
    op.create_index("ix_escalations_fired_at", "escalations", ["fired_at", "id"])


def downgrade() -> None:
    op.drop_table("escalations")
    op.drop_index("ix_supervisions_cards", table_name="supervisions")
    op.drop_index("ix_supervisions_open", table_name="supervisions")
    for column in ("revoked_because", "revoked_at", "revoked_by", "card"):
        op.drop_column("supervisions", column)
    op.drop_index("ix_tickets_look_at", table_name="tickets")
    op.drop_column("tickets", "look_at")
    op.drop_index("ix_clocks_next_step_at", table_name="clocks")
    for column in ("next_step_at", "next_step", "steps", "rule_id"):
        op.drop_column("clocks", column)
    for column in ("version", "calendar_name", "steps"):
        op.drop_column("limit_rules", column)
