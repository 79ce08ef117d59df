"""Messages that go out: deliveries, destinations, robots, the SMS gateway, rules by role, wordings."""

from datetime import time

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
WORD = sa.String(length=32)
WAITING = sa.text("state = 'waiting'")
LEASED = sa.text("state = 'leased'")
DEAD = sa.text("state = 'dead'")
NIGHT = (time(22, 0), time(7, 30))
STAFF = (
    "intake_clerk", "dispatcher", "station_head", "liaison", "handler", "unit_leader", "supervisor", "caller",
    "chief_officer", "approval_expert", "agent", "policy_officer", "event_officer", "leader", "admin", "auditor",
)  # fmt: skip
BY_PHONE = {"dispatcher", "station_head", "liaison", "handler", "unit_leader", "supervisor"}
RULES = sa.table(
    "message_rules",
    *(sa.column(name, sa.String) for name in ("role", "channel", "reach")),
    sa.column("quiet_from", sa.Time),
    sa.column("quiet_to", sa.Time),
)


def upgrade() -> None:
    _robots()
    _deliveries()
    op.create_table(
        "destinations",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("open_until", MOMENT, nullable=True),
        sa.Column("free_at", MOMENT, nullable=True),
        sa.Column("last_error", sa.String(length=40), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_destinations")),
    )
    _settings()
    op.bulk_insert(RULES, [*_defaults()])


def _robots() -> None:
    op.create_table(
        "robots",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("token", sa.String(length=128), nullable=False),
        sa.Column("secret", sa.String(length=128), nullable=False),
        sa.Column("quiet_from", sa.Time(), nullable=True),
        sa.Column("quiet_to", sa.Time(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_robots_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_robots")),
    )
    op.create_index("ix_robots_unit_id", "robots", ["unit_id"])


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=40), nullable=False),
        sa.Column("channel", WORD, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("robot_id", sa.Integer(), nullable=True),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("destination", sa.String(length=120), nullable=False),
        sa.Column("message_id", sa.String(length=160), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("reason", WORD, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("send_at", MOMENT, nullable=False),
        sa.Column("give_up_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("last_error", sa.String(length=40), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.CheckConstraint("(user_id IS NULL) <> (robot_id IS NULL)", name=op.f("ck_deliveries_one_recipient")),
        sa.CheckConstraint("(state = 'leased') = (lease_until IS NOT NULL)", name=op.f("ck_deliveries_leased_has_an_end")),
        sa.CheckConstraint("(state IN ('sent', 'dead', 'cancelled')) = (ended_at IS NOT NULL)", name=op.f("ck_deliveries_ended_has_a_time")),
        sa.CheckConstraint("(state IN ('dead', 'cancelled')) = (reason IS NOT NULL)", name=op.f("ck_deliveries_unsent_has_a_reason")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_deliveries_user_id")),
        sa.ForeignKeyConstraint(["robot_id"], ["robots.id"], name=op.f("fk_deliveries_robot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("message_id", name=op.f("uq_deliveries_message_id")),
    )  # fmt: skip
    for name, columns, where in (
        ("waiting", ["send_at", "id"], WAITING),
        ("waiting_address", ["address"], WAITING),
        ("leased", ["lease_until"], LEASED),
        ("dead", ["id"], DEAD),
    ):
        op.create_index(
            f"ix_deliveries_{name}", "deliveries", columns, postgresql_where=where, sqlite_where=where
        )
    op.create_index("ix_deliveries_ended_at", "deliveries", ["ended_at"])
    op.create_table(
        "delivery_events",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=40), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_delivery_events_event_id")),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["deliveries.id"],
            name=op.f("fk_delivery_events_delivery_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("event_id", "address", name=op.f("pk_delivery_events")),
    )
    op.create_index("ix_delivery_events_delivery_id", "delivery_events", ["delivery_id"])


def _settings() -> None:
    op.create_table(
        "sms_gateway",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(length=300), nullable=False),
        sa.Column("secret", sa.String(length=200), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_gateway")),
    )
    op.create_table(
        "message_rules",
        sa.Column("role", WORD, nullable=False),
        sa.Column("channel", WORD, nullable=False),
        sa.Column("reach", WORD, nullable=False),
        sa.Column("quiet_from", sa.Time(), nullable=True),
        sa.Column("quiet_to", sa.Time(), nullable=True),
        sa.PrimaryKeyConstraint("role", "channel", name=op.f("pk_message_rules")),
    )
    op.create_table(
        "message_switches",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("channel", WORD, nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_message_switches_user_id")),
        sa.PrimaryKeyConstraint("user_id", "channel", name=op.f("pk_message_switches")),
    )
    op.create_table(
        "message_texts",
        sa.Column("name", WORD, nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", "language", name=op.f("pk_message_texts")),
    )


def _defaults() -> list[dict[str, object]]:
    """Companies hear of everything by e-mail, staff of what they must act on; short messages for what presses."""
    rows: list[dict[str, object]] = [
        {"role": "enterprise", "channel": "email", "reach": "all", "quiet_from": None, "quiet_to": None},
        {
            "role": "enterprise",
            "channel": "sms",
            "reach": "none",
            "quiet_from": NIGHT[0],
            "quiet_to": NIGHT[1],
        },
    ]
    for role in STAFF:
        by_phone = "urgent" if role in BY_PHONE else "none"
        rows += [
            {"role": role, "channel": "email", "reach": "duties", "quiet_from": None, "quiet_to": None},
            {"role": role, "channel": "sms", "reach": by_phone, "quiet_from": NIGHT[0], "quiet_to": NIGHT[1]},
        ]
    return rows


def downgrade() -> None:
    for table in (
        "message_texts", "message_switches", "message_rules", "sms_gateway", "destinations",
        "delivery_events", "deliveries", "robots",
    ):  # fmt: skip
        op.drop_table(table)
